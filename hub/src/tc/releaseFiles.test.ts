import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOUR, isFault, openLog, systemClock, writeReleaseFile, type Clock } from '@anyseat/base';
import { ReleaseFiles } from './releaseFiles.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-releases-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = openLog({ name: 'releases', level: 'silent' });
const { privateKey } = generateKeyPairSync('ed25519');
const releaseFile = (product = 'anyseat-agent') => {
  const file = join(folder, `${product}.release`);
  const about = { product, version: '0.2.0', arch: 'all', node: 24 } as const;
  writeFileSync(file, writeReleaseFile(new Map([['main.js', Buffer.from('1')]]), about, privateKey));
  return file;
};

test('a release is served from any byte on, to whoever has a ticket for it, while the ticket lasts', async () => {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs };
  const files = new ReleaseFiles(join(folder, 'kept'), clock, log);
  const { sha256, bytes } = files.take(releaseFile());
  const server = createServer((request, response) => {
    if (!files.serve(request, response)) response.writeHead(426).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
    return `${answer.status} ${(await answer.arrayBuffer()).byteLength}`;
  };
  try {
    const path = `/releases/${sha256}`;
    const authorization = `Bearer ${files.ticketFor(sha256)}`;
    const other = `Bearer ${files.ticketFor('f'.repeat(64))}`;
    expect([
      await ask(path, { authorization }),
      await ask(path, { authorization, range: 'bytes=5-' }),
      await ask(path, { authorization, range: `bytes=${bytes}-` }),
      await ask(path, { authorization, range: 'bytes=0-5' }),
      await ask(path, { authorization }, 'POST'),
      await ask(path),
      await ask(path, { authorization: other }),
      await ask(`/releases/${'f'.repeat(64)}`, { authorization: other }),
      await ask('/releases/../hub.db', { authorization }),
      await ask('/', { authorization }),
    ]).toEqual([
      `206 ${bytes}`,
      `206 ${bytes - 5}`,
      '416 0',
      '416 0',
      '403 0',
      '403 0',
      '403 0',
      '404 0',
      '426 0',
      '426 0',
    ]);
    aheadMs = HOUR + 1;
    expect(await ask(path, { authorization })).toBe('403 0');
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('a file that is no whole release of ours is refused with a sentence, and nothing is kept', () => {
  const files = new ReleaseFiles(join(folder, 'kept'), systemClock, log);
  const why = (file: string) => {
    try {
      return files.take(file).version;
    } catch (error) {
      return isFault(error) ? error.code : error;
    }
  };
  const cut = releaseFile();
  truncateSync(cut, 700);
  expect([
    why(cut),
    why(releaseFile('other')),
    why(join(folder, 'nothing')),
    why(folder),
    why('/dev/null'),
  ]).toEqual([
    'release-damaged',
    'release-other-product',
    'release-unreadable',
    'release-unreadable',
    'release-unreadable',
  ]);
  const taken = files.take(releaseFile());
  expect(files.has({ ...taken, addedAt: 0 })).toBe(true);
  files.forget(taken.sha256);
  expect(files.has({ ...taken, addedAt: 0 })).toBe(false);
});
