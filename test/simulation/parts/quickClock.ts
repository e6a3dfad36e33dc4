import { SECOND, systemClock, type Clock } from '@anyseat/base';

/** Patience with others, who live in our time (a hello, an answer to a ping), is not shortened below this. */
const LEAST_PATIENCE_MS = 4 * SECOND;

const wall = systemClock.now();
const start = systemClock.monotonic();

/**
 * Time that passes so many times as fast, all of it: what a hub does every two seconds it does ten times a second. All
 * clocks of one speed agree, as those of a hub before and after a restart do.
 */
export function quickClock(times: number): Clock {
  const passed = () => (systemClock.monotonic() - start) * times;
  const patience = (ms: number) => (ms >= 5 * SECOND ? Math.max(ms / times, LEAST_PATIENCE_MS) : ms / times);
  return {
    now: () => Math.round(wall + passed()),
    monotonic: () => passed(),
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
    after: (ms, fn) => systemClock.after(patience(ms), fn),
  };
}
