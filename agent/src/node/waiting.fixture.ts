import { systemClock } from '@anyseat/base';

const PATIENCE_MS = 20_000;

/** Values that somebody sends and somebody else waits for, in order, each wait with a bound. */
export class Inbox<T> {
  readonly #arrived: T[] = [];
  readonly #waiting = new Set<() => void>();

  put(value: T): void {
    this.#arrived.push(value);
    for (const wake of this.#waiting) wake();
  }

  /** Takes the first that fits, now or when it comes. */
  async take<U extends T>(fits: (value: T) => value is U, what: string): Promise<U>;
  async take(fits: (value: T) => boolean, what: string): Promise<T>;
  async take(fits: (value: T) => boolean, what: string): Promise<T> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const at = this.#arrived.findIndex(fits);
      if (at >= 0) return this.#arrived.splice(at, 1)[0]!;
      if (late.aborted)
        throw new Error(`waited in vain for ${what}; there is ${JSON.stringify(this.#arrived)}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      late.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  get rest(): readonly T[] {
    return this.#arrived;
  }
}

/** Waits for a condition, with a bound. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs = PATIENCE_MS,
): Promise<void> {
  const late = AbortSignal.timeout(withinMs);
  while (!(await condition())) {
    if (late.aborted) throw new Error(`waited in vain for ${String(condition)}`);
    await systemClock.sleep(5);
  }
}
