import { backoffMs, isFault, type Clock, type Fault } from '@anyseat/base';
import type { Deadline } from './deadline.ts';

const MOST_TRIES = 4;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;

/**
 * Tries again after a fault that `may` allows, with a jittered wait or as long as the cloud asks (`retryAfterMs`). A wait
 * that would go past the deadline is not begun: the fault is thrown at once, so that the caller hears it while it is fresh.
 */
export async function repeatedly<T>(
  work: () => Promise<T>,
  options: { clock: Clock; deadline: Deadline; may: (fault: Fault) => boolean; random?: () => number },
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isFault(error) || attempt + 1 >= MOST_TRIES || !options.may(error)) throw error;
      const waitMs = Math.max(
        backoffMs(attempt, { firstMs: FIRST_WAIT_MS, mostMs: LONGEST_WAIT_MS }, options.random),
        Number(error.fields['retryAfterMs'] ?? 0),
      );
      if (waitMs >= options.deadline.leftMs()) throw error;
      await options.clock.sleep(waitMs, options.deadline.signal);
    }
  }
}
