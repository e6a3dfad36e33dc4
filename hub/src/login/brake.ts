import { MINUTE, SECOND, type Clock } from '@anyseat/base';
import type { AuthRefusal } from '../domain/person.ts';

/** How many wrong passwords are too many, within a window of time. */
export interface BrakeLimits {
  /** For one login name: fewer than the directory allows before it locks an account. */
  user: number;
  /** At one thin client. */
  tc: number;
  /** At one site: from then on each name typed there has half as many, and each thin client a quarter. */
  site: number;
  windowMs: number;
}

/** Fewer than most directories allow before they lock an account: guessing at a seat never locks a victim out. */
export const usualLimits: BrakeLimits = { user: 4, tc: 20, site: 200, windowMs: 5 * MINUTE };

/**
 * A password that was typed so long ago has been judged, or never will be. In a storm of logins hundreds are on their way at
 * one site, and none of them is wrong yet.
 */
const JUDGED_MS = 10 * SECOND;

/** More names than this are not remembered: the oldest are forgotten. */
const MOST_REMEMBERED = 50_000;

/** Refusals of who knows the password: nobody guesses here. */
const ofTheRightPassword: ReadonlySet<AuthRefusal> = new Set(['password-expired', 'password-must-change']);

export const isRight = (refusal: string): boolean => (ofTheRightPassword as ReadonlySet<string>).has(refusal);

/** One password on its way to a directory: it counts as a wrong one from the start, until it is known to be none. */
export interface Attempt {
  succeeded(): void;
  /** No directory has judged it. */
  wasNone(): void;
}

/**
 * Our own brake against guessing, by user, TC and site: wrong passwords of the last minutes, in memory. One that was cut off
 * counts too: the directory may have heard it, and whoever hangs up in time would guess for ever.
 *
 * A site is never shut: at the start of a shift hundreds mistype, and whoever could shut it by typing would. Where too much
 * goes wrong at one, a few tries less are given to each name and each TC there, so that somebody who goes from box to box
 * trying one password on many names gets slow, and who types their own password right notices nothing.
 */
export class Brake {
  readonly #clock: Clock;
  readonly #limitsNow: () => BrakeLimits;
  readonly #onTight: (site: string) => void;
  readonly #tight = new Set<string>();
  readonly #failures = new Map<string, number[]>();

  /** @param onTight somebody may be guessing at this site: told when it begins */
  constructor(
    clock: Clock,
    limits: () => BrakeLimits = () => usualLimits,
    onTight: (site: string) => void = () => undefined,
  ) {
    this.#clock = clock;
    this.#limitsNow = limits;
    this.#onTight = onTight;
  }

  get #limits(): BrakeLimits {
    return this.#limitsNow();
  }

  /** Milliseconds to wait before the directory is asked again; 0 when it may be asked now. */
  waitMs(user: string, tc: string, site?: string): number {
    const { user: userTries, tc: tcTries } = this.#limits;
    const isTight = site !== undefined && this.isTight(site);
    return Math.max(
      this.#wait(userKey(user), isTight ? Math.ceil(userTries / 2) : userTries),
      this.#wait(`tc ${tc}`, isTight ? Math.ceil(tcTries / 4) : tcTries),
    );
  }

  /** Whether so much went wrong at this site that it looks like guessing. */
  isTight(site: string): boolean {
    const judgedBy = this.#clock.monotonic() - JUDGED_MS;
    return this.#recent(`site ${site}`).filter((at) => at <= judgedBy).length >= this.#limits.site;
  }

  #watch(site: string): void {
    if (!this.isTight(site)) this.#tight.delete(site);
    else if (!this.#tight.has(site)) {
      this.#tight.add(site);
      this.#onTight(site);
    }
  }

  begin(user: string, tc: string, site?: string): Attempt {
    const at = this.#clock.monotonic();
    const keys = [userKey(user), `tc ${tc}`, ...(site === undefined ? [] : [`site ${site}`])];
    for (const key of keys) this.#set(key, [...this.#recent(key), at]);
    if (site !== undefined) this.#watch(site);
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

  /** The latest at the end, so that the oldest are forgotten first. No more than anybody counts. */
  #set(key: string, times: number[]): void {
    this.#failures.delete(key);
    if (times.length > 0) this.#failures.set(key, times.slice(-this.#mostCounted()));
  }

  #mostCounted(): number {
    return 2 * Math.max(this.#limits.user, this.#limits.tc, this.#limits.site);
  }

  #wait(key: string, tries: number): number {
    const times = this.#recent(key);
    const oldest = times.at(-tries);
    return oldest === undefined ? 0 : Math.ceil(oldest + this.#limits.windowMs - this.#clock.monotonic());
  }

  #recent(key: string): number[] {
    const from = this.#clock.monotonic() - this.#limits.windowMs;
    return (this.#failures.get(key) ?? []).filter((at) => at > from);
  }
}

/**
 * `CALL\anna`, `anna@call.example` and `Anna` are most likely one account, which the directory counts as one. Two people of
 * one name in two realms share their tries; that costs them a wait at worst.
 */
function userKey(user: string): string {
  const name = user.trim().normalize('NFKC').toLowerCase();
  return `user ${name.replace(/^[^\\]*\\/, '').replace(/(?!^)@.*$/, '')}`;
}
