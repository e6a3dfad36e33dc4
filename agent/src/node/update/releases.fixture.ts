import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReleaseFile, writeReleaseFile, type ReleaseManifest } from '@anyseat/base';
import { Slots } from './slots.ts';

const NODE = Number(process.versions.node.split('.')[0]);

/** A folder with places for releases and one trusted key, and what makes releases that are signed by it. */
export function newUpdateHome() {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-update-'));
  const keysDir = join(folder, 'keys');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  mkdirSync(keysDir);
  writeFileSync(join(keysDir, 'a.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const slots = new Slots(join(folder, 'home'), keysDir);
  const release = (version: string, mainJs = '', about: Partial<ReleaseManifest> = {}) =>
    readReleaseFile(
      writeReleaseFile(
        new Map([
          ['main.js', Buffer.from(mainJs)],
          ['page/index.html', Buffer.from(`<p>${version}</p>`)],
        ]),
        { product: 'anyseat-agent', version, arch: 'all', node: NODE, ...about },
        privateKey,
      ),
    );
  return {
    folder,
    keysDir,
    slots,
    release,
    /** Lays it into the spare slot, to be tried at the next start. */
    onTrial(version: string, mainJs = '') {
      const made = release(version, mainJs);
      const slot = slots.install(made, made.payload);
      slots.write({ ...slots.state, trial: { slot, version, starts: 0 } });
      return slot;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
