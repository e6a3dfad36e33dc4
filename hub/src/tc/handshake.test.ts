import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { fingerprintOf, helloPayload, PROTOCOL_VERSION, type Hello } from '@anyseat/protocol';
import { proveKey, type Expected } from './handshake.ts';

const expected: Expected = { hubId: 'hub_1', nonce: 'n'.repeat(43), channel: 'plain' };
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const derOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

function hello(more: Partial<Hello> = {}, signed: Expected = expected): Hello {
  const payload = helloPayload(signed.hubId, signed.nonce, signed.channel, PROTOCOL_VERSION);
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    agentVersion: 'test',
    publicKey: derOf(publicKey).toString('base64'),
    signature: sign(null, Buffer.from(payload), privateKey).toString('base64'),
    ...more,
  };
}

test('a key that signs for this hub, this connection and this channel is proved, by its fingerprint', () => {
  const fingerprint = fingerprintOf(createHash('sha256').update(derOf(publicKey)).digest());
  expect(proveKey(hello(), expected)).toEqual({ ok: true, fingerprint });
  const spaced = derOf(publicKey).toString('base64').replace(/.{10}/g, '$& ');
  expect(proveKey(hello({ publicKey: spaced }), expected)).toEqual({ ok: true, fingerprint });
});

test.each<[why: string, hello: Hello]>([
  ['another hub’s', hello({}, { ...expected, hubId: 'hub_2' })],
  ['an earlier connection’s', hello({}, { ...expected, nonce: 'm'.repeat(43) })],
  ['another channel’s', hello({}, { ...expected, channel: 'tls' })],
  ['of another key', hello({ publicKey: spki(generateKeyPairSync('ed25519').publicKey) })],
  ['of a key of another kind', hello({ publicKey: spki(generateKeyPairSync('x25519').publicKey) })],
  ['of a key with something behind it', hello({ publicKey: spki(publicKey, '00') })],
  ['of bytes that are no point of the curve', hello({ publicKey: derText('ff'.repeat(32)) })],
  ['of nothing', hello({ publicKey: '' })],
  ['none', hello({ signature: '' })],
])('a signature that is %s proves nothing', (_why, wrong) => {
  expect(proveKey(wrong, expected)).toEqual({ ok: false, code: 'bad-signature' });
});

test('a version that is not spoken here is told apart from a wrong signature', () => {
  const answer = proveKey(hello({ protocol: PROTOCOL_VERSION + 1 }), expected);
  expect(answer).toEqual({ ok: false, code: 'protocol-version' });
});

function spki(key: KeyObject, more = ''): string {
  return Buffer.concat([derOf(key), Buffer.from(more, 'hex')]).toString('base64');
}

function derText(point: string): string {
  return Buffer.concat([derOf(publicKey).subarray(0, 12), Buffer.from(point, 'hex')]).toString('base64');
}
