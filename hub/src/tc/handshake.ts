import { hash, randomBytes, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import {
  CHANNEL_BYTES,
  CHANNEL_LABEL,
  fingerprintOf,
  helloPayload,
  OLDEST_PROTOCOL,
  PROTOCOL_VERSION,
  type Hello,
} from '@anyseat/protocol';

/** What a TC must sign: fresh for each connection, bound to this hub and, with TLS, to this very channel. */
export interface Expected {
  hubId: string;
  nonce: string;
  channel: string;
}

export function expectHello(hubId: string, request: IncomingMessage): Expected {
  const { socket } = request;
  const channel =
    socket instanceof TLSSocket
      ? socket.exportKeyingMaterial(CHANNEL_BYTES, CHANNEL_LABEL, Buffer.alloc(0)).toString('base64')
      : 'plain';
  return { hubId, nonce: randomBytes(32).toString('base64url'), channel };
}

export type Proved =
  { ok: true; fingerprint: string } | { ok: false; code: 'protocol-version' | 'bad-signature' };

/** Before the 32 bytes of an Ed25519 key: its SPKI has this one form in DER, so one key has one fingerprint (RFC 8410). */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const SPKI_BYTES = SPKI_HEAD.length + 32;

/** Whether the TC holds the key that it shows. Nothing else that it says is believed (rule 9). */
export function proveKey(hello: Hello, expected: Expected): Proved {
  if (hello.protocol < OLDEST_PROTOCOL || hello.protocol > PROTOCOL_VERSION)
    return { ok: false, code: 'protocol-version' };
  const key = Buffer.from(hello.publicKey, 'base64');
  if (key.length !== SPKI_BYTES || !SPKI_HEAD.equals(key.subarray(0, SPKI_HEAD.length)))
    return { ok: false, code: 'bad-signature' };
  const payload = helloPayload(expected.hubId, expected.nonce, expected.channel, hello.protocol);
  const signature = Buffer.from(hello.signature, 'base64');
  try {
    if (!verify(null, Buffer.from(payload), { key, format: 'der', type: 'spki' }, signature))
      return { ok: false, code: 'bad-signature' };
  } catch {
    // Thirty-two bytes that are no point of the curve.
    return { ok: false, code: 'bad-signature' };
  }
  return { ok: true, fingerprint: fingerprintOf(hash('sha256', key, 'buffer')) };
}
