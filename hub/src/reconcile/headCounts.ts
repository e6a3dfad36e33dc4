import { DAY, SECOND, type Clock } from '@anyseat/base';
import type { Activity } from '../domain/activity.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import {
  countPeople,
  groupCells,
  sumOf,
  type Expected,
  type HeadCell,
  type Present,
} from '../domain/roster/countPeople.ts';
import { QUARTER_MS, weeksBefore } from '../domain/roster/dayCurve.ts';
import type { Shift } from '../domain/roster/shifts.ts';
import { median, sitesBehind, type Behind } from '../domain/roster/sitesBehind.ts';
import type { Session, TcId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import type { PlacedShift } from './rosters.ts';

export interface HeadCountsDeps {
  store: Pick<
    Store,
    'sessions' | 'tcs' | 'recordHeadCounts' | 'headCounts' | 'loggedInAt' | 'forgetHeadCounts'
  >;
  catalogue: () => Catalogue;
  rosters: { readonly placed: readonly PlacedShift[] };
  people: { departmentOf: (person: string) => string; learn: () => Promise<void> };
  inputOf: (session: Session) => Activity | undefined;
  online: () => ReadonlySet<TcId>;
  /** Every directory answers. */
  directoriesWell: () => boolean;
  clock: Clock;
}

/** Who is there and who is not, at a moment. */
export interface HeadCountNow {
  /** Epoch ms. */
  at: number;
  cells: readonly HeadCell[];
  missing: readonly Shift[];
  /** Logged in as a rule at this hour of the same weekday, by site. */
  usual: ReadonlyMap<string, number>;
  behind: { sites: Behind[]; all: boolean };
}

/** Nobody touched anything for so long: not active, where nothing else is said. */
export const ACTIVE_MS = 5 * 60 * SECOND;
/** What changes is seen within two seconds all the same. */
const LONGEST_REST_MS = 1.5 * SECOND;
/** A look reads every live session; logins go first. */
const REST_TIMES = 20;
const LATELY_MS = 10 * SECOND;
export const PAST_WEEKS = 4;
/** Eight weeks of the same weekday, and a little. */
const KEPT_MS = 62 * DAY;

/** Counts heads: for whoever looks, and every quarter of an hour for those who look later. */
export class HeadCounts {
  readonly #deps: HeadCountsDeps;
  /** Looks that have not begun yet, by what counts as idle. */
  readonly #coming = new Map<number, Promise<HeadCountNow>>();
  #reading: Promise<void> = Promise.resolve();
  #restUntil = -Infinity;
  #last: { at: number; now: HeadCountNow } | undefined;
  #recorded = -1;
  #usual: { quarter: number; bySite: ReadonlyMap<string, number> } | undefined;

  constructor(deps: HeadCountsDeps) {
    this.#deps = deps;
  }

  /** As it is now or a moment later, never as it was before it was asked for. @param activeMs whoever touched nothing for so long is idle */
  now(activeMs = ACTIVE_MS): Promise<HeadCountNow> {
    let coming = this.#coming.get(activeMs);
    if (!coming) this.#coming.set(activeMs, (coming = this.#next(activeMs)));
    return coming;
  }

  /** As it was seconds ago, for whoever cannot wait for the next look. */
  async lately(): Promise<HeadCountNow> {
    const last = this.#last;
    return last && this.#deps.clock.monotonic() - last.at < LATELY_MS ? last.now : this.now();
  }

  /** Writes down the quarter of an hour that has begun, once. */
  async record(): Promise<void> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    const quarter = now - (now % QUARTER_MS);
    if (quarter === this.#recorded) return;
    const { cells } = await this.now();
    const counts = cells.map(({ site, department, allocator, named, heads, loggedIn, active }) => ({
      site,
      department,
      allocator,
      expected: named + heads,
      loggedIn,
      active,
    }));
    await store.recordHeadCounts(quarter, counts);
    await store.forgetHeadCounts(now - KEPT_MS);
    this.#recorded = quarter;
  }

  /** Who asks meanwhile shares it; a look rests in proportion to what it took. */
  async #next(activeMs: number): Promise<HeadCountNow> {
    const { clock } = this.#deps;
    await this.#reading;
    const rest = this.#restUntil - clock.monotonic();
    if (rest > 0) await clock.sleep(rest);
    this.#coming.delete(activeMs);
    const began = clock.monotonic();
    const look = this.#look(activeMs);
    this.#reading = look.then(
      () => undefined,
      () => undefined,
    );
    const now = await look;
    if (activeMs === ACTIVE_MS) this.#last = { at: clock.monotonic(), now };
    const took = clock.monotonic() - began;
    this.#restUntil = clock.monotonic() + Math.min(LONGEST_REST_MS, took * REST_TIMES);
    return now;
  }

  async #look(activeMs: number): Promise<HeadCountNow> {
    const { store, rosters, people, clock, inputOf } = this.#deps;
    const now = clock.now();
    const sessions = await store.sessions({ live: true });
    if (sessions.length > 0) await people.learn();
    const present = sessions.map((session) => this.#presentOf(session, inputOf));
    const expected = rosters.placed
      .filter(({ shift }) => shift.from <= now && now < shift.to)
      .map(({ shift, placed }): Expected => ({ shift, allocator: 'why' in placed ? '' : placed.allocator }));
    const { cells, missing } = countPeople(expected, present, { now, activeMs });
    const usual = await this.#usualAt(now);
    return { at: now, cells, missing, usual, behind: await this.#behind(cells, usual) };
  }

  #presentOf(session: Session, inputOf: HeadCountsDeps['inputOf']): Present {
    const { user, site, allocator, person, state } = session;
    const idleMs = state === 'connected' ? inputOf(session)?.idleMs : undefined;
    return { user, site, allocator, department: this.#deps.people.departmentOf(person), idleMs };
  }

  async #behind(
    cells: readonly HeadCell[],
    usual: ReadonlyMap<string, number>,
  ): Promise<HeadCountNow['behind']> {
    const { store, catalogue, online, directoriesWell } = this.#deps;
    const { seats, sites } = catalogue();
    const tcs = new Map<string, { all: number; online: number }>();
    const here = online();
    for (const { id, state, seat } of await store.tcs()) {
      const site = state === 'enrolled' && seat !== undefined ? seats.get(seat)?.spec.site : undefined;
      if (site === undefined) continue;
      const own = tcs.get(site) ?? { all: 0, online: 0 };
      tcs.set(site, own);
      own.all++;
      if (here.has(id)) own.online++;
    }
    const bySite = groupCells(cells, ({ site }) => site);
    const sights = [...sites.keys()].map((site) => {
      const { expected, missing, loggedIn } = sumOf(bySite.get(site) ?? []);
      const own = tcs.get(site);
      return {
        site,
        expected,
        missing,
        loggedIn,
        usual: usual.get(site),
        tcs: own?.all ?? 0,
        online: own?.online ?? 0,
      };
    });
    return sitesBehind(sights, directoriesWell());
  }

  /** Looked up once a quarter of an hour. */
  async #usualAt(now: number): Promise<ReadonlyMap<string, number>> {
    const quarter = now - (now % QUARTER_MS);
    if (this.#usual?.quarter === quarter) return this.#usual.bySite;
    const { store, catalogue } = this.#deps;
    const moments = [...catalogue().sites.values()].map(({ name, spec }) => ({
      site: name,
      at: Array.from({ length: PAST_WEEKS }, (_, i) => weeksBefore(now, i + 1, spec.timeZone)),
    }));
    const rows = await store.loggedInAt([...new Set(moments.flatMap(({ at }) => at))]);
    const bySite = new Map(
      moments.flatMap(({ site, at }) => {
        const past = rows
          .filter((row) => row.site === site && at.includes(row.at))
          .map(({ loggedIn }) => loggedIn);
        // One week is no rule.
        return past.length < 2 ? [] : [[site, median(past)!] as const];
      }),
    );
    this.#usual = { quarter, bySite };
    return bySite;
  }
}
