import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type Clock } from '@anyseat/base';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Session } from '../domain/session.ts';
import type { Tc } from '../domain/tc.ts';
import { HeadCounts, type HeadCountsDeps } from './headCounts.ts';
import type { PlacedShift } from './rosters.ts';

const NOW = Date.parse('2026-11-24T09:05:00+08:00');
const QUARTER = Date.parse('2026-11-24T09:00:00+08:00');

function setUp() {
  const time = { passed: 0, lookMs: 10 };
  const slept: number[] = [];
  const clock = {
    now: () => NOW + time.passed,
    monotonic: () => time.passed,
    sleep: (ms: number) => {
      slept.push(ms);
      time.passed += ms;
      return Promise.resolve();
    },
  } as unknown as Clock;
  const world = {
    users: ['anna', 'bob'],
    idle: new Map([['anna', 1000]]),
    past: [] as { at: number; site: string; loggedIn: number }[],
    written: [] as unknown[],
    looks: 0,
    placed: [] as PlacedShift[],
  };
  const session = (user: string): Session =>
    ({
      id: `ses_${user}`,
      user,
      site: 'nt',
      allocator: 'all',
      person: `d:${user}`,
      state: 'connected',
    }) as Session;
  const store: HeadCountsDeps['store'] = {
    sessions: () => {
      world.looks++;
      time.passed += time.lookMs;
      return Promise.resolve(world.users.map(session));
    },
    tcs: () =>
      Promise.resolve(
        ['t1', 't2'].map((id) => ({ id: `tc_${id}`, state: 'enrolled', seat: 's1' }) as unknown as Tc),
      ),
    recordHeadCounts: (at, counts) => {
      world.written.push([at, counts]);
      return Promise.resolve();
    },
    headCounts: () => Promise.resolve([]),
    loggedInAt: (moments) => Promise.resolve(world.past.filter(({ at }) => moments.includes(at))),
    forgetHeadCounts: () => Promise.resolve(0),
  };
  const counts = new HeadCounts({
    store,
    clock,
    catalogue: () =>
      ({
        sites: new Map([['nt', { name: 'nt', spec: { title: 'N', timeZone: 'Asia/Shanghai', tags: {} } }]]),
        seats: new Map([['s1', { name: 's1', spec: { site: 'nt' } }]]),
      }) as unknown as Catalogue,
    rosters: {
      get placed() {
        return world.placed;
      },
    },
    people: {
      departmentOf: (person) => (person === 'd:bob' ? 'hotels' : ''),
      learn: () => Promise.resolve(),
    },
    inputOf: ({ user }) =>
      world.idle.has(user)
        ? { idleMs: world.idle.get(user)!, overMs: 1, keys: 0, clicks: 0, wheel: 0, moves: 0 }
        : undefined,
    online: () => new Set(['tc_t1'] as never[]),
    directoriesWell: () => true,
  });
  return { counts, world, time, slept };
}

test('many who ask at once share a look, nobody is told of before they asked, and looks rest', async () => {
  const { counts, world, time, slept } = setUp();
  await Promise.all([counts.now(), counts.now(), counts.now()]);
  expect([world.looks, slept]).toEqual([1, []]);
  world.users = ['anna'];
  expect((await counts.now()).cells.map(({ loggedIn }) => loggedIn)).toEqual([1]);
  time.lookMs = 500;
  await counts.now();
  await counts.now();
  expect([world.looks, slept]).toEqual([4, [200, 200, 1500]]);
  // Seconds ago is good enough for some.
  await counts.lately();
  expect(world.looks).toBe(4);
  time.passed += MINUTE;
  await counts.lately();
  expect(world.looks).toBe(5);
});

test('a quarter of an hour is written down once, as it began', async () => {
  const { counts, world, time } = setUp();
  await counts.record();
  await counts.record();
  const cell = (department: string, active: number) => ({
    site: 'nt',
    department,
    allocator: 'all',
    expected: 0,
    loggedIn: 1,
    active,
  });
  expect(world.written).toEqual([[QUARTER, [cell('', 1), cell('hotels', 0)]]]);
  time.passed = 15 * MINUTE;
  await counts.record();
  expect(world.written).toHaveLength(2);
});

test('a site is behind its roster, or the middle of the same weekday before; one week is no rule', async () => {
  const { counts, world, time } = setUp();
  const week = (n: number, loggedIn: number) => ({ at: QUARTER - n * 7 * DAY, site: 'nt', loggedIn });
  world.past = [week(1, 40)];
  expect((await counts.now()).behind.sites).toEqual([]);
  world.past = [week(1, 40), week(2, 30), week(3, 50)];
  time.passed += 15 * MINUTE;
  world.past = world.past.map((one) => ({ ...one, at: one.at + 15 * MINUTE }));
  const past = await counts.now();
  expect([past.usual, past.behind.sites]).toEqual([
    new Map([['nt', 40]]),
    [{ site: 'nt', by: 'past', expected: 40, missing: 38, cause: 'network', tcs: 2, offline: 1 }],
  ]);
  const shift = {
    site: 'nt',
    department: 'hotels',
    person: undefined,
    heads: 20,
    from: NOW - HOUR,
    to: NOW + HOUR,
  };
  world.placed = [{ shift, placed: { why: 'no allocator serves them' }, roster: 'r' }];
  const { behind, cells } = await counts.now();
  expect(behind.sites).toMatchObject([{ by: 'roster', expected: 20, missing: 18 }]);
  expect(cells.find(({ heads }) => heads > 0)).toMatchObject({
    department: 'hotels',
    allocator: '',
    heads: 20,
  });
});
