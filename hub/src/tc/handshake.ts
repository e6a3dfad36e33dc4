import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
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

/** Whether the TC holds the key that it shows. Nothing else that it says is believed (rule 9). */
export function proveKey(hello: Hello, expected: Expected): Proved {
  if (hello.protocol < OLDEST_PROTOCOL || hello.protocol > PROTOCOL_VERSION)
    return { ok: false, code: 'protocol-version' };
  const der = Buffer.from(hello.publicKey, 'base64');
  const payload = helloPayload(expected.hubId, expected.nonce, expected.channel, hello.protocol);
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') return { ok: false, code: 'bad-signature' };
    if (!verify(null, Buffer.from(payload), key, Buffer.from(hello.signature, 'base64')))
      return { ok: false, code: 'bad-signature' };
    // The key's own encoding, not the one that was sent: one key has one fingerprint.
    return {
      ok: true,
      fingerprint: fingerprintOf(
        createHash('sha256')
          .update(key.export({ format: 'der', type: 'spki' }))
          .digest(),
      ),
    };
  } catch {
    return { ok: false, code: 'bad-signature' };
  }
}
