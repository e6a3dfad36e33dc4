import { systemClock } from '@anyseat/base';

/** What a closed loop came to: the next begins as soon as one is done, so many at any time. */
export interface Pace {
  perSecond: number;
  /** Milliseconds that each took. */
  took: number[];
}

/** @param work gets the number of the worker that does it, from 0 */
export async function closedLoop(
  options: { inFlight: number; forMs: number },
  work: (worker: number) => Promise<void>,
): Promise<Pace> {
  const took: number[] = [];
  const start = systemClock.monotonic();
  const end = start + options.forMs;
  const loop = async (worker: number) => {
    for (let began = systemClock.monotonic(); began < end; began = systemClock.monotonic()) {
      await work(worker);
      took.push(systemClock.monotonic() - began);
    }
  };
  await Promise.all(Array.from({ length: options.inFlight }, (_, worker) => loop(worker)));
  return { perSecond: took.length / ((systemClock.monotonic() - start) / 1000), took };
}
