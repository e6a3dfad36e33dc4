import { messageOf, type Clock, type Log } from '@anyseat/base';

export interface RoundsOptions {
  clock: Clock;
  log: Log;
  /** Between the end of a round and the next one, ms. */
  restMs: number;
  /** The first round comes at the start, not after the first rest. */
  atOnce?: boolean;
  /** What the log says of a round that failed. */
  failed: string;
  round: () => Promise<void>;
}

/** Does something again and again until it is disposed. What fails in a round is told, and the next one comes all the same. */
export class Rounds implements AsyncDisposable {
  readonly #options: RoundsOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Aborted once it is disposed: nothing begins any more, and what fails now fails for that. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** A part of a round whose failure is not to keep the rest of it. Never throws. */
  async attempt(part: () => Promise<void>, about: object = {}): Promise<void> {
    const { log, failed } = this.#options;
    try {
      await part();
    } catch (error) {
      if (!this.signal.aborted) log.warn({ ...about, why: messageOf(error) }, failed);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, restMs, round, atOnce = false } = this.#options;
    const rest = () => clock.sleep(restMs, this.signal).catch(() => undefined);
    if (!atOnce) await rest();
    while (!this.signal.aborted) {
      await this.attempt(round);
      await rest();
    }
  }
}
