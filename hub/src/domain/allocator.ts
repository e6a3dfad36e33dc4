import type { AllocatorSpec, Match } from '@anyseat/protocol';
import type { Resource } from './catalogue.ts';
import { dnKey, isUnder, type DnKey } from './distinguishedName.ts';
import { isWithin, timeText } from './hours.ts';
import { groupKey, groupKeys } from './namedGroups.ts';
import type { Person } from './person.ts';
import type { WallTime } from './wallClock.ts';

/** Everything an allocator may look at. */
export interface Asker {
  person: Person;
  seat: { name: string; tags: Readonly<Record<string, string>> };
  site: { name: string; tags: Readonly<Record<string, string>> };
  /** The thin client, by what operators say of it. */
  tc: { tags: Readonly<Record<string, string>> };
  /** What the clock on the wall of the site shows. */
  time: WallTime;
}

/** How one clause of a match was judged, with what was wanted and what was seen: for `explain`. */
export interface ClauseVerdict {
  clause: string;
  holds: boolean;
  wanted: string;
  saw: string;
  /** Of `all`, `any` and `not`. */
  parts?: ClauseVerdict[];
}

export interface AllocatorVerdict {
  allocator: string;
  priority: number;
  isDefault: boolean;
  matches: boolean;
  clauses: ClauseVerdict[];
}

type Rule = Resource<AllocatorSpec>;

/** The order in which allocators are asked: the highest priority first, then by name; the default last. */
export function inOrder(allocators: Iterable<Rule>): Rule[] {
  return [...allocators].sort(
    (a, b) =>
      Number(a.spec.default) - Number(b.spec.default) ||
      b.spec.priority - a.spec.priority ||
      (a.name < b.name ? -1 : 1),
  );
}

/** The pools from which an allocator serves people at a site, in order of preference. */
export const poolsAt = ({ pools, sitePools }: AllocatorSpec, site: string): readonly string[] =>
  (sitePools && Object.hasOwn(sitePools, site) ? sitePools[site] : undefined) ?? pools;

/** Every pool that an allocator names, with the path at which it does. */
export const poolsNamed = ({ pools, sitePools }: AllocatorSpec): { pool: string; path: string[] }[] => [
  ...pools.map((pool, i) => ({ pool, path: ['pools', String(i)] })),
  ...Object.entries(sitePools ?? {}).flatMap(([site, list]) =>
    list.map((pool, i) => ({ pool, path: ['sitePools', site, String(i)] })),
  ),
];

/** The first allocator that serves this person, or none. `ordered` as `inOrder` gives it. */
export function chooseAllocator(ordered: readonly Rule[], asker: Asker): Rule | undefined {
  const seen = look(asker);
  return ordered.find((rule) => judge(rule, seen).every((clause) => clause.holds));
}

/** The same, with every allocator's verdict. Agrees with `chooseAllocator` because both judge by the same clauses. */
export function explainAllocators(
  ordered: readonly Rule[],
  asker: Asker,
): { chosen: string | undefined; verdicts: AllocatorVerdict[] } {
  const seen = look(asker);
  const verdicts = ordered.map((rule): AllocatorVerdict => {
    const clauses = judge(rule, seen);
    return {
      allocator: rule.name,
      priority: rule.spec.priority,
      isDefault: rule.spec.default,
      matches: clauses.every((clause) => clause.holds),
      clauses: clauses.map(told),
    };
  });
  return { chosen: verdicts.find((verdict) => verdict.matches)?.allocator, verdicts };
}

/** What a clause is judged by, made comparable once an asker. */
interface Seen {
  asker: Asker;
  user: string;
  dn: DnKey | undefined;
  /** Full names and plain names of all groups, comparable. */
  groups: ReadonlySet<string>;
  attributes: ReadonlyMap<string, readonly string[]>;
}

function look(asker: Asker): Seen {
  const { person } = asker;
  return {
    asker,
    user: person.user.toLowerCase(),
    dn: dnKey(person.dn),
    groups: new Set(person.groups.flatMap(groupKeys)),
    attributes: new Map(
      Object.entries(person.attributes).map(([name, values]) => [name.toLowerCase(), values]),
    ),
  };
}

/** A clause judged; what it would say is put into words only when somebody asks. */
interface Judged {
  clause: string;
  holds: boolean;
  wanted: () => string;
  saw: () => string;
  parts?: Judged[];
}

const told = (j: Judged): ClauseVerdict => ({
  clause: j.clause,
  holds: j.holds,
  wanted: j.wanted(),
  saw: j.saw(),
  ...(j.parts ? { parts: j.parts.map(told) } : {}),
});

const judge = (rule: Rule, seen: Seen): Judged[] => (rule.spec.match ? clausesOf(rule.spec.match, seen) : []);

