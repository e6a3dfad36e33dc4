import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  Fault,
  messageOf,
  readFileList,
  readReleaseKeys,
  sha256Of,
  trustedManifest,
  unpackPayload,
  type ReleaseManifest,
  type SignedManifest,
} from '@anyseat/base';
import { ownFolder, readIfThere, writeSecretFile } from '../atomicFile.ts';

export const slotNames = ['a', 'b'] as const;
export type SlotName = (typeof slotNames)[number];

/**
 * Which release runs. `current` absent: the one of the package. While there is a `trial` the release of the other slot is
 * started instead, so many times at most, until it has proved itself; then it is the current one. Whatever happens in
 * between, what ran before runs again. `last` is what came of the last attempt, for operators.
 */
const updateState = z.object({
  current: z.enum(slotNames).optional(),
  trial: z.object({ slot: z.enum(slotNames), version: z.string(), starts: z.int() }).optional(),
  last: z
    .object({ version: z.string(), state: z.enum(['installed', 'rolledBack']), text: z.string() })
    .optional(),
});
export type UpdateState = z.output<typeof updateState>;

const PRODUCT = 'anyseat-agent';
/** Left free on the disk for everything else, bytes. */
const SPARE_BYTES = 32 * 1024 * 1024;

/**
 * The two places for releases, beside the one that came with the package:
 *
 *     HOME/state.json                  which one runs (`UpdateState`)
 *     HOME/a, HOME/b                   manifest.json, signature, files.json, program/…
 *     HOME/fetched.HASH                what has been fetched of the next one
 *
 * The program is started from a slot only when the manifest is signed by a key of `keysDir`, which belongs to root, and all
 * files are those of the manifest. So whoever can write into HOME can stop a release from running, and not bring in one of
 * their own.
 */
export class Slots {
  readonly home: string;
  readonly #keysDir: string;

  constructor(home: string, keysDir: string) {
    this.home = ownFolder(home);
    this.#keysDir = keysDir;
  }

  /** What cannot be read is as if nothing was ever installed: the release of the package runs. */
  get state(): UpdateState {
    try {
      return updateState.parse(JSON.parse(readIfThere(join(this.home, 'state.json')) ?? '{}'));
    } catch {
      return {};
    }
  }

  /** Durable when it returns. @throws an error of the file system */
  write(state: UpdateState): void {
    writeSecretFile(join(this.home, 'state.json'), `${JSON.stringify(state)}\n`);
  }

  folder(slot: SlotName): string {
    return join(this.home, slot);
  }

  /** The one that may be written: not the one that runs. */
  get spare(): SlotName {
    return this.state.current === 'a' ? 'b' : 'a';
  }

  /** Of keys that cannot be read none is trusted. @throws Fault `release-key-unreadable` */
  trusted(signed: SignedManifest): ReleaseManifest {
    const manifest = trustedManifest(signed, readReleaseKeys(this.#keys()));
    if (manifest.product === PRODUCT) return manifest;
    throw new Fault('release-other-product', 'refused', `this is a release of ${manifest.product}`);
  }

  /** The whole release in a slot, looked at file by file. @throws Fault: nothing, or nothing good, is in it */
  inSlot(slot: SlotName): ReleaseManifest {
    const folder = this.folder(slot);
    const text = readIfThere(join(folder, 'manifest.json'));
    const signature = readIfThere(join(folder, 'signature'));
    const listText = readIfThere(join(folder, 'files.json'));
    if (text === undefined || signature === undefined || listText === undefined)
      throw new Fault('release-damaged', 'refused', `there is no whole release in slot ${slot}`);
    const manifest = this.trusted({ text, signature });
    for (const { path, sha256 } of readFileList(listText, manifest)) {
      if (hashIfThere(join(folder, 'program', path)) === sha256) continue;
      throw new Fault(
        'release-damaged',
        'refused',
        `${path} of release ${manifest.version} is not as it was signed`,
      );
    }
    return manifest;
  }

  /** Files of releases that have been begun to fetch. */
  begun(): string[] {
    return readdirSync(this.home).filter((name) => name.startsWith('fetched.'));
  }

  /** @throws Fault `disk-full` */
  mustHold(bytes: number): void {
    const { bavail, bsize } = statfsSync(this.home);
    const free = bavail * bsize;
    if (free >= bytes + SPARE_BYTES) return;
    const megabytes = (of: number) => Math.ceil(of / 1024 / 1024);
    throw new Fault(
      'disk-full',
      'refused',
      `the disk has ${megabytes(free)} MB free, and ${megabytes(bytes + SPARE_BYTES)} MB are needed`,
    );
  }

  /**
   * Lays a release into the spare slot: whole and on the disk when it returns, or not there at all.
   * @throws Fault `release-damaged`, `release-untrusted`; an error of the file system, with nothing changed but the spare slot
   */
  install(signed: SignedManifest, payload: Buffer): SlotName {
    const manifest = this.trusted(signed);
    const { listText, files } = unpackPayload(payload, manifest);
    const slot = this.spare;
    const draft = join(this.home, `${slot}.new`);
    try {
      rmSync(draft, { recursive: true, force: true });
      const folders = new Set<string>([draft]);
      for (const [path, data] of files) {
        const parts = ['program', ...path.split('/')].slice(0, -1);
        for (let i = 1; i <= parts.length; i++) folders.add(join(draft, ...parts.slice(0, i)));
        mkdirSync(join(draft, ...parts), { recursive: true, mode: 0o700 });
        writeWhole(join(draft, 'program', path), data);
      }
      writeWhole(join(draft, 'manifest.json'), Buffer.from(signed.text));
      writeWhole(join(draft, 'signature'), Buffer.from(signed.signature));
      writeWhole(join(draft, 'files.json'), Buffer.from(listText));
      for (const folder of folders) syncFolder(folder);
      rmSync(this.folder(slot), { recursive: true, force: true });
      renameSync(draft, this.folder(slot));
      syncFolder(this.home);
      this.inSlot(slot);
      return slot;
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
  }

  #keys(): string[] {
    try {
      const names = readdirSync(this.#keysDir).filter((name) => name.endsWith('.pem'));
      return names.sort().map((name) => readFileSync(join(this.#keysDir, name), 'utf8'));
    } catch (cause) {
      throw new Fault(
        'release-key-unreadable',
        'refused',
        `the release keys cannot be read: ${messageOf(cause)}`,
        {
          cause,
        },
      );
    }
  }
}

function hashIfThere(file: string): string | undefined {
  try {
    return sha256Of(readFileSync(file));
  } catch {
    return undefined;
  }
}

function writeWhole(path: string, data: Buffer): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let at = 0; at < data.length;) at += writeSync(file, data, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
