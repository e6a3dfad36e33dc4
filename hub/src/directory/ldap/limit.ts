import type { Clock } from '@anyseat/base';

/** When a request must be over, and who may call it off before. Handed down from the login to the socket. */
export interface Limit {
  /** On the clock's `monotonic`. */
  readonly at: number;
  readonly signal: AbortSignal;
}

export const limitOf = (clock: Clock, ms: number, signal: AbortSignal): Limit => ({
  at: clock.monotonic() + ms,
  signal,
});

export const leftMs = (clock: Clock, limit: Limit): number => Math.max(0, limit.at - clock.monotonic());

/** Half of what is left where something else can be tried afterwards, else all of it; never more than `mostMs`. */
export function share(clock: Clock, limit: Limit, more: boolean, mostMs = Infinity): Limit {
  const left = leftMs(clock, limit);
  return limitOf(clock, Math.min(mostMs, more ? left / 2 : left), limit.signal);
}

/**
 * Calls `giveUp` once, with the reason, when the limit is reached or the request called off; not at all once disposed.
 * An aborted signal calls at once.
 */
export function guard(
  clock: Clock,
  limit: Limit,
  late: () => Error,
  giveUp: (why: Error) => void,
): Disposable {
  const { signal } = limit;
  const onAbort = () => giveUp(signal.reason as Error);
  if (signal.aborted) {
    onAbort();
    return { [Symbol.dispose]: () => undefined };
  }
  const timer = clock.after(leftMs(clock, limit), () => giveUp(late()));
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    [Symbol.dispose]: () => {
      timer[Symbol.dispose]();
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/** Waits for something that goes on without us; rejects when the limit is reached or the request called off. */
export async function orLate<T>(clock: Clock, limit: Limit, what: Promise<T>, late: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  using _ = guard(clock, limit, late, reject);
  return await Promise.race([what, promise]);
}
