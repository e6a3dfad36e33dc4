import { describe, expect, test } from 'vitest';
import { DAY } from '@anyseat/base';
import { conditionsOf } from './conditions.ts';
import type { CloudEvidence, Evidence, PoolEvidence, SeatEvidence } from './evidence.ts';
import { keyOf } from './alert.ts';

const well: Evidence = {
  now: 1_000 * DAY,
  store: { ok: true, text: 'writing' },
  disk: { freeMb: 50_000, totalMb: 100_000 },
  certificates: [{ name: 'listen.tls', endsAt: 1_400 * DAY }],
  directories: [{ name: 'ad', ok: true, text: 'answers' }],
  guessed: [],
  clouds: [],
  pools: [],
  problems: [],
  seats: [],
  tcs: [],
  titleOf: (site) => site.toUpperCase(),
  channels: [],
};
const cloud: CloudEvidence = {
  name: 'c',
  untried: false,
  failure: undefined,
  complete: true,
  lookMs: 300,
  failed: [],
  hosts: Array.from({ length: 20 }, (_, i) => ({
    name: `h${i}`,
    up: true,
    enabled: true,
    reason: undefined,
  })),
  crowding: [{ host: 'h1', memory: 1.19, cpu: 1.99 }],
  quotas: [
    { name: 'instances', used: 89, most: 100 },
    { name: 'ram', used: 10_000, most: -1 },
  ],
  services: [{ name: 'nova-scheduler@ctl', up: true }],
};
const pool: PoolEvidence = {
  name: 'office',
  cloud: 'c',
  closed: false,
  ceiling: 100,
  ready: 10,
  broken: 2,
  quarantined: 1,
  waiting: 3,
  trouble: undefined,
};
const lines = { memory: 1.2, cpu: 2, quota: 0.9 };
const keys = (seen: Partial<Evidence>): string[] =>
  conditionsOf({ ...well, ...seen }, lines).conditions.map(keyOf);
const down = (n: number) => cloud.hosts!.map((host, i) => ({ ...host, up: i >= n }));

test('of a floor where all is well there is nothing to tell', () => {
  expect(conditionsOf({ ...well, clouds: [cloud], pools: [pool] }, lines)).toEqual({
    conditions: [],
    blind: [{ codes: [], within: 'cloud/c' }],
  });
});

test.each<[string, Partial<Evidence>, string[]]>([
  ['a store that fails', { store: { ok: false, text: 'full' } }, ['store-failing hub']],
  ['a disk that fills', { disk: { freeMb: 9, totalMb: 100 } }, ['disk-low hub']],
  ['a full one', { disk: { freeMb: 2, totalMb: 100 } }, ['disk-low hub', 'disk-nearly-full hub']],
  [
    'a certificate that ends in a week',
    { certificates: [{ name: 'k', endsAt: 1_007 * DAY }] },
    ['certificate-ends certificate/k'],
  ],
  [
    'one that ended',
    { certificates: [{ name: 'k', endsAt: 999 * DAY }] },
    ['certificate-ends certificate/k', 'certificate-over certificate/k'],
  ],
  [
    'a directory that is away',
    { directories: [{ name: 'ad', ok: false, text: 'ad: refused' }] },
    ['directory-down directory/ad'],
  ],
  ['a cloud that is away', { clouds: [{ ...cloud, failure: 'timeout' }] }, ['cloud-down cloud/c']],
  ['a cell that is down', { clouds: [{ ...cloud, complete: false }] }, ['cloud-incomplete cloud/c']],
  ['a slow cloud', { clouds: [{ ...cloud, lookMs: 15_000 }] }, ['cloud-slow cloud/c']],
  ['servers in ERROR', { clouds: [{ ...cloud, failed: ['a', 'b'] }] }, ['servers-failed cloud/c']],
  [
    'a scheduler that is down',
    { clouds: [{ ...cloud, services: [{ name: 's@c', up: false }] }] },
    ['cloud-service-down service/c/s@c'],
  ],
  [
    'a quota that is nearly used up',
    { clouds: [{ ...cloud, quotas: [{ name: 'cores', used: 90, most: 100 }] }] },
    ['quota-near quota/c/cores'],
  ],
  ['a host down', { clouds: [{ ...cloud, hosts: down(1) }] }, ['host-down host/c/h0']],
  [
    'so many hosts down that it is the message bus',
    { clouds: [{ ...cloud, hosts: down(3) }] },
    ['hosts-many-down cloud/c', 'host-down host/c/h0', 'host-down host/c/h1', 'host-down host/c/h2'],
  ],
  [
    'a host with too much promised',
    { clouds: [{ ...cloud, crowding: [{ host: 'h1', memory: 1.2, cpu: 1 }] }] },
    ['host-crowded host/c/h1'],
  ],
  ['people who wait at an empty pool', { pools: [{ ...pool, ready: 0 }] }, ['pool-empty pool/office']],
  ['a pool that cannot', { pools: [{ ...pool, trouble: 'quota' }] }, ['pool-stuck pool/office']],
  ['one with broken ones', { pools: [{ ...pool, broken: 10 }] }, ['pool-broken pool/office']],
  ['one with many kept', { pools: [{ ...pool, quarantined: 20 }] }, ['pool-quarantine pool/office']],
  ['a closed one', { pools: [{ ...pool, ready: 0, closed: true, trouble: 'x' }] }, []],
  ['a site where somebody guesses', { guessed: ['nt'] }, ['password-guessing site/nt']],
  ['a channel that does not work', { channels: [{ name: 'm', text: 'x' }] }, ['channel-failing channel/m']],
])('%s is told', (_, seen, told) => {
  expect(keys(seen)).toEqual(told);
});

