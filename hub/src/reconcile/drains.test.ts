import { expect, test } from 'vitest';
import { Fault, SECOND, silentLog, type Clock } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { Actor } from '../domain/audit.ts';
import type { Desktop } from '../domain/desktop.ts';
import type { Drain } from '../domain/drain.ts';
import type { CloudHost } from '../domain/hosts.ts';
import type { Session, TcId } from '../domain/session.ts';
import type { SwapOrder, Swapped } from '../store/store.ts';
import { Drains } from './drains.ts';

const WARN_MS = 120 * SECOND;

/** Six people at work on host cn-1, spares elsewhere, and a clock that stands until it is moved. */
function world({ drain = {}, people = 6, ready = 9, atOnce = 2 } = {}) {
  const drained: Drain = {
    cloud: 'c',
    host: 'cn-1',
    reason: 'fan',
    by: 'li.na',
    at: 0,
    told: true,
    people: true,
    bound: false,
    ...drain,
  };
  const session = (n: number) =>
    ({
      id: `ses_${n}`,
      tc: `tc_${n}`,
      state: 'connected',
      generation: 1,
      pools: ['p'],
      desktop: `dt_${n}`,
    }) as unknown as Session;
  const desktop = (id: string, more: object) =>
    ({ id, cloud: 'c', pool: 'p', host: 'cn-1', ...more }) as unknown as Desktop;
  const numbers = Array.from({ length: people }, (_, i) => i + 1);
  const w = {
    now: 0,
    ready,
    readyIn: {} as Record<string, number>,
    /** Of pool p. */
    waiting: 0,
    drains: [drained],
    live: numbers.map(session),
    desktops: numbers.map((n) => desktop(`dt_${n}`, { state: 'leased', session: `ses_${n}` })),
    hosts: [{ name: 'cn-1', up: true, enabled: false, reason: 'fan' }] as CloudHost[],
    online: new Set(numbers.map((n) => `tc_${n}` as TcId)),
    epoch: 1,
    enableHost: (_host: string) => Promise.resolve(),
    said: [] as string[],
    answer: (_order: SwapOrder): Swapped['kind'] => 'swapped',
    report: () => drains.report(drained),
    /** Looks after so many seconds, and hears what happened. */
    async pass(seconds: number): Promise<string[]> {
      w.now += seconds * SECOND;
      w.said = [];
      await drains.look(w.live);
      return w.said;
    },
    /** The picture of the other desktop is there. */
    done(id: string): void {
      w.live = w.live.map((one) => (one.id === id ? { ...one, generation: 2, swap: undefined } : one));
    },
    load: () => drains.load(),
    stop: () => drains[Symbol.asyncDispose](),
    /** An operator ends it, and the cloud does this. */
    end: (enableHost: () => Promise<void>) => {
      const by: Actor = { kind: 'operator', name: 'li.na' };
      const cloud = { enableHost } as unknown as Cloud;
      return drains.end({ cloud: 'c', host: 'cn-1' }, by, cloud, AbortSignal.timeout(10_000));
    },
    /** An operator says it again, and the cloud takes it or not. */
    sayAgain: (wanted: Pick<Drain, 'people' | 'bound'>, takes: boolean) => {
      const enableHost = () => (takes ? Promise.resolve() : Promise.reject(new Error('503')));
      const again = { cloud: 'c', host: 'cn-1', reason: 'fan', ...wanted };
      const by: Actor = { kind: 'operator', name: 'li.na' };
      return drains.begin(again, by, { enableHost } as unknown as Cloud, AbortSignal.timeout(10_000));
    },
  };
  const drains = new Drains({
    store: {
      drains: () => Promise.resolve(w.drains),
      drainHost: (one) => {
        const drain = { ...drained, ...one };
        w.drains = [drain];
        return Promise.resolve(drain);
      },
      drainIsTold: () => Promise.resolve(),
      endDrain: () => {
        w.drains = [];
        return Promise.resolve(true);
      },
      desktops: (filter) =>
        Promise.resolve(
          filter && 'state' in filter
            ? Object.entries({ p: w.ready, ...w.readyIn }).flatMap(([pool, length]) =>
                Array.from({ length }, (_, i) =>
                  desktop(`r_${pool}${i}`, { pool, state: 'ready', host: 'cn-2' }),
                ),
              )
            : w.desktops,
        ),
    },
    clouds: new Map([['c', { enableHost: (host: string) => w.enableHost(host) } as unknown as Cloud]]),
    hostsOf: () => w.hosts,
    hostOf: () => undefined,
    online: () => w.online,
    epochOf: () => w.epoch,
    waitingFor: (pool) => (pool === 'p' ? w.waiting : 0),
    swap: (order) => {
      const kind = w.answer(order);
      w.said.push(`${kind} ${order.desktop}`);
      if (kind === 'swapped') {
        w.ready--;
        w.desktops = w.desktops.filter((one) => one.id !== order.desktop);
        w.live = w.live.map((one) =>
          one.id === order.was?.session ? { ...one, state: 'opening', swap: { at: 1 } } : one,
        );
      }
      return Promise.resolve({ kind } as Swapped);
    },
    warn: (one, warning) =>
      w.said.push(warning ? `${one.id} ${warning.code} at ${warning.at / SECOND}` : `${one.id} taken back`),
    atOnce,
    warnMs: WARN_MS,
    clock: { now: () => w.now, monotonic: () => w.now } as unknown as Clock,
    log: silentLog,
  });
  return w;
}

