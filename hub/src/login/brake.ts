import { MINUTE, type Clock } from '@anyseat/base';

/** Fewer than any sensible directory allows before it locks an account: guessing at a seat never locks a victim out. */
const USER_TRIES = 4;
const TC_TRIES = 20;
const WINDOW = 5 * MINUTE;
/** More names than this are not remembered: the oldest are forgotten. */
const MOST_REMEMBERED = 50_000;

/** One password on its way to a directory: it counts as a wrong one from the start, until it is known to be none. */
export interface Attempt {
  succeeded(): void;
  /** No directory has judged it. */
  wasNone(): void;
}

/**
 * Our own brake against guessing, by user and by TC: wrong passwords of the last minutes, in memory. One that was cut off
 * counts too: the directory may have heard it, and whoever hangs up in time would guess for ever.
 */
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

  begin(user: string, tc: string): Attempt {
    const at = this.#clock.monotonic();
    const keys = [userKey(user), `tc ${tc}`];
    for (const key of keys) this.#set(key, [...this.#recent(key), at]);
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= MOST_REMEMBERED) break;
      this.#failures.delete(key);
    }
    const wasNone = () => {
      for (const key of keys) {
        const times = this.#recent(key);
        const index = times.indexOf(at);
        this.#set(key, index < 0 ? times : times.toSpliced(index, 1));
      }
    };
    return {
      succeeded: () => {
        wasNone();
        this.#failures.delete(userKey(user));
      },
      wasNone,
    };
  }

  /** The latest at the end, so that the oldest are forgotten first. */
  #set(key: string, times: number[]): void {
    this.#failures.delete(key);
    if (times.length > 0) this.#failures.set(key, times);
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