test('of what does not come right by itself there is one alert a kind, with how many', () => {
  const problem = { cloud: 'c', since: 0, tries: 1, text: 'x' };
  const problems = ['a', 'b', 'c'].map((what) => ({ ...problem, kind: 'delete-unfinished' as const, what }));
  const held = { ...problem, kind: 'vanished' as const, what: '40 servers' };
  expect(conditionsOf({ ...well, problems: [...problems, held] }, lines).conditions).toEqual([
    {
      code: 'left-undone',
      about: 'problem/c/delete-unfinished',
      within: ['cloud/c'],
      fields: { cloud: 'c', count: 3, name: 'delete-unfinished', text: 'a' },
    },
    {
      code: 'held-back',
      about: 'problem/c/vanished',
      within: ['cloud/c'],
      fields: { cloud: 'c', text: '40 servers: x' },
    },
  ]);
});

describe('seats', () => {
  const seats = (site: string, row: string, silent: number, of: number): SeatEvidence[] =>
    Array.from({ length: of }, (_, i) => ({
      seat: `${site}-${row}-${i}`,
      site,
      row,
      user: `u${i}`,
      silent: i < silent,
    }));

  test('a row is dark when nearly all of it is, a site when a quarter of it is', () => {
    const told = keys({ seats: [...seats('a', '1', 3, 4), ...seats('a', '2', 0, 96)] });
    expect(told).toEqual([
      'row-dark row/a/1',
      'seat-silent seat/a-1-0',
      'seat-silent seat/a-1-1',
      'seat-silent seat/a-1-2',
    ]);
    expect(keys({ seats: [...seats('a', '1', 10, 40), ...seats('b', '1', 0, 40)] })).toContain(
      'site-dark site/a',
    );
  });

  test('most sites at once are the hub’s own line', () => {
    const all = ['a', 'b', 'c'].flatMap((site) => seats(site, '1', site === 'c' ? 0 : 20, 40));
    expect(keys({ seats: all })[0]).toBe('sites-all-dark hub');
    const one = ['a', 'b', 'c'].flatMap((site) => seats(site, '1', site === 'a' ? 20 : 0, 40));
    expect(keys({ seats: one })[0]).toBe('site-dark site/a');
  });

  test('ten boxes of a site that are not well are one alert beside theirs, which depend on it', () => {
    const boxes = (n: number) =>
      Array.from({ length: n }, (_, i) => ({
        fingerprint: `K${i}`,
        seat: `s${i}`,
        site: 'a',
        troubles: ['hot, 93 °C'],
      }));
    expect(keys({ tcs: boxes(9) })).toEqual(
      boxes(9).map(({ fingerprint }) => `tc-trouble tc/${fingerprint}`),
    );
    expect(keys({ tcs: boxes(10) })[0]).toBe('tcs-trouble site/a');
  });

  test('ten silent seats of a large site are one alert, though it is not dark', () => {
    const told = keys({ seats: seats('a', '1', 10, 400) });
    expect(told.slice(0, 2)).toEqual(['seats-silent site/a', 'seat-silent seat/a-1-0']);
  });

  test('of seats that may be coming back still nothing is said, and nothing is over', () => {
    expect(conditionsOf({ ...well, seats: undefined, tcs: undefined }, lines)).toEqual({
      conditions: [],
      blind: [
        { codes: ['sites-all-dark', 'site-dark', 'seats-silent', 'row-dark', 'seat-silent'] },
        { codes: ['tcs-trouble', 'tc-trouble'] },
      ],
    });
  });
});

test('of a cloud that is away the rest is not known', () => {
  const away = {
    ...cloud,
    failure: 'x',
    hosts: undefined,
    crowding: undefined,
    quotas: undefined,
    services: undefined,
  };
  expect(conditionsOf({ ...well, clouds: [away] }, lines).blind).toEqual([
    {
      codes: [
        'cloud-incomplete',
        'cloud-slow',
        'servers-failed',
        'cloud-service-down',
        'quota-near',
        'host-down',
        'hosts-many-down',
        'host-crowded',
        'left-undone',
        'pool-stuck',
      ],
      within: 'cloud/c',
    },
  ]);
});
