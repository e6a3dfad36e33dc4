import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { helloPayload } from '@anyseat/protocol';
import { openIdentity } from './identity.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = join(mkdtempSync(join(tmpdir(), 'anyseat-agent-')), 'state');
});
afterEach(() => rmSync(join(stateDir, '..'), { recursive: true }));

test('a box makes its key once, for itself alone, and is the same afterwards', () => {
  const first = openIdentity(stateDir);
  expect(first.fingerprint).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  expect([statSync(stateDir).mode & 0o777, statSync(join(stateDir, 'key.pem')).mode & 0o777]).toEqual([
    0o700, 0o600,
  ]);
  const again = openIdentity(stateDir);
  expect([again.publicKey, again.fingerprint]).toEqual([first.publicKey, first.fingerprint]);
});

test('the signature proves the key to one hub, for one nonce, on one channel', () => {
  const identity = openIdentity(stateDir);
  const key = createPublicKey({
    key: Buffer.from(identity.publicKey, 'base64'),
    format: 'der',
    type: 'spki',
  });
  const signature = Buffer.from(identity.signHello('hub_1', 'nonce', 'channel', 1), 'base64');
  const holds = (...what: [string, string, string, number]) =>
    verify(null, Buffer.from(helloPayload(...what)), key, signature);
  expect(holds('hub_1', 'nonce', 'channel', 1)).toBe(true);
  expect([
    holds('hub_2', 'nonce', 'channel', 1),
    holds('hub_1', 'other', 'channel', 1),
    holds('hub_1', 'nonce', 'plain', 1),
    holds('hub_1', 'nonce', 'channel', 2),
  ]).toEqual([false, false, false, false]);
});

test('a key that cannot be read is said, and never replaced', () => {
  openIdentity(stateDir);
  const path = join(stateDir, 'key.pem');
  writeFileSync(path, 'rubbish');
  expect(() => openIdentity(stateDir)).toThrow(/move it away to enrol the box anew/);
  expect(readFileSync(path, 'utf8')).toBe('rubbish');
});
