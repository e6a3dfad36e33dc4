import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '@anyseat/base';
import { countPeople, groupCells, sumOf, type Expected, type Present } from './countPeople.ts';
import { median, sitesBehind, type SiteSight } from './sitesBehind.ts';

const NOW = 100 * HOUR;
const shift = (
  site: string,
  department: string,
  who: number | string,
  since = HOUR,
  allocator = 'a',
): Expected => ({
  shift: {
    site,
    department,
    person: typeof who === 'string' ? who : undefined,
    heads: typeof who === 'string' ? 1 : who,
    from: NOW - since,
    to: NOW + HOUR,
  },
  allocator,
});
const here = (user: string, site: string, department: string, idleMs?: number, allocator = 'a'): Present => ({
  user,
  site,
  department,
  allocator,
  idleMs,
});
const count = (expected: Expected[], present: Present[]) =>
  countPeople(expected, present, { now: NOW, activeMs: 5 * MINUTE });
const all = (expected: Expected[], present: Present[]) => sumOf(count(expected, present).cells);

test('people are expected, logged in, active or idle; of whom nobody knows it they are neither', () => {
  const { cells, missing } = count(
    [shift('nt', 'hotels', 3), shift('nt', 'hotels', 'Anna'), shift('sh', 'flights', 'bob')],
    [here('anna', 'nt', '', 1000), here('carl', 'nt', 'Hotels', HOUR), here('dora', 'nt', 'hotels')],
  );
  expect(sumOf(cells)).toEqual({ expected: 5, loggedIn: 3, active: 1, idle: 1, missing: 2 });
  const byPlace = groupCells(cells, ({ site, department }) => `${site}/${department}`);
  expect([...byPlace].map(([key, group]) => [key, sumOf(group)])).toEqual([
    ['nt/hotels', { expected: 4, loggedIn: 3, active: 1, idle: 1, missing: 1 }],
    ['sh/flights', { expected: 1, loggedIn: 0, active: 0, idle: 0, missing: 1 }],
  ]);
  expect(missing.map(({ person }) => person)).toEqual(['bob']);
});

test.each<[string, Expected[], Present[], number]>([
  [
    'nobody is missed in the first quarter of an hour',
    [shift('nt', '', 9, 14 * MINUTE), shift('nt', '', 'anna', MINUTE)],
    [],
    0,
  ],
  ['and everybody after it', [shift('nt', '', 9, 15 * MINUTE)], [], 9],
  [
    'somebody by name who sits at another site is not missed',
    [shift('nt', '', 'anna')],
    [here('anna', 'sh', '')],
    0,
  ],
  [
    'and stands in for nobody else',
    [shift('nt', '', 'anna'), shift('nt', '', 1)],
    [here('anna', 'nt', '')],
    1,
  ],
  ['somebody at two seats is one', [shift('nt', '', 2)], [here('x', 'nt', ''), here('x', 'nt', '')], 1],
  ['somebody on two rosters is one', [shift('nt', '', 'anna'), shift('nt', '', 'anna')], [], 1],
])('%s', (_, expected, present, missing) => {
  expect(all(expected, present).missing).toBe(missing);
});

test('more people of one department stand in for none of another', () => {
  const present = ['x', 'y', 'z'].map((user) => here(user, 'nt', 'b'));
  const { cells } = count([shift('nt', 'a', 2), shift('nt', 'b', 2)], present);
  const missing = [...groupCells(cells, ({ department }) => department)].map(([name, own]) => [
    name,
    sumOf(own).missing,
  ]);
  expect(missing).toEqual([
    ['a', 2],
    ['b', 0],
  ]);
});

describe('a site falls behind', () => {
  const sight = (site: string, more: Partial<SiteSight> = {}): SiteSight => ({
    site,
    expected: 100,
    missing: 0,
    loggedIn: 100,
    usual: undefined,
    tcs: 100,
    online: 100,
    ...more,
  });
  const told = (sights: SiteSight[], directory = true) => {
    const { sites, all } = sitesBehind(sights, directory);
    return [
      all ? 'all' : 'some',
      ...sites.map(
        ({ site, by, missing, expected, cause }) => `${site} ${missing}/${expected} ${by} ${cause}`,
      ),
    ];
  };

  test.each<[string, SiteSight[], string[]]>([
    [
      'by a fifth of its people',
      [sight('a', { missing: 20 }), sight('b')],
      ['some', 'a 20/100 roster unknown'],
    ],
    ['and not by less', [sight('a', { missing: 19 }), sight('b')], ['some']],
    ['nor by four people', [sight('a', { expected: 10, missing: 4 })], ['some']],
    [
      'by its line when its thin clients are not connected',
      [sight('a', { missing: 90, online: 10 }), sight('b')],
      ['some', 'a 90/100 roster network'],
    ],
    [
      'with all others',
      [sight('a', { missing: 40 }), sight('b', { missing: 50 }), sight('c', { expected: 0 })],
      ['all', 'b 50/100 roster unknown', 'a 40/100 roster unknown'],
    ],
    ['alone where it is the only one', [sight('a', { missing: 40 })], ['some', 'a 40/100 roster unknown']],
    [
      'by what is there as a rule where there is no roster',
      [sight('a', { expected: 0, usual: 80, loggedIn: 30 }), sight('b')],
      ['some', 'a 50/80 past unknown'],
    ],
    ['not against four', [sight('a', { expected: 0, usual: 4, loggedIn: 0 })], ['some']],
  ])('%s', (_, sights, expected) => {
    expect(told(sights)).toEqual(expected);
  });

  test('by its directory, when that does not answer', () => {
    expect(told([sight('a', { missing: 40 }), sight('b')], false)).toEqual([
      'some',
      'a 40/100 roster directory',
    ]);
  });
});

test('a median is one that was there', () => {
  expect([median([]), median([3]), median([1, 9]), median([5, 1, 9])]).toEqual([undefined, 3, 1, 5]);
});
