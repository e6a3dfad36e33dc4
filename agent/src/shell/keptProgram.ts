import type { ChildProcess } from 'node:child_process';
import { ended, messageOf, SECOND, stopChild, type Clock, type Log } from '@anyseat/base';

export interface KeptProgramOptions {
  name: string;
  /** Starts it; called again whenever it has ended. */
  start: () => ChildProcess;
  clock: Clock;
  log: Log;
}

const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 10 * SECOND;
/** One that ran this long was well: the next pause is a short one again. */
const WELL_AFTER_MS = 30 * SECOND;

/** A program that is started again whenever it ends, for as long as we live. */
export class KeptProgram implements AsyncDisposable {
  readonly #options: KeptProgramOptions;
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;
  #child: ChildProcess | undefined;

  constructor(options: KeptProgramOptions) {
    this.#options = options;
    this.#over = this.#run();
  }

  /** Of the run that goes on, or was the last. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends it, so that it is started afresh. */
  restart(why: string): void {
    // Between two runs there is nothing to end.
    if (this.#child?.kill('SIGKILL'))
      this.#options.log.warn({ why }, `${this.#options.name} is started afresh`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the agent stops'));
    if (this.#child) await stopChild(this.#child);
    await this.#over;
  }

  /** A start that fails (a full disk) is an end like any other: it is tried again. */
  async #runOnce(start: () => ChildProcess): Promise<Awaited<ReturnType<typeof ended>>> {
    try {
      this.#child = start();
      return await ended(this.#child);
    } catch (error) {
      this.#options.log.error({ why: messageOf(error) }, `${this.#options.name} could not be started`);
      return { code: null, signal: null };
    }
  }

  async #run(): Promise<void> {
    const { name, start, clock, log } = this.#options;
    const { signal } = this.#stop;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2)) {
      const from = clock.monotonic();
      const { code, signal: killedBy } = await this.#runOnce(start);
      if (signal.aborted) return;
      const ranMs = Math.round(clock.monotonic() - from);
      if (ranMs > WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      log.warn({ code, signal: killedBy, ranMs, pauseMs }, `${name} ended`);
      await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }
}
