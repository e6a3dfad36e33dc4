import { setImmediate } from 'node:timers/promises';
import { HOUR, isFault, messageOf, type Clock, type Log } from '@anyseat/base';
import type { Known } from '../domain/roster/placeShifts.ts';
import type { Person } from '../domain/person.ts';
import type { Store } from '../store/store.ts';

export interface PeopleKnownDeps {
  store: Pick<Store, 'peopleSeen'>;
  /** In any directory. */
  find: (user: string, signal: AbortSignal) => Promise<Person | undefined>;
  clock: Clock;
  log: Log;
}

const PAGE = 500;
/** Who was asked for is not asked for again so soon. */
const ASKED_AGAIN_MS = 12 * HOUR;
const ASKED_AGAIN_AFTER_FAILURE_MS = HOUR / 12;
/** Logins go first: so many look-ups at once, and so many in a round. */
const LOOKUPS = 2;
const MOST_LOOKUPS = 2000;

/** Of whom something is known, by login name: as they were seen at their last login, else as a directory has them. */
export class PeopleKnown {
  readonly #deps: PeopleKnownDeps;
  readonly #byUser = new Map<string, Person>();
  readonly #departments = new Map<string, string>();
  readonly #asked = new Map<string, { until: number; found: Person | null | undefined }>();
  #last = 0;
  #learning: Promise<void> = Promise.resolve();

  constructor(deps: PeopleKnownDeps) {
    this.#deps = deps;
  }

  readonly known: Known = (user) => {
    const key = user.toLowerCase();
    return this.#byUser.get(key) ?? this.#asked.get(key)?.found;
  };

  /** Of somebody who has logged in; empty where the directory gave none. */
  departmentOf(person: string): string {
    return this.#departments.get(person) ?? '';
  }

  /** Reads who was seen since the last time. */
  learn(): Promise<void> {
    return (this.#learning = this.#learning.then(
      () => this.#learn(),
      () => this.#learn(),
    ));
  }

  /** Asks the directories for those of whom nothing is known. @returns whether anybody was found, or found missing */
  async ask(users: Iterable<string>, signal: AbortSignal): Promise<boolean> {
    const now = this.#deps.clock.monotonic();
    const wanted = [...users]
      .map((user) => ({ user, key: user.toLowerCase() }))
      .filter(({ key }) => !this.#byUser.has(key) && (this.#asked.get(key)?.until ?? -Infinity) <= now)
      .slice(0, MOST_LOOKUPS);
    let news = false;
    const lane = async () => {
      for (let one = wanted.pop(); one && !signal.aborted; one = wanted.pop())
        news = (await this.#askFor(one, signal)) || news;
    };
    await Promise.all(Array.from({ length: LOOKUPS }, lane));
    return news;
  }

  async #askFor({ user, key }: { user: string; key: string }, signal: AbortSignal): Promise<boolean> {
    const { find, clock, log } = this.#deps;
    try {
      const found = (await find(user, signal)) ?? null;
      this.#asked.set(key, { until: clock.monotonic() + ASKED_AGAIN_MS, found });
      return true;
    } catch (error) {
      // One that says “two of that name” has answered as well.
      const later =
        isFault(error) && error.retry === 'refused' ? ASKED_AGAIN_MS : ASKED_AGAIN_AFTER_FAILURE_MS;
      this.#asked.set(key, { until: clock.monotonic() + later, found: undefined });
      log.debug({ why: messageOf(error) }, 'somebody on a roster could not be looked up');
      return false;
    }
  }

  async #learn(): Promise<void> {
    for (;;) {
      const page = await this.#deps.store.peopleSeen(this.#last, PAGE);
      for (const { person } of page) {
        this.#byUser.set(person.user.toLowerCase(), person);
        this.#departments.set(person.id, departmentIn(person));
      }
      this.#last = page.at(-1)?.id ?? this.#last;
      if (page.length < PAGE) return;
      // A page is a millisecond; thousands of people are not one turn.
      await setImmediate();
    }
  }
}

function departmentIn({ attributes }: Person): string {
  const name = Object.keys(attributes).find((one) => one.toLowerCase() === 'department');
  return (name === undefined ? undefined : attributes[name]?.[0]) ?? '';
}
