/** What a fleet counts over its whole life. */
export interface Totals {
  /** Welcomes. */
  welcomed: number;
  /** Connections that were there and are not any more. */
  lost: number;
  /** Tries to connect that came to nothing, by trouble. */
  failedTries: Record<string, number>;
  logins: number;
  grants: number;
  /** By code. */
  refused: Record<string, number>;
  logoffs: number;
  /** Sessions that were picked up after a connection was lost. */
  attached: number;
  /** Sessions that the hub ended. */
  released: number;
  /** Frames about people, sessions and boxes that were handed to a connection, by type. */
  said: Record<string, number>;
  /** Frames of the hub about people and sessions. */
  heard: number;
}

export interface Latency {
  count: number;
  p50Ms: number;
  p99Ms: number;
  mostMs: number;
}

/** Counts for the lines of each second and for the report at the end. */
export class Figures {
  readonly totals: Totals = {
    welcomed: 0,
    lost: 0,
    failedTries: {},
    logins: 0,
    grants: 0,
    refused: {},
    logoffs: 0,
    attached: 0,
    released: 0,
    said: {},
    heard: 0,
  };
  /** Seats with a welcome on the connection that stands. */
  online = 0;
  /** Seats with a desktop. */
  working = 0;
  /** Epoch ms of the last welcome. */
  lastWelcomeAt: number | undefined;
  #second: number[] = [];
  readonly #all = new Spread();

  granted(ms: number): void {
    this.totals.grants++;
    this.#second.push(ms);
    this.#all.add(ms);
  }

  /** Of the grants since the last asking. */
  takeLatency(): Latency | undefined {
    const spread = new Spread();
    for (const ms of this.#second) spread.add(ms);
    this.#second = [];
    return spread.read();
  }

  /** Of all grants. */
  get latency(): Latency | undefined {
    return this.#all.read();
  }
}

export function countIn(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** A day of logins must not fill the memory: from so many on each new one takes the place of an old one. */
const MOST_KEPT = 100_000;

/** Milliseconds, and how they spread. */
class Spread {
  readonly #kept: number[] = [];
  #count = 0;
  #most = 0;

  add(ms: number): void {
    this.#kept[this.#count % MOST_KEPT] = ms;
    this.#count++;
    this.#most = Math.max(this.#most, ms);
  }

  read(): Latency | undefined {
    if (this.#count === 0) return undefined;
    const sorted = this.#kept.toSorted((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1]!);
    return { count: this.#count, p50Ms: at(0.5), p99Ms: at(0.99), mostMs: Math.round(this.#most) };
  }
}
