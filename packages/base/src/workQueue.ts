import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';

/** When to look at the same key again, if nobody asks sooner. */
export type Next = { again: 'whenTold' } | { againInMs: number };

/**
 * Keys to look at, each at most once at a time: a key added while its work runs is run once more afterwards.
 * A message says which thing to look at, never what to do about it; a lost message therefore costs a delay only.
 * A look that throws is tried again after a jittered back-off, and `onFailure` hears of it.
 */
export class WorkQueue<Key extends string> implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #work: (key: Key, signal: AbortSignal) => Promise<Next>;
  readonly #onFailure: (key: Key, error: unknown, failures: number) => void;
  readonly #concurrency: number;
  readonly #waiting = new Set<Key>();
  readonly #running = new Map<Key, Promise<void>>();
  readonly #again = new Set<Key>();
  readonly #timers = new Map<Key, Disposable>();
  readonly #failures = new Map<Key, number>();
  readonly #stop = new AbortController();

  constructor(options: {
    clock: Clock;
    work: (key: Key, signal: AbortSignal) => Promise<Next>;
    onFailure: (key: Key, error: unknown, failures: number) => void;
    concurrency?: number;
  }) {
    this.#clock = options.clock;
    this.#work = options.work;
    this.#onFailure = options.onFailure;
    this.#concurrency = options.concurrency ?? 4;
  }

  /** Look at this key as soon as there is room. */
  add(key: Key): void {
    if (this.#stop.signal.aborted) return;
    this.#clearTimer(key);
    if (this.#running.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#pump();
  }

  /** How many keys are waiting or being looked at. */
  get size(): number {
    return this.#waiting.size + this.#running.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the queue is closed'));
    this.#waiting.clear();
    for (const key of this.#timers.keys()) this.#clearTimer(key);
    await Promise.all(this.#running.values());
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#concurrency) return;
      this.#waiting.delete(key);
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: Key): Promise<void> {
    let waitMs: number | undefined;
    try {
      const next = await this.#work(key, this.#stop.signal);
      this.#failures.delete(key);
      if ('againInMs' in next) waitMs = next.againInMs;
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      waitMs = 100 + backoffMs(failures, { firstMs: 500, mostMs: 60_000 });
      if (!this.#stop.signal.aborted) this.#onFailure(key, error, failures);
    }
    this.#running.delete(key);
    if (this.#stop.signal.aborted) return;
    if (this.#again.delete(key)) this.#waiting.add(key);
    else if (waitMs !== undefined) this.#later(key, waitMs);
    this.#pump();
  }

  #later(key: Key, ms: number): void {
    this.#clearTimer(key);
    this.#timers.set(
      key,
      this.#clock.after(ms, () => this.add(key)),
    );
  }

  #clearTimer(key: Key): void {
    this.#timers.get(key)?.[Symbol.dispose]();
    this.#timers.delete(key);
  }
}
