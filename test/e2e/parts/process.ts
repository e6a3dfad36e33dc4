import type { ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ended, spawnTied, stopChild } from '@anyseat/base';

/** A program of ours as its user would start it: a process of its own, its output kept in a file and at hand. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  #output = '';
  readonly #closed: Promise<void>;

  constructor(
    command: string,
    args: readonly string[],
    options: { logFile?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
  ) {
    this.child = spawnTied(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    if (options.logFile !== undefined) mkdirSync(dirname(options.logFile), { recursive: true });
    const log =
      options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: 'a' });
    const take = (data: Buffer) => {
      this.#output = (this.#output + data.toString()).slice(-2_000_000);
      log?.write(data);
    };
    this.child.stdout!.on('data', take);
    this.child.stderr!.on('data', take);
    this.#closed = new Promise((resolve) => {
      this.child.once('close', () => {
        if (log) log.end(resolve);
        else resolve();
      });
    });
  }

  /** What it has printed, both streams. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it as a loss of power would, and waits until it is gone. */
  async killHard(): Promise<void> {
    const over = ended(this.child);
    this.child.kill('SIGKILL');
    await over;
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopChild(this.child, 10_000);
    await this.#closed;
  }
}
