import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { ended, spawnTied, systemClock } from '@anyseat/base';
import type { ChildProcess } from 'node:child_process';
import { root } from '../../../installer/src/commands.ts';
import type { Second } from '../../../agent/src/node/fleet/fleet.ts';

const ONLINE_WITHIN_MS = 180_000;

/** `anyseat-agent fleet` as its users start it: headless agents by the thousand, whose figures are read each second. */
export class FleetProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #last: Second | undefined;

  /** @param behaviour what its file says */
  constructor(folder: string, seats: number, behaviour: Record<string, unknown>) {
    const file = join(folder, 'behaviour.yaml');
    writeFileSync(file, stringify(behaviour));
    const main = join(root, 'agent/src/node/main.ts');
    const args = [
      '--disable-warning=ExperimentalWarning',
      main,
      'fleet',
      '--behaviour',
      file,
      '--seats',
      `${seats}`,
    ];
    this.#child = spawnTied(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    createInterface({ input: this.#child.stdout! }).on(
      'line',
      (line) => (this.#last = JSON.parse(line) as Second),
    );
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves with the first figures of which this is true. */
  async until(what: string, holds: (second: Second) => boolean): Promise<Second> {
    const until = systemClock.monotonic() + ONLINE_WITHIN_MS;
    for (;;) {
      if (this.#last && holds(this.#last)) return this.#last;
      if (this.#child.exitCode !== null || systemClock.monotonic() > until)
        throw new Error(`${what}: in vain; the fleet stands at ${JSON.stringify(this.#last)}`);
      await systemClock.sleep(100);
    }
  }

  /** Tells it to end; resolves with its last figures. */
  async stop(): Promise<Second> {
    const closed = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.kill('SIGTERM');
    await closed;
    if (this.#last?.kind !== 'end') throw new Error('the fleet ended without a word');
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const over = ended(this.#child);
    this.#child.kill('SIGKILL');
    await over;
  }
}
