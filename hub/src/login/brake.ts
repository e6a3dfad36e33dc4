import { MINUTE, type Clock } from '@anyseat/base';

/** Fewer than any sensible directory allows before it locks an account: guessing at a seat never locks a victim out. */
const USER_TRIES = 4;
const TC_TRIES = 20;
const WINDOW = 5 * MINUTE;
/** More names than this are not remembered: the oldest are forgotten. */
const MOST_REMEMBERED = 50_000;

/** Our own brake against guessing, by user and by TC: wrong passwords of the last minutes, in memory. */
export class Brake {
  readonly #clock: Clock;
  readonly #failures = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds to wait before the directory is asked again; 0 when it may be asked now. */
  waitMs(user: string, tc: string): number {
    return Math.max(this.#wait(userKey(user), USER_TRIES), this.#wait(`tc ${tc}`, TC_TRIES));
  }

  failed(user: string, tc: string): void {
    for (const key of [userKey(user), `tc ${tc}`]) {
      const times = this.#recent(key);
      times.push(this.#clock.monotonic());
      this.#failures.delete(key);
      this.#failures.set(key, times);
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= MOST_REMEMBERED) break;
      this.#failures.delete(key);
    }
  }

  succeeded(user: string): void {
    this.#failures.delete(userKey(user));
  }

  #wait(key: string, tries: number): number {
    const times = this.#recent(key);
    const oldest = times.at(-tries);
    return oldest === undefined ? 0 : Math.ceil(oldest + WINDOW - this.#clock.monotonic());
  }

  #recent(key: string): number[] {
    const from = this.#clock.monotonic() - WINDOW;
    return (this.#failures.get(key) ?? []).filter((at) => at > from);
  }
}

const userKey = (user: string): string => `user ${user.trim().toLowerCase()}`;
