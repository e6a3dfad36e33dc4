import type { Clock } from '@anyseat/base';

/** A signal that is aborted when the caller's is, or when time is up; `late` tells which. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** True when time ran out before the caller gave up. */
  readonly late: boolean;
  leftMs(): number;
}

export function deadlineIn(ms: number, clock: Clock, caller?: AbortSignal): Deadline {
  const stop = new AbortController();
  const end = clock.monotonic() + ms;
  let late = false;
  const timer = clock.after(ms, () => {
    late = !stop.signal.aborted;
    stop.abort(new Error(`no answer within ${ms} ms`));
  });
  const onCaller = () => stop.abort(caller!.reason);
  if (caller?.aborted) onCaller();
  else caller?.addEventListener('abort', onCaller, { once: true });
  return {
    signal: stop.signal,
    get late() {
      return late;
    },
    leftMs: () => end - clock.monotonic(),
    [Symbol.dispose]: () => {
      timer[Symbol.dispose]();
      caller?.removeEventListener('abort', onCaller);
    },
  };
}

/** The promise, or the signal's reason if that is first. What was waited for goes on by itself. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(signal.reason as Error);
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
