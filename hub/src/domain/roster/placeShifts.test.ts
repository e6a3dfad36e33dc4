import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '@anyseat/base';
import { allocatorSpec, poolSpec, rosterSpec, siteSpec } from '@anyseat/protocol';
import { emptyCatalogue, type Catalogue, type Resource } from '../catalogue.ts';
import type { Person } from '../person.ts';
import { arrivalWindows, type Arrival } from './arrivalWindows.ts';
import { expectedCurve, quartersOf, sameDaysBefore, weeksBefore } from './dayCurve.ts';
import { placer, type Known } from './placeShifts.ts';
import type { Shift } from './shifts.ts';

const NIGHT = Date.parse('2026-11-24T22:00:00+08:00');
const resources = <Spec>(all: Record<string, Spec>): Map<string, Resource<Spec>> =>
  new Map(
    Object.entries(all).map(([name, spec]) => [name, { name, revision: 1, spec, author: '', changedAt: 0 }]),
  );
const pool = (closed?: string) =>
  poolSpec.parse({
    title: 'P',
    image: 'i',
    flavor: 'f',
    floor: 0,
    ceiling: 9,
    ...(closed ? { closed } : {}),
  });
const rule = (priority: number, match: object, pools: string[], more: object = {}) =>
  allocatorSpec.parse({ title: 'A', priority, match, pools, ...more });
const catalogue: Catalogue = {
  ...emptyCatalogue,
  sites: resources({
    nt: siteSpec.parse({ title: 'N', timeZone: 'Asia/Shanghai', tags: { city: 'Nantong' } }),
    sh: siteSpec.parse({ title: 'S', timeZone: 'Asia/Shanghai' }),
  }),
  pools: resources({ a: pool(), b: pool('disks'), c: pool(), d: pool(), own: pool() }),
  allocators: resources({
    leads: rule(90, { groups: ['cn=leads,dc=call'] }, ['own'], { binding: 'user' }),
    named: rule(80, { users: ['wang.fang'] }, ['c']),
    night: rule(70, { hours: ['22:00-06:00'], person: { department: 'hotels' } }, ['b', 'd']),
    group: rule(60, { groups: ['flights'] }, ['a'], { sitePools: { sh: ['c'] } }),
    row: rule(50, { seat: { row: '2' } }, ['d']),
  }),
};
const shift = (department: string, more: Partial<Shift> = {}): Shift => ({
  site: 'nt',
  department,
  person: undefined,
  heads: 3,
  from: NIGHT,
  to: NIGHT + 8 * HOUR,
  ...more,
});
const person = (user: string, more: Partial<Person> = {}): Person => ({
  id: `d:${user}`,
  directory: 'd',
  user,
  displayName: user,
  dn: '',
  groups: [],
  attributes: {},
  ...more,
});
const known: Known = (user) =>
  user === 'gone' ? null : user === 'lead' ? person(user, { groups: ['cn=leads,dc=call'] }) : undefined;
const { departments } = rosterSpec.parse({
  title: 'R',
  departments: { 主管: { groups: ['cn=leads,dc=call'] }, training: { seat: { row: '2' } } },
});

test.each<[string, Shift, string]>([
  ['a head count is somebody of the department, by the clock of the site', shift('hotels'), 'night d'],
  ['and by day another one serves', shift('hotels', { from: NIGHT - 10 * HOUR }), 'no allocator serves them'],
  ['its name is a group as well', shift('flights'), 'group a'],
  ['at another site it is another pool', shift('flights', { site: 'sh' }), 'group c'],
  ['what the roster says of a department goes first', shift('主管'), 'leads own'],
  ['seats of a department have tags', shift('training'), 'row d'],
  ['somebody of whom nothing is known has a name', shift('x', { person: 'wang.fang' }), 'named c'],
  ['somebody who was seen is judged as they were seen', shift('hotels', { person: 'lead' }), 'leads own'],
  [
    'somebody whom no directory has is nobody',
    shift('hotels', { person: 'gone' }),
    'no directory knows them',
  ],
  ['a site that is gone serves nobody', shift('hotels', { site: 'old' }), 'there is no site “old” any more'],
])('%s', (_, one, expected) => {
  const placed = placer(catalogue, known)(one, departments);
  expect('why' in placed ? placed.why : `${placed.allocator} ${placed.pool}`).toBe(expected);
});

const arrival = (heads: number, more: Partial<Arrival> & { person?: string; at?: number } = {}): Arrival => ({
  shift: shift('x', { heads, person: more.person, from: NIGHT + (more.at ?? 0) }),
  pool: 'a',
  bound: false,
  earlyMinutes: 20,
  lateMinutes: 10,
  ...more,
});
const windows = (arrivals: Arrival[], has: string[] = [], owned = 0) =>
  [...arrivalWindows(arrivals, { hasOne: (user) => has.includes(user), owned: () => owned })].map(
    ([name, own]) => [
      name,
      ...own.map(({ from, to, people }) => [(from - NIGHT) / MINUTE, (to - NIGHT) / MINUTE, people]),
    ],
  );

test('people sit down from before their shift to after its beginning; those of one moment are one window', () => {
  expect(windows([arrival(3), arrival(4, { at: HOUR }), arrival(5), arrival(1, { pool: 'b' })])).toEqual([
    ['a', [-20, 10, 8], [40, 70, 4]],
    ['b', [-20, 10, 1]],
  ]);
});

test('nothing is made ready for who is there, or has a desktop of their own', () => {
  expect(windows([arrival(1, { person: 'anna' }), arrival(1, { person: 'bob' })], ['anna'])).toEqual([
    ['a', [-20, 10, 1]],
  ]);
  expect(
    windows(
      [arrival(3, { bound: true }), arrival(4, { bound: true }), arrival(4, { bound: true, at: HOUR })],
      [],
      5,
    ),
  ).toEqual([['a', [-20, 10, 2]]]);
});

test('a day has as many quarters of an hour as its clock shows', () => {
  const count = (date: string) => quartersOf(date, 'Europe/Berlin').length;
  expect([count('2026-11-24'), count('2026-10-25'), count('2026-03-29')]).toEqual([96, 100, 92]);
});

test('a curve is who is expected at each quarter of an hour', () => {
  const moments = quartersOf('2026-11-24', 'Asia/Shanghai').slice(88, 96);
  const at = (minutes: number) => NIGHT + minutes * MINUTE;
  const shifts = [
    shift('x', { from: at(15), to: at(45) }),
    shift('x', { from: at(-600), to: at(20), heads: 2 }),
    shift('x', { from: at(100), to: at(900), heads: 7 }),
  ];
  expect(expectedCurve(shifts, moments)).toEqual([2, 5, 3, 0, 0, 0, 0, 7]);
});

test('the weeks before are those of the clock on the wall', () => {
  expect(sameDaysBefore('2026-11-03', 2)).toEqual(['2026-10-27', '2026-10-20']);
  const before = weeksBefore(Date.parse('2026-10-27T08:07:00+01:00'), 1, 'Europe/Berlin');
  expect(new Date(before).toISOString()).toBe('2026-10-20T06:00:00.000Z');
});
