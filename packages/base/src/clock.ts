/**
 * The only place that reads the machine's time or starts a timer. Everything else is handed a `Clock`,
 * so that a simulation can run a day in a second and a test never sleeps.
 */
export interface Clock {
  /** Wall clock, epoch milliseconds. For people and audit rows; never for deadlines (it jumps). */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. For deadlines, back-off and measurements. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `fn` once after `ms`, unless disposed before. Does not keep the process alive. */
  after(ms: number, fn: () => void): Disposable;
}

/** Node clamps a longer timer to 1 ms; a wait this long is a wait for ever. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal!.reason as Error);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.min(ms, LONGEST_TIMER_MS),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  after: (ms, fn) => {
    const timer = setTimeout(fn, Math.min(ms, LONGEST_TIMER_MS));
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Seconds, minutes and hours in milliseconds, so that no reader counts zeros. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
