/**
 * How many desktops are on their way in all pools together (rule 6). Each round says how many its pool has, and
 * reserves at once what it is about to begin, before anybody else can count.
 */
export class BootBudget {
  readonly #most: number;
  readonly #byPool = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** What this pool has on its way now, as the store says. */
  count(pool: string, onTheirWay: number): void {
    this.#byPool.set(pool, onTheirWay);
  }

  /** How many more may begin, in all. */
  get room(): number {
    let all = 0;
    for (const n of this.#byPool.values()) all += n;
    return Math.max(0, this.#most - all);
  }

  reserve(pool: string, more: number): void {
    this.#byPool.set(pool, (this.#byPool.get(pool) ?? 0) + more);
  }

  get onTheirWay(): ReadonlyMap<string, number> {
    return this.#byPool;
  }
}
