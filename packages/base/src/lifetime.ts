import { Fault } from './faults.ts';

/**
 * What must be closed, closed in the reverse order of opening, each once, even when one of them fails.
 * `signal` is aborted first, so that what waits stops waiting before what it waits for is gone.
 *
 *     await using lifetime = new Lifetime();
 *     const store = lifetime.own(await openStore(...));
 */
export class Lifetime implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #stop = new AbortController();

  /** Aborted when the end begins. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  own<T extends AsyncDisposable | Disposable>(thing: T): T {
    return this.#stack.use(thing);
  }

  onClose(close: () => void | Promise<void>): void {
    this.#stack.defer(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stop.signal.aborted) this.#stop.abort(stopping());
    await this.#stack.disposeAsync();
  }
}

/** What was under way is broken off, and nobody is at fault. */
const stopping = (): Fault => new Fault('stopping', 'transient', 'shutting down');
