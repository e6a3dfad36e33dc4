import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { Fault } from '@anyseat/base';
import { ownFolder, readIfThere, writeSecretFile } from '../atomicFile.ts';
import { Identity } from '../identity.ts';

/**
 * The keys of so many seats, the same ones at every start; those that are missing are made. A smaller fleet uses the first.
 *
 * @throws Fault `identity-unreadable` (terminal) when there are some that cannot be read; they are never replaced
 */
export function openKeys(folder: string, seats: number): Identity[] {
  const path = join(ownFolder(folder), 'keys');
  const kept = (readIfThere(path) ?? '').split('\n').filter((line) => line !== '');
  const missing = Array.from({ length: Math.max(0, seats - kept.length) }, newKey);
  if (missing.length > 0) writeSecretFile(path, `${[...kept, ...missing].join('\n')}\n`);
  return [...kept, ...missing].slice(0, seats).map((line, i) => {
    try {
      const key = createPrivateKey({ key: Buffer.from(line, 'base64'), format: 'der', type: 'pkcs8' });
      if (key.asymmetricKeyType !== 'ed25519') throw new Error(`a key for ${key.asymmetricKeyType}`);
      return new Identity(key);
    } catch (cause) {
      throw new Fault('identity-unreadable', 'terminal', `${path}: line ${i + 1} is no key of a seat`, {
        cause,
      });
    }
  });
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
}
