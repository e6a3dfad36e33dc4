import { MINUTE, type Clock } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { ArrivalWindow } from '../domain/pool/arrivals.ts';
import { demandOf } from '../domain/pool/schedule.ts';
import { sizeAt, type FillPace, type PoolSize } from '../domain/pool/size.ts';

/** Tables change by the half-hour, and the curve slowly: a look at every hour ahead is not for every round. */
const RECKONED_FOR_MS = 30_000;
/** Nothing is given back before it was too many for this long: the next ones come in a moment. */
const KEEP_MS = 15 * MINUTE;
/** So much of what is ready goes within a minute, after a shift. */
const SHRINK_SHARE = 0.1;

interface Reckoned {
  at: number;
  revision: number;
  timeZone: string;
  pace: FillPace;
  rostered: readonly ArrivalWindow[];
  size: PoolSize;
}

const NOBODY: readonly ArrivalWindow[] = [];

/** How many desktops a pool wants now, and how gently it gives back what is too many. One a pool. */
export class Sizes {
  readonly #clock: Clock;
  #reckoned: Reckoned | undefined;
  #wanted: { at: number; floor: number }[] = [];
  #revision = 0;
  #shrunkAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was reckoned last. */
  get size(): PoolSize | undefined {
    return this.#reckoned?.size;
  }

  /**
   * @param ready how many are ready now
   * @param rostered who is expected by rosters; the same list until that changes
   */
  now(
    pool: { revision: number; spec: PoolSpec },
    timeZone: string,
    pace: FillPace,
    ready: number,
    rostered: readonly ArrivalWindow[] = NOBODY,
  ): { floor: number; keep: number; shrink: number } {
    const at = this.#clock.monotonic();
    const { floor } = this.#reckon(pool, timeZone, pace, rostered).size;
    // An operator who lowers the floor means it.
    if (this.#revision !== pool.revision) this.#wanted = [];
    this.#revision = pool.revision;
    this.#wanted = this.#wanted.filter((one) => at - one.at < KEEP_MS && one.floor > floor);
    this.#wanted.push({ at, floor });
    return {
      floor,
      keep: Math.max(...this.#wanted.map((one) => one.floor)),
      shrink: at - this.#shrunkAt >= MINUTE ? Math.max(1, Math.ceil(ready * SHRINK_SHARE)) : 0,
    };
  }

  /** Some are given back now. */
  shrunk(): void {
    this.#shrunkAt = this.#clock.monotonic();
  }

  #reckon(
    { revision, spec }: { revision: number; spec: PoolSpec },
    timeZone: string,
    pace: FillPace,
    rostered: readonly ArrivalWindow[],
  ): Reckoned {
    const at = this.#clock.monotonic();
    const last = this.#reckoned;
    const same =
      last?.revision === revision &&
      last.rostered === rostered &&
      last.timeZone === timeZone &&
      last.pace.bootMs === pace.bootMs &&
      last.pace.atOnce === pace.atOnce;
    if (last && same && at - last.at < RECKONED_FOR_MS) return last;
    const now = this.#clock.now();
    const size = sizeAt(now, demandOf(spec, timeZone, now, rostered), pace);
    return (this.#reckoned = { at, revision, timeZone, pace, rostered, size });
  }
}
