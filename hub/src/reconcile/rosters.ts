import { setImmediate } from 'node:timers/promises';
import { HOUR, messageOf, MINUTE, type Clock, type Log } from '@anyseat/base';
import type { RosterSpec } from '@anyseat/protocol';
import type { Catalogue } from '../domain/catalogue.ts';
import type { ArrivalWindow } from '../domain/pool/arrivals.ts';
import { arrivalWindows, type Arrival } from '../domain/roster/arrivalWindows.ts';
import { placer, type Placed } from '../domain/roster/placeShifts.ts';
import { arrivalsOf, shiftDays, type Shift } from '../domain/roster/shifts.ts';
import type { Sheet } from '../domain/roster/sheet.ts';
import type { SheetFacts } from '../domain/roster/sheetFacts.ts';

import type { RosterSheet, Store } from '../store/store.ts';
import type { PeopleKnown } from './peopleKnown.ts';
import { readSheetAside } from './readSheetAside.ts';

export interface RostersDeps {
  store: Pick<Store, 'rosterSheets' | 'rosterSheet' | 'bindings' | 'sessions'>;
  catalogue: () => Catalogue;
  people: PeopleKnown;
  clock: Clock;
  log: Log;
  lookAtPool: (pool: string) => void;
}

/** A roster in force. */
export interface Roster {
  name: string;
  spec: RosterSpec;
  sheet: Sheet;
  facts: SheetFacts;
  /** Where its table was brought; undefined: it stands in the specification. */
  brought: RosterSheet | undefined;
}

/** A shift and what the allocators say of its people. */
export interface PlacedShift {
  shift: Shift;
  placed: Placed;
  roster: string;
}

/** Somebody who is on shift twelve hours before has not come anew. */
const BACK_MS = 12 * HOUR;
const AHEAD_MS = 26 * HOUR;
/** People come and bindings change: what is reckoned holds for so long. */
const RECKONED_FOR_MS = 5 * MINUTE;
const AT_ONCE = 200;
const MOST_BETWEEN = 8;

/**
 * The shift plans: reads their tables, lets the allocators say from which pool each shift is served, and gives pools the arrivals of the
 * next day. Everything is reckoned anew every five minutes, and when a plan or a rule has changed.
 */
export class Rosters implements AsyncDisposable {
  readonly #deps: RostersDeps;
  readonly #stop = new AbortController();
  readonly #rosters = new Map<string, Roster & { key: string }>();
  readonly #failures = new Map<string, string>();
  #windows: ReadonlyMap<string, readonly ArrivalWindow[]> = new Map();
  #placed: readonly PlacedShift[] = [];
  #reckoned = { at: -Infinity, change: -1 };
  #looking: Promise<void> = Promise.resolve();
  /** Shifts that were asked for, until the next reckoning. */
  readonly #between = new Map<string, readonly Shift[]>();

  constructor(deps: RostersDeps) {
    this.#deps = deps;
  }

  /** Who sits down at desktops of this pool, and when; the same list until it changes. */
  arrivals(pool: string): readonly ArrivalWindow[] {
    return this.#windows.get(pool) ?? NOBODY;
  }

