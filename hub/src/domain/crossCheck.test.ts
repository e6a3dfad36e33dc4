import { expect, test } from 'vitest';
import { resourceFile } from '@anyseat/protocol';
import { emptyCatalogue, type Catalogue } from './catalogue.ts';
import { crossCheck } from './crossCheck.ts';

const resource = <S>([name, spec]: [string, S]) =>
  [name, { name, spec, revision: 1, author: '', changedAt: 0 }] as const;

function catalogueOf(wanted: unknown): Catalogue {
  const { sites, seats, pools, allocators, rosters } = resourceFile.parse(wanted);
  return {
    ...emptyCatalogue,
    sites: new Map(Object.entries(sites).map(resource)),
    seats: new Map(Object.entries(seats).map(resource)),
    pools: new Map(Object.entries(pools).map(resource)),
    allocators: new Map(Object.entries(allocators).map(resource)),
    rosters: new Map(Object.entries(rosters).map(resource)),
  };
}

const pool = { title: 'P', image: 'i', flavor: 'f', floor: 0, ceiling: 1 };
const site = { title: 'S', timeZone: 'UTC' };

test('names that lead nowhere are told with their place and the name that was meant, however deep they stand', () => {
  const problems = crossCheck(
    catalogueOf({
      sites: { nantong: site, shanghai: site },
      seats: { 'a-1': { site: 'nantogn', label: '1' } },
      pools: { elsewhere: { ...pool, site: 'nanking' }, office: pool, kept: { ...pool, afterUse: 'keep' } },
      allocators: {
        a: {
          title: 'A',
          match: { any: [{ sites: ['nantong'] }, { not: { sites: ['shangai'], ou: ['Sales'] } }] },
          pools: ['offce'],
          sitePools: { beijing: ['office'], nantong: ['office', 'kept'] },
        },
        b: { title: 'B', default: true, pools: ['office'] },
        c: { title: 'C', default: true, pools: ['office'] },
        e: { title: 'E', match: { users: ['e'] }, pools: ['kept'], afterUse: 'replace' },
        d: { title: 'D', match: { groups: ['cn=Sales, South', 'Sales'] }, pools: ['office'] },
      },
    }),
  );
  expect(problems.map(({ name, path, text }) => `${name} ${path.join('.')}: ${text}`)).toEqual([
    'a-1 site: there is no site “nantogn”; did you mean “nantong”? There are: nantong, shanghai',
    'elsewhere site: there is no site “nanking”; did you mean “nantong”? There are: nantong, shanghai',
    'a pools.0: there is no pool “offce”; did you mean “office”? There are: elsewhere, office, kept',
    "a sitePools.nantong.1: pool “kept” keeps its desktops after use, so it can serve only allocators with a binding: a used desktop is never another person's. Write binding: user (or seat, tc), or afterUse: replace",
    'a sitePools.beijing: there is no site “beijing”. There are: nantong, shanghai',
    'a match.any.1.not.sites.0: there is no site “shangai”; did you mean “shanghai”? There are: nantong, shanghai',
    'a match.any.1.not.ou.0: an OU is written as the directory has it, its whole distinguished name such as ou=Sales,dc=call,dc=example; “Sales” is none',
    'd match.groups.0: a group with “=” in its name is written as the directory has it, its whole distinguished name such as ou=Sales,dc=call,dc=example; “cn=Sales, South” is none',
    'c default: “b” is the default already; there can be one',
  ]);
});

test('a roster that is written in its specification is read as a file is, with the line of the table', () => {
  const problems = crossCheck(
    catalogueOf({
      sites: { nantong: site },
      rosters: {
        good: { title: 'G', site: 'nantong', shifts: 'from,to,heads\n08:00,17:00,4\n' },
        lost: { title: 'L', site: 'nantogn' },
        wrong: {
          title: 'W',
          shifts: 'site,from,to,heads\nnantong,08:00,17:00,4\nmars,08:00,8h,4\nnantong,08:00,8h,4',
        },
      },
    }),
  );
  expect(problems.map(({ kind, name, path, text }) => `${kind} ${name} ${path.join('.')}: ${text}`)).toEqual([
    'rosters lost site: there is no site “nantogn”; did you mean “nantong”? There are: nantong',
    'rosters wrong shifts: line 3: there is no site “mars”. There are: nantong',
    'rosters wrong shifts: line 4: “8h” in to is no time such as 08:30 or 2026-11-24 08:30',
  ]);
});