test('two at a time are warned, moved, and wait for their pictures before the next are warned', async () => {
  const w = world({ people: 3 });
  await w.load();
  expect(await w.pass(0)).toEqual(['ses_1 desktop-moves-soon at 120', 'ses_2 desktop-moves-soon at 120']);
  expect(w.report()).toEqual({ moving: 2, nextAt: 120_000, held: undefined });
  expect(await w.pass(119)).toEqual([]);
  expect(await w.pass(1)).toEqual(['swapped dt_1', 'ses_1 taken back', 'swapped dt_2', 'ses_2 taken back']);
  expect(await w.pass(5)).toEqual([]);
  w.done('ses_1');
  expect(await w.pass(5)).toEqual(['ses_3 desktop-moves-soon at 250']);
  expect(await w.pass(120)).toEqual(['swapped dt_3', 'ses_3 taken back']);
  expect(await w.pass(5)).toEqual([]);
  expect(w.report()).toEqual({ moving: 0, nextAt: undefined, held: undefined });
});

test('a seat that does not come for its desktop holds up the others for two minutes, and no longer', async () => {
  const w = world({ people: 3 });
  await w.load();
  await w.pass(0);
  await w.pass(120);
  expect(await w.pass(110)).toEqual([]);
  expect(await w.pass(11)).toEqual(['ses_3 desktop-moves-soon at 361']);
});

test('who is warned and goes, or whose line breaks, is not moved; who comes back is warned anew', async () => {
  const w = world({ people: 2 });
  await w.load();
  await w.pass(0);
  w.desktops = w.desktops.slice(0, 1);
  expect(await w.pass(60)).toEqual(['ses_2 taken back']);
  w.online.delete('tc_1' as TcId);
  expect(await w.pass(30)).toEqual(['ses_1 taken back']);
  w.online.add('tc_1' as TcId);
  w.epoch = 2;
  expect(await w.pass(40)).toEqual(['ses_1 desktop-moves-soon at 250']);
  // Granted anew, at another seat perhaps.
  w.live = w.live.map((one) => ({ ...one, generation: 2 }));
  expect(await w.pass(60)).toEqual(['ses_1 desktop-moves-soon at 310']);
});

test.each([
  ['none is ready', { ready: 0 }, 'no desktop is ready in pool p that nobody waits for'],
  [
    'people wait for all that are ready',
    { waiting: 9 },
    'no desktop is ready in pool p that nobody waits for',
  ],
  ['the cloud has not said how its hosts are', { hosts: [] }, 'the cloud has not said yet how the host is'],
  [
    'somebody enabled the host in the cloud',
    { hosts: [{ name: 'cn-1', up: true, enabled: true, reason: undefined }] },
    'the cloud has the host enabled, and may give it new ones',
  ],
  [
    'many hosts look down',
    {
      hosts: ['cn-1', 'cn-2', 'cn-3'].map((name) => ({
        name,
        up: false,
        enabled: name !== 'cn-1',
        reason: undefined,
      })),
    },
    'more than a tenth of the hosts look down',
  ],
])('nobody is moved while %s, and it is said', async (_, more, held) => {
  const w = Object.assign(world(), more);
  await w.load();
  expect(await w.pass(0)).toEqual([]);
  expect(w.report()).toEqual({ moving: 0, nextAt: undefined, held });
});

test('what is said of a host while it is moved from is heeded at once', async () => {
  const w = world();
  await w.load();
  await w.pass(0);
  w.hosts = [{ name: 'cn-1', up: true, enabled: true, reason: undefined }];
  expect(await w.pass(60)).toEqual(['ses_1 taken back', 'ses_2 taken back']);
  w.hosts = [{ name: 'cn-1', up: true, enabled: false, reason: undefined }];
  await w.pass(60);
  w.drains = [];
  await w.load();
  expect(await w.pass(60)).toEqual(['ses_1 taken back', 'ses_2 taken back']);
  expect(await w.pass(60)).toEqual([]);
});

test('whose turn has come, and none is ready, is told that it is off, and anew before it happens after all', async () => {
  const w = world({ people: 2 });
  await w.load();
  await w.pass(0);
  w.answer = ({ desktop }) => ((desktop as string) === 'dt_1' ? 'none-ready' : 'changed');
  expect(await w.pass(120)).toEqual([
    'none-ready dt_1',
    'ses_1 taken back',
    'changed dt_2',
    'ses_2 taken back',
  ]);
  w.answer = () => 'swapped';
  expect(await w.pass(5)).toEqual(['ses_1 desktop-moves-soon at 245', 'ses_2 desktop-moves-soon at 245']);
  w.ready = 0;
  expect(await w.pass(120)).toEqual(['ses_1 taken back', 'ses_2 taken back']);
  expect(w.report()).toEqual({
    moving: 0,
    nextAt: undefined,
    held: 'no desktop is ready in pool p that nobody waits for',
  });
  for (let look = 0; look < 720; look++) expect(await w.pass(5)).toEqual([]);
  w.ready = 2;
  expect(await w.pass(5)).toEqual(['ses_1 desktop-moves-soon at 3970', 'ses_2 desktop-moves-soon at 3970']);
});

