import type { ViewKind, ViewOf } from '@anyseat/protocol';

/** By what `get` can narrow a list down; each kind knows some of them. */
export interface Filters {
  site?: string;
  seat?: string;
  pool?: string;
  state?: string;
  user?: string;
  host?: string;
  online?: true;
  offline?: true;
}
export type FilterName = keyof Filters;

interface Sieve<Row> {
  /** What a row is called by on the command line. */
  names: (row: Row) => (string | undefined)[];
  /** The values that a filter compares with; several, where any will do. */
  values: Partial<
    Record<Exclude<FilterName, 'online' | 'offline'>, (row: Row) => readonly (string | undefined)[]>
  >;
  online?: (row: Row) => boolean;
}

const sieves: { [K in ViewKind]: Sieve<ViewOf[K]> } = {
  sites: { names: (s) => [s.name], values: {} },
  seats: {
    names: (s) => [s.name],
    values: { site: (s) => [s.site], user: (s) => [s.user] },
    online: (s) => s.online,
  },
  tcs: {
    names: (t) => [t.fingerprint, t.id],
    values: { seat: (t) => [t.seat], state: (t) => [t.state] },
    online: (t) => t.online,
  },
  pools: { names: (p) => [p.name], values: {} },
  allocators: {
    names: (a) => [a.name],
    values: { pool: (a) => [...a.pools, ...Object.values(a.sitePools ?? {}).flat()] },
  },
  desktops: {
    names: (d) => [String(d.number), d.server, d.id, d.serverId],
    values: {
      pool: (d) => [d.pool],
      state: (d) => [d.state],
      user: (d) => [d.user],
      host: (d) => [d.host],
    },
  },
  sessions: {
    names: (s) => [s.id],
    values: {
      site: (s) => [s.site],
      seat: (s) => [s.seat],
      user: (s) => [s.user],
      state: (s) => [s.state, s.end],
    },
    online: (s) => s.online,
  },
  rosters: { names: (r) => [r.name], values: { state: (r) => [r.source] } },
  bindings: { names: (b) => [b.key, b.desktop], values: { pool: (b) => [b.pool] } },
  hosts: { names: (h) => [h.name], values: { state: (h) => [h.state] } },
  problems: { names: (p) => [p.kind, p.what], values: {} },
  alerts: { names: (a) => [a.id, a.code, a.about], values: { state: (a) => [a.state] } },
  swaps: {
    names: (s) => [s.desktop, s.to],
    values: { pool: (s) => [s.pool], user: (s) => [s.user], seat: (s) => [s.seat] },
  },
};

const same = (a: string, b: string | undefined): boolean => a.toLowerCase() === b?.toLowerCase();

/**
 * The rows that have one of these names (all, where none is given) and pass every filter, and the names that no row
 * has; or the filters that this kind does not know.
 */
export function sift<K extends ViewKind>(
  kind: K,
  rows: readonly ViewOf[K][],
  { names, filters }: { names: readonly string[]; filters: Filters },
): { rows: ViewOf[K][]; missing: string[] } | { unknown: FilterName[] } {
  const sieve: Sieve<ViewOf[K]> = sieves[kind];
  const { online, offline, ...values } = filters;
  const asked = Object.entries(values) as [keyof typeof values, string][];
  const unknown: FilterName[] = asked.flatMap(([filter]) => (sieve.values[filter] ? [] : [filter]));
  if (!sieve.online) unknown.push(...(['online', 'offline'] as const).filter((f) => filters[f]));
  if (unknown.length > 0) return { unknown };

  const isNamed = (row: ViewOf[K], name: string) => sieve.names(row).some((own) => same(name, own));
  const kept = rows.filter(
    (row) =>
      (names.length === 0 || names.some((name) => isNamed(row, name))) &&
      asked.every(([filter, wanted]) => sieve.values[filter]!(row).some((value) => same(wanted, value))) &&
      (!online || sieve.online!(row)) &&
      (!offline || !sieve.online!(row)),
  );
  return { rows: kept, missing: names.filter((name) => !rows.some((row) => isNamed(row, name))) };
}

/** What to do next where there is nothing of a kind. */
export const whenEmpty: Readonly<Record<ViewKind, string>> = {
  sites: 'There are no sites yet. Write them into a file, and: anyseat apply -f site.yaml',
  seats: 'There are no seats yet. Write them into a file, and: anyseat apply -f site.yaml',
  tcs: 'No thin client has connected yet. Start an agent that knows this hub; anyseat tc token lets it in without asking.',
  pools: 'There are no pools yet. Write them into a file, and: anyseat apply -f site.yaml',
  allocators:
    'There are no allocators yet, so nobody gets a desktop. Write them into a file, and: anyseat apply -f site.yaml',
  rosters:
    'There are no rosters yet, so nobody is expected. A shift plan as CSV comes in by: anyseat roster import FILE.csv. What is expected then: anyseat get rosters',
  desktops: 'There are no desktops yet. A pool whose floor is not 0 makes them: anyseat get pools',
  sessions: 'Nobody is logged in, and nobody was. Why somebody could not: anyseat explain USER --seat SEAT',
  bindings:
    'No desktop is bound. An allocator with binding: user, seat or tc binds one at the first login: anyseat get allocators',
  hosts: 'No host is known yet. They are seen when there is a pool in their cloud: anyseat get pools',
  problems: 'Nothing waits for an operator. What the pools are doing: anyseat get pools',
  alerts:
    'There are no alerts, and were none this week. How everything is: anyseat status. Whether they would arrive: anyseat alert test. What comes right by itself: anyseat get pools',
  swaps:
    'There were no swaps yet. Who is on which desktop: anyseat get sessions. A broken one is replaced: anyseat swap PERSON',
};
