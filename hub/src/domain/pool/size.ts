import { HOUR, MINUTE } from '@anyseat/base';
import { arriving, type ArrivalWindow } from './arrivals.ts';

/** How fast a pool fills, as measured. */
export interface FillPace {
  /** From the order to the proof. */
  readonly bootMs: number;
  /** Boots at once. */
  readonly atOnce: number;
}

/** What is wanted when. */
export interface Demand {
  /** The floor by the clock at a moment. */
  readonly floorAt: (at: number) => number;
  readonly arrivals: readonly ArrivalWindow[];
  readonly ceiling: number;
}

/** How many desktops a pool wants ready, or on their way, now. */
export interface PoolSize {
  readonly floor: number;
  /** Whom that is for: the moment that has the most of it. Now, or later when boots have to begin now. */
  readonly for: { readonly at: number; readonly desktops: number };
}

/** So much earlier than the measured boot time says: the last ones are slower than the median. */
const MARGIN = 1.25;
const STEP = 5 * MINUTE;
const LEAST_AHEAD = HOUR;
const MOST_AHEAD = 8 * HOUR;

/**
 * The floor now, so that every later moment has what it wants: what is wanted at a moment, and those who come until then, less
 * what may still be begun in between. It is met at the latest moment that its boots allow, and not earlier: desktops that
 * stand by cost memory.
 *
 * Moments are those of the clock that are divisible by five minutes: every table's half-hours are among them, in every zone.
 */
export function sizeAt(now: number, demand: Demand, pace: FillPace): PoolSize {
  const { floorAt, arrivals, ceiling } = demand;
  const bootMs = pace.bootMs * MARGIN;
  const perMs = pace.atOnce / bootMs;
  const ahead = Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, ceiling / perMs + bootMs));
  const floorNow = Math.min(ceiling, floorAt(now));
  let best: PoolSize = { floor: floorNow, for: { at: now, desktops: floorNow } };
  for (let at = now - (now % STEP) + STEP; at <= now + ahead; at += STEP) {
    const desktops = Math.min(ceiling, floorAt(at) + arriving(arrivals, now, at));
    const floor = Math.ceil(desktops - perMs * Math.max(0, at - now - bootMs) - 1e-9);
    if (floor > best.floor) best = { floor, for: { at, desktops: Math.ceil(desktops - 1e-9) } };
  }
  return best;
}

/** When so many more will be ready, of which some are on their way already; epoch ms. */
export function fullAt(
  now: number,
  missing: number,
  onTheirWaySince: readonly number[],
  { bootMs, atOnce }: FillPace,
): number {
  const due = onTheirWaySince.map((since) => Math.max(now, since + bootMs)).sort((a, b) => a - b);
  if (missing <= 0) return now;
  if (missing <= due.length) return due[missing - 1]!;
  const waves = Math.ceil((missing - due.length) / Math.max(1, atOnce));
  return (due.at(-1) ?? now) + waves * bootMs;
}