  get all(): readonly Roster[] {
    return [...this.#rosters.values()];
  }

  /** Why a table that is in force could not be read. */
  failureOf(roster: string): string | undefined {
    return this.#failures.get(roster);
  }

  /** The shifts of half a day ago to a day ahead, with what serves them, as reckoned last. */
  get placed(): readonly PlacedShift[] {
    return this.#placed;
  }

  /** All shifts of which some part lies between two moments. */
  async shiftsBetween(from: number, to: number): Promise<readonly Shift[]> {
    const key = `${from} ${to}`;
    const known = this.#between.get(key);
    if (known) return known;
    const shifts: Shift[] = [];
    for (const { sheet } of this.all) {
      for (const day of shiftDays(sheet, this.#zoneOf, from, to)) {
        for (const shift of day) shifts.push(shift);
        await setImmediate();
      }
    }
    // Consoles ask for the same day again and again; who asks for another one makes room.
    if (this.#between.size >= MOST_BETWEEN) this.#between.clear();
    this.#between.set(key, shifts);
    return shifts;
  }

  /** Looks whether anything has changed, and reckons. @param anew in any case */
  look(anew = false): Promise<void> {
    const next = () => this.#look(anew);
    return (this.#looking = this.#looking.then(next, next));
  }

  /** The same, for whoever does not wait for it. */
  soon(): void {
    const { log } = this.#deps;
    this.look().catch((error: unknown) => {
      if (!this.#stop.signal.aborted)
        log.warn({ why: messageOf(error) }, 'the rosters could not be reckoned');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the hub stops'));
    await this.#looking.catch(() => undefined);
  }

  readonly #zoneOf = (site: string): string | undefined =>
    this.#deps.catalogue().sites.get(site)?.spec.timeZone;

  async #look(anew: boolean): Promise<void> {
    const { clock, catalogue, people } = this.#deps;
    if (this.#stop.signal.aborted || (catalogue().rosters.size === 0 && this.#rosters.size === 0)) return;
    const changed = await this.#readSheets();
    const now = clock.monotonic();
    const { at, change } = this.#reckoned;
    if (!anew && !changed && change === catalogue().change && now - at < RECKONED_FOR_MS) return;
    await people.learn();
    await this.#reckon();
    const named = new Set(this.#placed.flatMap(({ shift }) => shift.person ?? []));
    if (await people.ask(named, this.#stop.signal)) await this.#reckon();
    this.#reckoned = { at: now, change: catalogue().change };
  }

  /** @returns whether any is another one */
  async #readSheets(): Promise<boolean> {
    const { store, catalogue } = this.#deps;
    const wanted = catalogue().rosters;
    const brought = wanted.size === 0 ? [] : await store.rosterSheets();
    let changed = false;
    for (const name of this.#rosters.keys()) {
      if (wanted.has(name)) continue;
      this.#rosters.delete(name);
      this.#failures.delete(name);
      changed = true;
    }
    for (const { name, spec } of wanted.values()) {
      const sheet = spec.shifts === undefined ? brought.find((one) => one.roster === name) : undefined;
      const key = sheet
        ? `sheet ${sheet.id} ${spec.site ?? ''}`
        : `text ${spec.site ?? ''} ${spec.shifts ?? ''}`;
      const known = this.#rosters.get(name);
      if (known?.key === key) {
        known.spec = spec;
        continue;
      }
      changed = (await this.#read(name, spec, sheet, key)) || changed;
    }
    return changed;
  }

  async #read(
    name: string,
    spec: RosterSpec,
    brought: RosterSheet | undefined,
    key: string,
  ): Promise<boolean> {
    const bytes = brought
      ? await this.#deps.store.rosterSheet(brought.id)
      : spec.shifts === undefined
        ? undefined
        : Buffer.from(spec.shifts);
    if (!bytes) return this.#rosters.delete(name);
    try {
      // Checked when it came: a site that is gone since is told with the people who go nowhere.
      const reading = { file: name, sites: undefined, site: spec.site };
      const { sheet, facts } = await readSheetAside(
        { bytes, packed: brought !== undefined, reading },
        this.#stop.signal,
      );
      this.#rosters.set(name, { name, spec, sheet, facts, brought, key });
      this.#failures.delete(name);
      return true;
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#deps.log.warn({ roster: name, why: messageOf(error) }, 'a roster cannot be read');
      this.#failures.set(name, messageOf(error));
      return false;
    }
  }

  async #reckon(): Promise<void> {
    const { store, catalogue, people, clock, lookAtPool } = this.#deps;
    const now = clock.now();
    const place = placer(catalogue(), people.known);
    const placed: PlacedShift[] = [];
    const arrivals: Arrival[] = [];
    for (const { name, sheet, spec } of this.all) {
      const shifts: Shift[] = [];
      for (const day of shiftDays(sheet, this.#zoneOf, now - BACK_MS, now + AHEAD_MS)) {
        for (const shift of day) shifts.push(shift);
        await setImmediate();
      }
      const byShift = new Map<string, Placed>();
      for (const [i, shift] of shifts.entries()) {
        // Ten thousand people are more than a turn.
        if (i % AT_ONCE === AT_ONCE - 1) await setImmediate();
        const verdict = place(shift, spec.departments);
        byShift.set(keyOf(shift), verdict);
        placed.push({ shift, placed: verdict, roster: name });
      }
      const { earlyMinutes, lateMinutes } = spec;
      await setImmediate();
      for (const shift of arrivalsOf(shifts)) {
        const verdict = byShift.get(keyOf(shift));
        if (shift.from + lateMinutes * MINUTE <= now || !verdict || 'why' in verdict) continue;
        const { pool, bound } = verdict;
        arrivals.push({ shift, pool, bound, earlyMinutes, lateMinutes });
      }
    }
    const served = await this.#served(store);
    await setImmediate();
    const windows = arrivalWindows(arrivals, served);
    const before = this.#windows;
    this.#placed = placed;
    this.#between.clear();
    this.#windows = new Map(
      [...windows].map(([pool, own]) => {
        const was = before.get(pool);
        return [pool, was && JSON.stringify(was) === JSON.stringify(own) ? was : own];
      }),
    );
    for (const pool of new Set([...before.keys(), ...this.#windows.keys()]))
      if (before.get(pool) !== this.#windows.get(pool)) lookAtPool(pool);
  }

  /** Who is logged in, or has a desktop that waits for them. */
  async #served(store: RostersDeps['store']) {
    const here = new Set((await store.sessions({ live: true })).map(({ user }) => user.toLowerCase()));
    const bindings = await store.bindings();
    const owned = new Map<string, number>();
    for (const { pool } of bindings) owned.set(pool, (owned.get(pool) ?? 0) + 1);
    const own = new Set(
      bindings.filter(({ kind }) => kind === 'user').map(({ key, pool }) => `${key} ${pool}`),
    );
    return {
      hasOne: (user: string, pool: string) => {
        const id = this.#deps.people.known(user)?.id;
        return here.has(user.toLowerCase()) || (id !== undefined && own.has(`${id} ${pool}`));
      },
      owned: (pool: string) => owned.get(pool) ?? 0,
    };
  }
}

const NOBODY: readonly ArrivalWindow[] = [];

/** As `arrivalsOf` leaves it, but for the heads that stay on. */
const keyOf = ({ site, department, person, from, to }: Shift): string =>
  `${site}/${department}/${person ?? ''}/${from}/${to}`;
