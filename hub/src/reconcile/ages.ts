import { SECOND, type Clock } from '@anyseat/base';

/** What has an age here: the same id in the same state since the same moment. */
interface Aged {
  readonly id: string;
  readonly stateSince: number;
}

/** Of the time between two looks no more than this counts: the hub stood still, or its machine or its cloud did. */
const LOOKED_AWAY_MS = 45 * SECOND;

/**
 * How long things have been as they are, by the monotonic clock, and only while this hub looked at them: no clock that
 * is set, no hub that was away or stood still, makes anything old.
 */
export class Ages {
  readonly #clock: Clock;
  readonly #seen = new Map<string, { stateSince: number; from: number }>();
  #lookedAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks at these, all there are; the others are forgotten. Milliseconds that each has been in its state. */
  of<T extends Aged>(all: readonly T[]): (one: T) => number {
    const now = this.#clock.monotonic();
    const away = now - (this.#lookedAt ?? now);
    this.#lookedAt = now;
    const there = new Set(all.map(({ id }) => id));
    for (const [id, seen] of this.#seen) {
      if (!there.has(id)) this.#seen.delete(id);
      else if (away > LOOKED_AWAY_MS) seen.from += away - LOOKED_AWAY_MS;
    }
    for (const { id, stateSince } of all) {
      if (this.#seen.get(id)?.stateSince !== stateSince) this.#seen.set(id, { stateSince, from: now });
    }
    return ({ id }) => now - this.#seen.get(id)!.from;
  }
}