/** The names that a match wants, made comparable. */
interface Wanted {
  groups: readonly string[];
  ous: readonly (DnKey | undefined)[];
}

/** Made once for a specification, which is never changed but replaced: reading names was most of judging (measured). */
const wantedBy = new WeakMap<Match, Wanted>();

function wantedOf(match: Match): Wanted {
  let wanted = wantedBy.get(match);
  if (!wanted) {
    wanted = { groups: (match.groups ?? []).map(groupKey), ous: (match.ou ?? []).map((ou) => dnKey(ou)) };
    wantedBy.set(match, wanted);
  }
  return wanted;
}

function clausesOf(match: Match, seen: Seen): Judged[] {
  const { asker } = seen;
  const { groups, ous } = wantedOf(match);
  const clauses: Judged[] = [];
  if (match.groups)
    clauses.push(
      anyOf(
        'groups',
        match.groups,
        (_, i) => seen.groups.has(groups[i]!),
        () => asker.person.groups,
      ),
    );
  if (match.ou)
    clauses.push(
      anyOf(
        'ou',
        match.ou,
        (_, i) => seen.dn !== undefined && ous[i] !== undefined && isUnder(seen.dn, ous[i]),
        () => [asker.person.dn],
      ),
    );
  if (match.users)
    clauses.push(
      anyOf(
        'users',
        match.users,
        (u) => u.toLowerCase() === seen.user,
        () => [asker.person.user],
      ),
    );
  if (match.sites)
    clauses.push(
      anyOf(
        'sites',
        match.sites,
        (s) => s === asker.site.name,
        () => [asker.site.name],
      ),
    );
  if (match.hours)
    clauses.push(
      anyOf(
        'hours',
        match.hours,
        (hours) => isWithin(hours, asker.time),
        () => [timeText(asker.time)],
      ),
    );
  if (match.person)
    clauses.push(
      ...tagClauses('person', match.person, (tag) => seen.attributes.get(tag.toLowerCase()) ?? []),
    );
  if (match.seat) clauses.push(...tagClauses('seat', match.seat, (tag) => one(asker.seat.tags, tag)));
  if (match.tc) clauses.push(...tagClauses('tc', match.tc, (tag) => one(asker.tc.tags, tag)));
  if (match.site) clauses.push(...tagClauses('site', match.site, (tag) => one(asker.site.tags, tag)));
  if (match.all) clauses.push(combined('all', match.all, seen, (parts) => parts.every((p) => p.holds)));
  if (match.any) clauses.push(combined('any', match.any, seen, (parts) => parts.some((p) => p.holds)));
  if (match.not) clauses.push(combined('not', [match.not], seen, (parts) => !parts[0]!.holds));
  return clauses;
}

const anyOf = (
  clause: string,
  wanted: readonly string[],
  test: (want: string, index: number) => boolean,
  saw: () => readonly string[],
): Judged => ({
  clause,
  holds: wanted.some(test),
  wanted: () => wanted.join(' | '),
  saw: () => saw().join(' · ') || '(nothing)',
});

const tagClauses = (
  of: string,
  tags: Readonly<Record<string, string | readonly string[]>>,
  valuesOf: (tag: string) => readonly string[],
): Judged[] =>
  Object.entries(tags).map(([tag, wanted]) => {
    const values = valuesOf(tag);
    const has = new Set(values.map((value) => value.toLowerCase()));
    const list = typeof wanted === 'string' ? [wanted] : wanted;
    return anyOf(
      `${of}.${tag}`,
      list,
      (want) => has.has(want.toLowerCase()),
      () => values,
    );
  });

function combined(
  clause: string,
  matches: readonly Match[],
  seen: Seen,
  holds: (parts: Judged[]) => boolean,
): Judged {
  const parts = matches.map((match): Judged => {
    const inner = clausesOf(match, seen);
    const [only] = inner;
    if (inner.length === 1 && only) return only;
    return {
      clause: 'all',
      holds: inner.every((c) => c.holds),
      wanted: () => inner.map((c) => c.clause).join(' and '),
      saw: () => inner.map((c) => `${c.clause}: ${c.holds ? 'yes' : 'no'}`).join(', '),
      parts: inner,
    };
  });
  return {
    clause,
    holds: holds(parts),
    wanted: () => parts.map((p) => p.clause).join(clause === 'any' ? ' or ' : ' and '),
    saw: () => parts.map((p) => `${p.clause}: ${p.holds ? 'yes' : 'no'}`).join(', '),
    parts,
  };
}

/** A tag may be called `constructor` too. */
const one = (tags: Readonly<Record<string, string>>, tag: string): readonly string[] =>
  Object.hasOwn(tags, tag) ? [tags[tag]!] : [];