test('a warning is taken back where its connection is gone and there is no other turn', async () => {
  const w = world({ people: 1, ready: 1 });
  await w.load();
  expect(await w.pass(0)).toEqual(['ses_1 desktop-moves-soon at 120']);
  w.ready = 0;
  w.epoch = 2;
  expect(await w.pass(5)).toEqual(['ses_1 taken back']);
});

test('a pool that has none ready holds up nobody of another pool, and what people wait for is not taken', async () => {
  const w = world({ people: 4, atOnce: 2 });
  const inQ = <T extends object>(one: T, at: number) => (at < 2 ? one : { ...one, pools: ['q'], pool: 'q' });
  w.live = w.live.map(inQ);
  w.desktops = w.desktops.map(inQ);
  w.readyIn = { q: 2 };
  await w.load();
  expect(await w.pass(0)).toEqual(['ses_1 desktop-moves-soon at 120', 'ses_2 desktop-moves-soon at 120']);
  w.waiting = 9;
  expect(await w.pass(120)).toEqual(['ses_1 taken back', 'ses_2 taken back']);
  expect(await w.pass(5)).toEqual(['ses_3 desktop-moves-soon at 245', 'ses_4 desktop-moves-soon at 245']);
  const from: unknown[] = [];
  w.answer = (order) => {
    from.push(order.pool);
    return 'swapped';
  };
  expect(await w.pass(120)).toEqual(['swapped dt_3', 'ses_3 taken back', 'swapped dt_4', 'ses_4 taken back']);
  expect(from).toEqual(['q', 'q']);
});

test('what belongs to somebody who is not there is replaced without a warning, and before people', async () => {
  const w = world({ drain: { bound: true }, people: 1, atOnce: 1 });
  w.desktops.push({
    ...w.desktops[0]!,
    id: 'dt_b',
    state: 'bound',
    session: undefined,
  } as unknown as Desktop);
  await w.load();
  expect(await w.pass(0)).toEqual(['swapped dt_b']);
  expect(await w.pass(5)).toEqual(['ses_1 desktop-moves-soon at 125']);
});

test('a drain that is said again and that the cloud refuses moves nobody more, and fewer where that was said', async () => {
  const w = world({ people: 1, drain: { people: false } });
  await w.load();
  await expect(w.sayAgain({ people: true, bound: true }, false)).rejects.toThrow('503');
  expect(w.drains).toMatchObject([{ people: false, bound: false }]);
  expect([...(await w.pass(0)), ...(await w.pass(120))]).toEqual([]);
  await w.sayAgain({ people: true, bound: true }, true);
  expect(w.drains).toMatchObject([{ people: true, bound: true }]);
  expect(await w.pass(0)).toEqual(['ses_1 desktop-moves-soon at 240']);
  await expect(w.sayAgain({ people: false, bound: true }, false)).rejects.toThrow('503');
  expect(w.drains).toMatchObject([{ people: false, bound: true }]);
  expect(await w.pass(5)).toEqual(['ses_1 taken back']);
});

test('a drain moves nobody from the moment that it is to end, and is over once the cloud has the host enabled', async () => {
  const w = world({ people: 1 });
  await w.load();
  await w.pass(0);
  const unavailable = new Fault('cloud-unavailable', 'transient', '503');
  await expect(w.end(() => Promise.reject(unavailable))).rejects.toBe(unavailable);
  expect([w.said, w.drains]).toMatchObject([
    ['ses_1 desktop-moves-soon at 120', 'ses_1 taken back'],
    [{ host: 'cn-1', people: false, bound: false }],
  ]);
  expect(await w.pass(120)).toEqual([]);
  let there: number | undefined;
  await w.end(() => Promise.resolve(void (there = w.drains.length)));
  expect([there, w.drains]).toEqual([1, []]);
});

test('a drain of a host that the cloud has no more is over all the same', async () => {
  const w = world({ people: 0 });
  await w.load();
  const gone = new Fault('cloud-refused-order', 'terminal', 'no compute host cn-1');
  await expect(w.end(() => Promise.reject(gone))).rejects.toBe(gone);
  expect(w.drains).toEqual([]);
});

test('a cloud that is slow about one host holds up the end of no other drain, which it is not told of any more', async () => {
  const w = world({ people: 0, drain: { told: false } });
  w.drains = [{ ...w.drains[0]!, host: 'cn-0' }, ...w.drains];
  const gate = Promise.withResolvers<void>();
  const told: string[] = [];
  w.enableHost = (host) => {
    told.push(host);
    return gate.promise;
  };
  await w.load();
  await w.pass(0);
  await w.end(() => Promise.resolve(void told.push('cn-1 is enabled')));
  gate.resolve();
  await w.stop();
  expect(told).toEqual(['cn-0', 'cn-1 is enabled']);
});
