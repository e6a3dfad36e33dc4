import { meant } from '@anyseat/base';
import type { AllocatorSpec, Match, ResourceKind } from '@anyseat/protocol';
import { poolsNamed } from './allocator.ts';
import type { Catalogue } from './catalogue.ts';
import { parseDn } from './distinguishedName.ts';
import { readSheet } from './roster/readSheet.ts';

/** Something about one resource that its own schema cannot know. */
export interface CrossProblem {
  kind: ResourceKind;
  name: string;
  path: string[];
  text: string;
}

/** What is wrong with these resources taken together: names that lead nowhere, or mean nothing. Empty when all is well. */
export function crossCheck(catalogue: Catalogue): CrossProblem[] {
  const seats = [...catalogue.seats.values()].flatMap(({ name, spec }): CrossProblem[] =>
    catalogue.sites.has(spec.site)
      ? []
      : [{ kind: 'seats', name, path: ['site'], text: nothing('site', spec.site, catalogue.sites) }],
  );
  const allocators = [...catalogue.allocators.values()].flatMap(({ name, spec }) =>
    [...poolProblems(spec, catalogue), ...matchProblems(spec.match, ['match'], catalogue)].map(
      (found): CrossProblem => ({ kind: 'allocators', name, ...found }),
    ),
  );
  const pools = [...catalogue.pools.values()].flatMap(({ name, spec }): CrossProblem[] =>
    spec.site === undefined || catalogue.sites.has(spec.site)
      ? []
      : [{ kind: 'pools', name, path: ['site'], text: nothing('site', spec.site, catalogue.sites) }],
  );
  return [...seats, ...pools, ...allocators, ...defaultProblems(catalogue), ...rosterProblems(catalogue)];
}

type Found = Omit<CrossProblem, 'kind' | 'name'>;

const nothing = (what: string, name: string, known: ReadonlyMap<string, unknown>): string =>
  `there is no ${what} “${name}”${meant(name, known.keys())}`;

function poolProblems(spec: AllocatorSpec, { pools, sites }: Catalogue): Found[] {
  const named = poolsNamed(spec).flatMap(({ pool: poolName, path }): Found[] => {
    const pool = pools.get(poolName);
    if (!pool) return [{ path, text: nothing('pool', poolName, pools) }];
    if ((spec.afterUse ?? pool.spec.afterUse) !== 'keep' || spec.binding !== 'none') return [];
    const text = `pool “${poolName}” keeps its desktops after use, so it can serve only allocators with a binding: a used desktop is never another person's. Write binding: user (or seat, tc), or afterUse: replace`;
    return [{ path, text }];
  });
  const elsewhere = Object.keys(spec.sitePools ?? {}).filter((site) => !sites.has(site));
  return [
    ...named,
    ...elsewhere.map((site) => ({ path: ['sitePools', site], text: nothing('site', site, sites) })),
  ];
}

function matchProblems(match: Match | undefined, path: string[], catalogue: Catalogue): Found[] {
  if (!match) return [];
  const found: Found[] = [];
  const check = (
    clause: string,
    values: readonly string[] | undefined,
    why: (v: string) => string | undefined,
  ) => {
    for (const [i, value] of (values ?? []).entries()) {
      const text = why(value);
      if (text !== undefined) found.push({ path: [...path, clause, String(i)], text });
    }
  };
  check('sites', match.sites, (site) =>
    catalogue.sites.has(site) ? undefined : nothing('site', site, catalogue.sites),
  );
  check('ou', match.ou, (ou) => (parseDn(ou) ? undefined : notADn('an OU', ou)));
  check('groups', match.groups, (group) =>
    !group.includes('=') || parseDn(group) ? undefined : notADn('a group with “=” in its name', group),
  );
  for (const kind of ['all', 'any'] as const) {
    const parts = match[kind] ?? [];
    found.push(...parts.flatMap((part, i) => matchProblems(part, [...path, kind, String(i)], catalogue)));
  }
  return [...found, ...matchProblems(match.not, [...path, 'not'], catalogue)];
}

const notADn = (what: string, text: string): string =>
  `${what} is written as the directory has it, its whole distinguished name such as ou=Sales,dc=call,dc=example; “${text}” is none`;

function rosterProblems({ rosters, sites }: Catalogue): CrossProblem[] {
  return [...rosters.values()].flatMap(({ name, spec }): CrossProblem[] => {
    if (spec.site !== undefined && !sites.has(spec.site))
      return [{ kind: 'rosters', name, path: ['site'], text: nothing('site', spec.site, sites) }];
    if (spec.shifts === undefined) return [];
    const read = readSheet(spec.shifts, { file: 'line', sites: [...sites.keys()], site: spec.site });
    if ('sheet' in read) return [];
    return read.problems.map(({ where, text }) => ({
      kind: 'rosters',
      name,
      path: ['shifts'],
      text: `${where.replace(':', ' ')}: ${text}`,
    }));
  });
}

function defaultProblems({ allocators }: Catalogue): CrossProblem[] {
  const [first, ...more] = [...allocators.values()].filter((a) => a.spec.default);
  return more.map(({ name }) => ({
    kind: 'allocators',
    name,
    path: ['default'],
    text: `“${first!.name}” is the default already; there can be one`,
  }));
}
