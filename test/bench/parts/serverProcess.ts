import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { ended, spawnTied, stopChild, systemClock } from '@anyseat/base';

const START_WITHIN_MS = 30_000;

/** A program of ours that listens on a port that it was given; what it says goes to a file, as under systemd. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly port: number;
  /** When it was begun, epoch ms. */
  readonly begunAt: number;

  constructor(options: {
    port: number;
    args: readonly string[];
    nodeArgs?: readonly string[];
    logFile: string;
  }) {
    this.port = options.port;
    this.#logFile = options.logFile;
    const log = openSync(options.logFile, 'a');
    this.begunAt = performance.timeOrigin + performance.now();
    const args = ['--disable-warning=ExperimentalWarning', ...(options.nodeArgs ?? []), ...options.args];
    this.#child = spawnTied(process.execPath, args, { stdio: ['ignore', log, log] });
    closeSync(log);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves as soon as it takes connections. */
  async listening(): Promise<void> {
    const until = systemClock.monotonic() + START_WITHIN_MS;
    while (!(await takesConnections(this.port))) {
      if (this.#child.exitCode !== null || systemClock.monotonic() > until)
        throw new Error(`it does not listen: ${readFileSync(this.#logFile, 'utf8').slice(-2000)}`);
      await systemClock.sleep(5);
    }
  }

  /** Ends at once, as by a loss of power. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await ended(this.#child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopChild(this.#child, 10_000);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
