/** What was done in an interval: counts, never which key. Milliseconds are whole. */
export interface InputReading {
  overMs: number;
  keys: number;
  clicks: number;
  wheel: number;
  moves: number;
  /** Since anything was touched. */
  idleMs: number;
}

/** Something that was touched. Which key it was nobody asks. */
export const touches = ['keys', 'clicks', 'wheel', 'moves'] as const;
export type Touch = (typeof touches)[number];

const nothing = { keys: 0, clicks: 0, wheel: 0, moves: 0 };

/** Counts what a person touches, and how long they have touched nothing. */
export class IdleMeter {
  /** Monotonic ms. */
  readonly #now: () => number;
  #counts = { ...nothing };
  #since: number;
  #touchedAt: number;
  #touched = false;

  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
    this.#touchedAt = this.#since;
  }

  count(touch: Touch, times = 1): void {
    this.#counts[touch] += times;
    this.#touched = true;
    this.#touchedAt = this.#now();
  }

  /** Somebody else knows that nothing has been touched for so long already; a touch that we saw counts more. */
  idleFor(ms: number): void {
    if (!this.#touched) this.#touchedAt = this.#now() - ms;
  }

  /** What was done since the last reading. */
  read(): InputReading {
    const now = this.#now();
    const reading = {
      overMs: Math.round(now - this.#since),
      ...this.#counts,
      idleMs: Math.round(now - this.#touchedAt),
    };
    this.#counts = { ...nothing };
    this.#since = now;
    return reading;
  }
}
