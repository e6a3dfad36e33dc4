import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path';
import { Fault } from '@anyseat/base';
import { fingerprintOf, helloPayload } from '@anyseat/protocol';
import { ownFolder, readIfThere, writeSecretFile } from './atomicFile.ts';

/**
 * Who this box is: an Ed25519 key pair, made here at the first start. The private key never leaves; the hub knows the
 * public one, and people its fingerprint.
 */
export class Identity {
  readonly #privateKey: KeyObject;
  /** SPKI, DER, base64, as `hello` carries it. */
  readonly publicKey: string;
  /** `K7F2-9QWM-3XTD-0V8N` */
  readonly fingerprint: string;

  constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    this.publicKey = spki.toString('base64');
    this.fingerprint = fingerprintOf(createHash('sha256').update(spki).digest());
  }

  /** Proves the key to this hub on this very connection; base64. */
  signHello(hubId: string, nonce: string, channel: string, protocol: number): string {
    const payload = helloPayload(hubId, nonce, channel, protocol);
    return sign(null, Buffer.from(payload), this.#privateKey).toString('base64');
  }
}

/**
 * The key in `stateDir`, made when there is none.
 *
 * @throws Fault `identity-unreadable` (terminal) when there is one that cannot be read. It is never replaced: a box
 * that silently became another one would have to be approved again, and nobody would know why.
 */
export function openIdentity(stateDir: string): Identity {
  const path = join(ownFolder(stateDir), 'key.pem');
  try {
    const pem = readIfThere(path);
    if (pem !== undefined) return new Identity(ed25519(createPrivateKey(pem)));
  } catch (cause) {
    throw new Fault(
      'identity-unreadable',
      'terminal',
      `${path} cannot be read as this box's key; move it away to enrol the box anew`,
      { cause, fields: { path } },
    );
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  writeSecretFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return new Identity(privateKey);
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key for ${key.asymmetricKeyType}`);
  return key;
}
