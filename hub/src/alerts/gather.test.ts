import { expect, test } from 'vitest';
import { MINUTE, SECOND, systemClock } from '@anyseat/base';
import { poolSpec } from '@anyseat/protocol';
import { keyOf } from '../domain/alert/alert.ts';
import { conditionsOf } from '../domain/alert/conditions.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Session, TcId } from '../domain/session.ts';
import type { TcHealth } from '../domain/tcHealth.ts';
import { Gathering, type GatherDeps } from './gather.ts';

const resource = <Spec>(name: string, spec: Spec) =>
  [name, { name, revision: 1, spec, author: 't', changedAt: 0 }] as const;
const catalogue: Catalogue = {
  change: 1,
  sites: new Map([resource('nt', { title: '南通', timeZone: 'Asia/Shanghai', tags: {} })]),
  seats: new Map(
    Array.from({ length: 20 }, (_, i) =>
      resource(`s${i}`, { site: 'nt', label: `${i}`, tags: { floor: '2 F', row: String(i % 4) } }),
    ),
  ),
  pools: new Map([
    resource('office', poolSpec.parse({ title: 'O', image: 'i', flavor: 'f', floor: 1, ceiling: 10 })),
  ]),
  allocators: new Map(),
  rosters: new Map(),
};
const sessionAt = (i: number, state: Session['state'] = 'connected') =>
  ({ seat: `s${i}`, site: 'nt', user: `u${i}`, state, tc: `tc_${i}` }) as unknown as Session;

function gathering(more: Partial<GatherDeps> = {}) {
  const time = { ms: 0 };
  const deps: GatherDeps = {
    store: {
      health: () => ({ ok: true, text: 'writing' }),
      desktopCounts: () =>
        Promise.resolve([
          { pool: 'office', state: 'ready', heldBack: false, count: 2 },
          { pool: 'office', state: 'ready', heldBack: true, count: 5 },
          { pool: 'office', state: 'broken', heldBack: false, count: 3 },
          { pool: 'other', state: 'broken', heldBack: false, count: 9 },
        ]),
      missingParts: () => Promise.resolve(new Map()),
      tcs: () => Promise.resolve([]),
    },
    catalogue: () => catalogue,
    directories: [],
    clouds: new Map(),
    abilities: new Map(),
    snapshots: { latest: () => undefined, failed: () => false },
    hosts: { latest: () => undefined },
    rooms: { of: () => ({ quotas: undefined, services: undefined, hosts: undefined }) },
    problems: { list: () => [] },
    poolReport: () => ({ trouble: undefined, failure: undefined }),
    waitingFor: () => 4,
    online: () => new Set(),
    healthOf: () => undefined,
    deliveries: { failing: () => [] },
    certificates: [],
    disk: () => undefined,
    clock: { ...systemClock, monotonic: () => time.ms },
    ...more,
  };
  return { time, own: new Gathering(deps) };
}
const lines = { memory: 1.2, cpu: 2, quota: 0.9 };

test('of a pool is told what may be handed out, what is broken and who waits', async () => {
  expect((await gathering().own.evidence()).pools).toEqual([
    {
      name: 'office',
      cloud: 'default',
      closed: false,
      ceiling: 10,
      ready: 2,
      broken: 3,
      quarantined: 0,
      waiting: 4,
      trouble: undefined,
    },
  ]);
});

test('seats are silent where somebody is logged in and the box is not there, after all had time to come back', async () => {
  const { own, time } = gathering({ online: () => new Set(['tc_0' as TcId]) });
  own.see([
    sessionAt(0),
    sessionAt(1),
    sessionAt(2, 'away'),
    sessionAt(3, 'waiting'),
    sessionAt(4, 'opening'),
  ]);
  time.ms = 3 * MINUTE - SECOND;
  expect((await own.evidence()).seats).toBeUndefined();
  time.ms = 3 * MINUTE;
  expect((await own.evidence()).seats).toEqual([
    { seat: 's0', site: 'nt', row: '2 F 0', user: 'u0', silent: false },
    { seat: 's1', site: 'nt', row: '2 F 1', user: 'u1', silent: true },
    { seat: 's4', site: 'nt', row: '2 F 0', user: 'u4', silent: true },
  ]);
});

test('of a cloud that was not asked yet nothing is told; of one that was, why it is away', async () => {
  const cloud = { name: 'c' } as never;
  const keys = async (more: Partial<GatherDeps>) =>
    conditionsOf(
      await gathering({ ...more, clouds: new Map([['c', cloud]]), waitingFor: () => 0 }).own.evidence(),
      lines,
    )
      .conditions.filter(({ about }) => about.startsWith('cloud/'))
      .map((one) => `${keyOf(one)}: ${one.fields['text']}`);
  expect(await keys({})).toEqual([]);
  expect(await keys({ abilities: new Map([['c', 'cloud c: no answer']]) })).toEqual([
    'cloud-down cloud/c: no answer',
  ]);
  const snapshots = { latest: () => undefined, failed: () => true };
  expect(await keys({ snapshots })).toEqual(['cloud-down cloud/c: its servers could not be listed']);
});

test('whose box is not well is looked up when one is, and no more than once a minute', async () => {
  let read = 0;
  const tcs = () => {
    read += 1;
    return Promise.resolve([{ id: 'tc_1', fingerprint: 'K1', seat: 's1' }] as never);
  };
  const store = { ...depsStore(), tcs, missingParts: () => Promise.resolve(new Map()) };
  const hot: Partial<TcHealth> = { hottestC: 95, load: 0, cores: 4, clockOffsetMs: 0 };
  let health: TcHealth | undefined;
  const { own, time } = gathering({ store, online: () => new Set(['tc_1' as TcId]), healthOf: () => health });
  time.ms = 10 * MINUTE;
  expect([(await own.evidence()).tcs, read]).toEqual([[], 0]);
  health = hot as TcHealth;
  time.ms += 30 * SECOND;
  expect([(await own.evidence()).tcs, read]).toEqual([[], 0]);
  time.ms += 30 * SECOND;
  expect([(await own.evidence()).tcs, read]).toEqual([
    [{ fingerprint: 'K1', seat: 's1', site: 'nt', troubles: ['hot, 95 °C'] }],
    1,
  ]);
});

const depsStore = (): Pick<GatherDeps['store'], 'health' | 'desktopCounts'> => ({
  health: () => ({ ok: true, text: 'writing' }),
  desktopCounts: () => Promise.resolve([]),
});

test('where somebody guessed is told for ten minutes', async () => {
  const { own, time } = gathering();
  own.guessed('nt');
  expect((await own.evidence()).guessed).toEqual(['nt']);
  time.ms = 10 * MINUTE;
  expect((await own.evidence()).guessed).toEqual([]);
});
