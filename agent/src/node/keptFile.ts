import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, type Log } from '@anyseat/base';
import { MOST_REMEMBERED, type Kept } from '../common/seat.ts';
import { ownFolder, readIfThere, trySecretFile } from './atomicFile.ts';

const short = z.string().min(1).max(64);
const kept = z.object({
  session: z
    .object({
      id: short,
      generation: z.int().positive(),
      secret: short,
      person: z.object({ displayName: z.string(), user: z.string() }),
      desktop: z.object({ name: z.string(), pool: z.string() }),
      graceMs: z.number().optional(),
      mayReplace: z.boolean().optional(),
    })
    .optional(),
  logoffs: z.array(z.object({ requestId: short, sessionId: short, secret: short })).max(MOST_REMEMBERED),
});

/** Filesystems whose content is gone when the power is (statfs(2)): tmpfs, ramfs. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/**
 * The proof of the running session, for the time that the agent itself is gone: `session.json` in the run folder, 0600.
 * It is there exactly as long as there is something to prove, so that nothing of a person stays on the box.
 */
export class KeptFile {
  readonly #path: string;
  readonly #log: Log;
  #written = '';

  constructor(runDir: string, log: Log) {
    this.#path = join(ownFolder(runDir), 'session.json');
    this.#log = log;
    if (!IN_MEMORY.has(statfsSync(runDir).type)) {
      log.warn(
        { runDir },
        'the run folder is on a disk: the proof of a session could outlive a power-off there',
      );
    }
  }

  read(): Kept {
    try {
      const text = readIfThere(this.#path);
      if (text === undefined) return { logoffs: [] };
      this.#written = text;
      return kept.parse(JSON.parse(text));
    } catch (error) {
      this.#log.warn(
        { why: messageOf(error) },
        'the proof of an earlier session cannot be read; it is dropped',
      );
      this.write({ logoffs: [] });
      return { logoffs: [] };
    }
  }

  /** Called after every step; the disk is touched only when something changed. */
  write(value: Kept): void {
    const empty = value.session === undefined && value.logoffs.length === 0;
    const text = empty ? '' : `${JSON.stringify(value)}\n`;
    if (text === this.#written) return;
    this.#written = text;
    // A full disk must not keep anybody from working; only the way back after a crash is lost.
    if (empty) rmSync(this.#path, { force: true });
    else trySecretFile(this.#path, text, this.#log);
  }
}
