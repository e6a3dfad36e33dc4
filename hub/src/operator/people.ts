import { MINUTE } from '@anyseat/base';
import {
  peopleDayQuery,
  peopleQuery,
  type BehindView,
  type PeopleAnswer,
  type PeopleDayAnswer,
  type PeopleSums,
  type Warning,
} from '@anyseat/protocol';
import { groupCells, sumOf, type HeadCell } from '../domain/roster/countPeople.ts';
import { expectedCurve, QUARTER_MS, quartersOf, sameDaysBefore } from '../domain/roster/dayCurve.ts';
import type { Shift } from '../domain/roster/shifts.ts';
import { median } from '../domain/roster/sitesBehind.ts';
import { wallTime } from '../domain/wallClock.ts';
import { PAST_WEEKS, type HeadCountNow, type HeadCounts } from '../reconcile/headCounts.ts';
import type { Rosters } from '../reconcile/rosters.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** What is looked at for head counts. */
export interface PeopleDeps {
  headCounts: Pick<HeadCounts, 'now' | 'lately'>;
  rosters: Pick<Rosters, 'shiftsBetween' | 'placed' | 'all'>;
}

const MOST_MISSING = 200;

/** Who is expected, logged in, active, idle and missing now. */
export async function peopleNow({ query }: Asked, deps: OperatorDeps): Promise<PeopleAnswer> {
  const { activeMinutes } = peopleQuery.parse(query);
  const { at, cells, missing, usual, behind } = await deps.headCounts.now(activeMinutes * MINUTE);
  const { sites } = deps.catalogue();
  const bySite = groupCells(cells, ({ site }) => site);
  const byDepartment = groupCells(cells, ({ site, department }) =>
    JSON.stringify([site, department.toLowerCase()]),
  );
  const byAllocator = groupCells(cells, ({ allocator }) => allocator);
  const names = [...new Set([...sites.keys(), ...bySite.keys()])];
  return {
    at,
    activeMinutes,
    rosters: deps.rosters.all.length,
    all: { ...sumOf(cells), missing: missingAt(bySite) },
    sites: names.map((site) => ({
      site,
      title: sites.get(site)?.spec.title ?? site,
      timeZone: sites.get(site)?.spec.timeZone ?? 'UTC',
      ...sumOf(bySite.get(site) ?? []),
      ...(usual.has(site) ? { usual: usual.get(site)! } : {}),
    })),
    departments: [...byDepartment.values()]
      .map((own) => ({ site: own[0]!.site, department: own[0]!.department, ...sumOf(own) }))
      .sort((a, b) => compare(a.site, b.site) || compare(a.department, b.department)),
    allocators: [...byAllocator]
      .map(([allocator, own]): { allocator: string } & PeopleSums => ({ allocator, ...sumOf(own) }))
      .sort((a, b) => compare(a.allocator, b.allocator)),
    behind: behindView(behind),
    missing: missing
      .slice(0, MOST_MISSING)
      .map(({ person, site, department, from }) => ({ user: person!, site, department, since: from })),
    missingNamed: missing.length,
  };
}

/** People too many at one site are no help at another. */
const missingAt = (bySite: ReadonlyMap<string, readonly HeadCell[]>): number =>
  [...bySite.values()].reduce((all, own) => all + sumOf(own).missing, 0);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const behindView = ({ sites, all }: HeadCountNow['behind']): BehindView => ({ all, sites });

