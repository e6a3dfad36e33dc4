import { pino } from 'pino';
import { expect, test } from 'vitest';
import { MINUTE, type Clock } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { Store } from '../store/store.ts';
import { LeakedPorts } from './leakedPorts.ts';
import { Problems } from './problems.ts';
import { Snapshots } from './snapshots.ts';

/** A cloud and a store as far as ports concern them. */
function opened(servers: string[], ports: [id: string, serverId: string][], ours: string[]) {
  let now = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.resolve(),
    after: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const removed: string[] = [];
  const world = { servers, complete: true, goneByLook: new Set(ours) };
  const cloud = {
    name: 'c',
    list: () =>
      Promise.resolve({
        servers: world.servers.map((id) => ({ id, name: id, createdAt: 0 })),
        complete: world.complete,
        startedAt: now,
      }),
    ports: () =>
      Promise.resolve(
        ports.filter(([id]) => !removed.includes(id)).map(([id, serverId]) => ({ id, serverId })),
      ),
    server: (id: string) => Promise.resolve(world.goneByLook.has(id) ? 'gone' : { id }),
    removePort: (id: string) => Promise.resolve(void removed.push(id)),
  } as unknown as Cloud;
  const store = {
    formerServers: (_cloud: string, ids: string[]) => Promise.resolve(ids.filter((id) => ours.includes(id))),
    addAudit: () => Promise.resolve(),
  } as unknown as Store;
  const problems = new Problems(clock);
  const sweeper = new LeakedPorts({
    store,
    clouds: new Map([['c', cloud]]),
    snapshots: new Snapshots(clock, 'tag', new AbortController().signal),
    problems,
    clock,
    log: pino({ level: 'silent' }),
  });
  const sweep = async (minutes: number) => {
    now += minutes * MINUTE;
    await sweeper.sweep(cloud);
    return removed;
  };
  const elsewhere = {
    name: 'elsewhere',
    list: () => Promise.resolve({ servers: [], complete: true, startedAt: now }),
    ports: () => Promise.resolve([]),
  } as unknown as Cloud;
  return { sweep, sweepElsewhere: () => sweeper.sweep(elsewhere), world, problems };
}

test('a port of a server of ours that is gone is removed when it is seen twice, and listed meanwhile', async () => {
  const { sweep, problems } = opened(
    ['s1'],
    [
      ['p1', 's1'],
      ['p2', 's2'],
    ],
    ['s2'],
  );
  expect(await sweep(0)).toEqual([]);
  expect(problems.list().map(({ kind, what, tries }) => [kind, what, tries])).toEqual([
    ['leaked-port', 'port p2', 0],
  ]);
  expect(await sweep(5)).toEqual(['p2']);
  await sweep(5);
  expect(problems.list()).toEqual([]);
});

test('ports of servers that never were ours are nobody’s business here', async () => {
  const { sweep } = opened([], [['p1', 'foreign']], []);
  await sweep(0);
  expect(await sweep(5)).toEqual([]);
});

test('an incomplete listing proves nothing', async () => {
  const { sweep, world } = opened([], [['p1', 's1']], ['s1']);
  world.complete = false;
  await sweep(0);
  expect(await sweep(5)).toEqual([]);
});

test('nor does a complete one, when the cloud has the server after all', async () => {
  const { sweep, world } = opened([], [['p1', 's1']], ['s1']);
  world.goneByLook.clear();
  await sweep(0);
  expect(await sweep(5)).toEqual([]);
});

test('what was seen in one cloud is not forgotten over a sweep of another', async () => {
  const { sweep, sweepElsewhere } = opened([], [['p1', 's1']], ['s1']);
  await sweep(0);
  await sweepElsewhere();
  expect(await sweep(5)).toEqual(['p1']);
});

test('a sweep removes twenty at most', async () => {
  const many = Array.from({ length: 30 }, (_, i): [string, string] => [`p${i}`, `s${i}`]);
  const { sweep } = opened(
    [],
    many,
    many.map(([, server]) => server),
  );
  await sweep(0);
  expect((await sweep(5)).length).toBe(20);
});
