import { MINUTE } from '@anyseat/base';
import type { ArrivalWindow } from '../pool/arrivals.ts';
import type { Shift } from './shifts.ts';

/** A shift whose people sit down anew, and the pool that they are served from. */
export interface Arrival {
  shift: Shift;
  pool: string;
  /** Who has a desktop of their own there. */
  bound: boolean;
  earlyMinutes: number;
  lateMinutes: number;
}

/** Whom nothing has to be ready for. */
export interface Served {
  /** Somebody by name who is logged in, or whose own desktop is there. */
  hasOne: (user: string, pool: string) => boolean;
  /** Desktops of a pool that belong to somebody already. */
  owned: (pool: string) => number;
}

/**
 * When people sit down, by pool, in order: from so long before their shift to so long after it began. Of a head count that is
 * served by desktops of one’s own only those are left for whom there is none yet.
 */
export function arrivalWindows(
  arrivals: readonly Arrival[],
  { hasOne, owned }: Served,
): Map<string, ArrivalWindow[]> {
  const byPool = new Map<string, Map<string, ArrivalWindow>>();
  const left = new Map<string, number>();
  for (const { shift, pool, bound, earlyMinutes, lateMinutes } of arrivals) {
    if (shift.person !== undefined && hasOne(shift.person, pool)) continue;
    let people = shift.heads;
    if (bound && shift.person === undefined) {
      // Who comes at one hour is not who comes at another.
      const key = `${pool} ${shift.from}`;
      const free = left.get(key) ?? owned(pool);
      left.set(key, Math.max(0, free - people));
      people = Math.max(0, people - free);
    }
    if (people === 0) continue;
    const [from, to] = [shift.from - earlyMinutes * MINUTE, shift.from + lateMinutes * MINUTE];
    const own = byPool.get(pool) ?? new Map<string, ArrivalWindow>();
    byPool.set(pool, own);
    const key = `${from} ${to}`;
    own.set(key, { from, to, people: (own.get(key)?.people ?? 0) + people });
  }
  return new Map([...byPool].map(([pool, own]) => [pool, [...own.values()].sort((a, b) => a.from - b.from)]));
}