/** The curves of a day by the clock of a site: expected, logged in, active, and as it is as a rule on that weekday. */
export async function peopleDay({ query }: Asked, deps: OperatorDeps): Promise<PeopleDayAnswer> {
  const { date: asked, site, department, allocator } = peopleDayQuery.parse(query);
  const { sites } = deps.catalogue();
  const timeZone = (site === undefined ? [...sites.values()][0] : sites.get(site))?.spec.timeZone ?? 'UTC';
  const date = asked ?? wallTime(deps.now(), timeZone).date;
  const moments = quartersOf(date, timeZone);
  const [from, to] = [moments[0]!, moments.at(-1)! + 1];
  const of = { site, department, allocator };
  const counts = new Map<number, { loggedIn: number; active: number }>(
    (await deps.store.headCounts({ from, to, ...of })).map((row) => [row.at, row]),
  );
  const now = deps.now();
  if (from <= now && now < to + QUARTER_MS) {
    const { cells } = await deps.headCounts.now();
    // The quarter of an hour that has begun is as it is now.
    counts.set(now - (now % QUARTER_MS), sumOf(cells.filter((cell) => isIn(cell, of))));
  }
  const past = await Promise.all(
    sameDaysBefore(date, PAST_WEEKS).map(async (day) => {
      const quarters = quartersOf(day, timeZone);
      const rows = await deps.store.headCounts({ from: quarters[0]!, to: quarters.at(-1)! + 1, ...of });
      return new Map(rows.map(({ at, loggedIn }) => [wallTime(at, timeZone).minute, loggedIn]));
    }),
  );
  const servedBy = allocator === undefined ? undefined : allocatorsOf(deps);
  const all = await deps.rosters.shiftsBetween(from, to);
  const shifts = all.filter(
    (shift) => isAt(shift, of) && (servedBy === undefined || servedBy(shift) === allocator),
  );
  return {
    date,
    timeZone,
    moments,
    expected: expectedCurve(shifts, moments),
    loggedIn: moments.map((at) => counts.get(at)?.loggedIn ?? null),
    active: moments.map((at) => counts.get(at)?.active ?? null),
    usual: moments.map((at) => {
      const { minute } = wallTime(at, timeZone);
      return median(past.flatMap((day) => day.get(minute) ?? [])) ?? null;
    }),
  };
}

interface Of {
  site?: string | undefined;
  department?: string | undefined;
  allocator?: string | undefined;
}

const isIn = (cell: HeadCell, of: Of): boolean =>
  isAt(cell, of) && (of.allocator === undefined || cell.allocator === of.allocator);

const isAt = (one: { site: string; department: string }, of: Of): boolean =>
  (of.site === undefined || one.site === of.site) &&
  (of.department === undefined || one.department.toLowerCase() === of.department.toLowerCase());

/** Which allocator serves a shift: known of yesterday, today and tomorrow. Empty: none. */
function allocatorsOf({ rosters }: OperatorDeps): (shift: Shift) => string | undefined {
  const keyOf = ({ site, department, person, from }: Shift) =>
    JSON.stringify([site, department, person, from]);
  const known = new Map(
    rosters.placed.map(({ shift, placed }) => [keyOf(shift), 'why' in placed ? '' : placed.allocator]),
  );
  return (shift) => known.get(keyOf(shift));
}

/** Sites with fewer people than they should have: one sentence a site, or one for all. */
export async function behindWarnings({ headCounts }: Pick<PeopleDeps, 'headCounts'>): Promise<Warning[]> {
  const { all, sites } = (await headCounts.lately()).behind;
  const warn = (code: string, text: string): Warning => ({ code, severity: 'error', text });
  if (all) {
    const [missing, expected] = [
      sites.reduce((n, s) => n + s.missing, 0),
      sites.reduce((n, s) => n + s.expected, 0),
    ];
    return [
      warn(
        'sites-behind',
        `At every site people are missing, ${missing} of ${expected} in all: what they share is this hub, its directory and its cloud.`,
      ),
    ];
  }
  return sites.map(({ site, missing, expected, by, cause, offline, tcs }) => {
    const whom = by === 'roster' ? 'expected by the roster' : 'there as a rule at this hour';
    const why = {
      network: `${offline} of its ${tcs} thin clients are not connected: its network?`,
      directory: 'a directory does not answer.',
      unknown: `${tcs - offline} of its ${tcs} thin clients are connected: its logins, or the way to work?`,
    }[cause];
    return warn('site-behind', `Site ${site}: ${missing} of ${expected} people ${whom} are missing; ${why}`);
  });
}
