import { setTimeout as sleep } from 'node:timers/promises';
import { openLog, systemClock, type Clock } from '@anyseat/base';
import { poolSpec } from '@anyseat/protocol';
import { proveIdentity, SpiceServer, standingLink } from '@anyseat/spice';
import { expect, test } from 'vitest';
import type { Cloud } from '../cloud/cloud.ts';
import { theHub } from '../domain/audit.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Desktop } from '../domain/desktop.ts';
import { serverNameOf } from '../domain/naming.ts';
import { openSqlite } from '../store/sqlite/openSqlite.ts';
import type { Store } from '../store/store.ts';
import { StandingProofs, type StandingDeps } from './standingProofs.ts';

const SPICE = { tls: 'never', ca: undefined, hostSubject: undefined, password: undefined } as const;
const POOL = 'desks';

/** Waits of a second and less take a twentieth; what limits a link keeps its time. Hours may pass at once. */
function quickClock() {
  let aheadMs = 0;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + aheadMs,
    after: (ms, fn) => systemClock.after(ms <= 1000 ? ms / 20 : ms, fn),
  };
  return { clock, pass: (ms: number) => void (aheadMs += ms) };
}

const uuidOf = (number: number): string => `6f9619ff-8b86-d011-b42d-${String(number).padStart(12, '0')}`;
const hostOf = (number: number): string => `127.0.9.${number}`;

/** Desktops with real SPICE links, ready in a real store, and links that stand to them. */
async function stage(
  count: number,
  options: {
    most?: number;
    handOut?: 'oldest' | 'newest';
    link?: StandingDeps['link'];
    store?: (store: Store) => Partial<Store>;
  } = {},
) {
  await using opening = new AsyncDisposableStack();
  const running = new Map(Array.from({ length: count }, (_, i) => [hostOf(i + 1), uuidOf(i + 1)]));
  const linked: string[] = [];
  const screens = opening.use(
    new SpiceServer({
      identify: (address) => {
        const uuid = running.get(address);
        return uuid === undefined ? undefined : { name: address, uuid };
      },
      onLinked: ({ name }) => linked.push(name),
    }),
  );
  const { port } = await screens.listen({ host: '0.0.0.0' });
  const store = opening.use(await openSqlite({ file: ':memory:', clock: systemClock }));
  const desktops = await makeReady(store, count, port);
  const looks: string[] = [];
  const { clock, pass } = quickClock();
  /** Where the cloud says that a desktop is, by its server's id; where the store says without it. */
  const moved = new Map<string, { host: string; port: number }>();
  const logged: string[] = [];
  const spec = poolSpec.parse({
    title: 'Desks',
    image: 'i',
    flavor: 'f',
    networks: 'none',
    floor: count,
    ceiling: count,
    ...(options.handOut ? { handOut: options.handOut } : {}),
  });
  const catalogue = { pools: new Map([[POOL, { name: POOL, revision: 1, spec }]]) } as unknown as Catalogue;
  const standing = opening.use(
    new StandingProofs({
      store: { ...store, ...options.store?.(store) },
      clouds: new Map([
        [
          'default',
          {
            name: 'default',
            spice: SPICE,
            endpoint: (serverId: string) =>
              Promise.resolve(moved.get(serverId) ?? { host: hostOf(Number(serverId.slice(-12))), port }),
          } as Cloud,
        ],
      ]),
      catalogue: () => catalogue,
      settings: { most: options.most ?? 100, perSecond: 1000 },
      link: options.link ?? ((endpoint) => standingLink(endpoint)),
      clock,
      log: openLog({ name: 'test', level: 'debug', destination: { write: (line) => logged.push(line) } }),
      lookAtPool: (pool) => looks.push(pool),
    }),
  );
  standing.look();
  const kept = opening.move();
  return {
    standing,
    store,
    screens,
    desktops,
    linked,
    looks,
    endpoint: (number: number) => ({ host: hostOf(number), port }),
    /** The VM is no more: nothing answers at its address. */
    end: (number: number) => {
      running.delete(hostOf(number));
      screens.disconnect(uuidOf(number));
    },
    /** Another VM answers at its address. */
    replace: (number: number) => {
      running.set(hostOf(number), uuidOf(number + 50));
      screens.disconnect(uuidOf(number));
    },
    pass,
    moved,
    /** How often something was said in the log. */
    said: (what: string) => logged.filter((line) => line.includes(what)).length,
    states: async () => (await store.desktops()).map(({ state }) => state),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function makeReady(store: Store, count: number, port: number): Promise<Desktop[]> {
  const made = await store.wantDesktops({ name: POOL, cloud: 'default', revision: 1 }, count);
  return Promise.all(
    made.map(async (desktop, i) => {
      const record = (event: Parameters<Store['recordDesktop']>[1]) =>
        store.recordDesktop(desktop.id, event, theHub);
      await record({ kind: 'ask', serverName: serverNameOf(desktop) });
      await record({ kind: 'made', serverId: uuidOf(i + 1) });
      await record({ kind: 'running', host: 'host-1' });
      const endpoint = { host: hostOf(i + 1), port, resolvedAt: systemClock.now() };
      return (await record({ kind: 'proved', endpoint }))!;
    }),
  );
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 8000; !(await isSo()); await sleep(5))
    if (performance.now() > end) throw new Error('it did not come to it');
}

test('a ready desktop has a link that stands; whoever is given it has one answer, and no link is left', async () => {
  await using s = await stage(2);
  await until(() => s.standing.size === 2);
  expect(await s.standing.take(s.desktops[0]!)).toBe(true);
  await until(() => !s.screens.isLinked(uuidOf(1)));
  expect([s.standing.size, await s.standing.take(s.desktops[0]!)]).toEqual([1, false]);
  expect(s.screens.isLinked(uuidOf(2))).toBe(true);
});

test.each([
  ['oldest', [true, false]],
  ['newest', [false, true]],
] as const)(
  'no more links are made than the settings say, to those that are next: the %s',
  async (handOut, has) => {
    await using s = await stage(4, { most: 2, handOut });
    await until(() => s.standing.size === 2);
    const [one, , , four] = s.desktops;
    expect([await s.standing.take(one!), await s.standing.take(four!)]).toEqual(has);
  },
);

test('a desktop whose link answers elsewhere than the store says is not proved by it', async () => {
  await using s = await stage(1);
  await until(() => s.standing.size === 1);
  const [desktop] = s.desktops;
  expect(await s.standing.take({ ...desktop!, endpoint: { ...desktop!.endpoint!, port: 1 } })).toBe(false);
});

test('a desktop that is given out while its link is being made: whoever was given it waits, and has the answer', async () => {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  await using s = await stage(1, {
    link: async (endpoint) => {
      asked++;
      await gate.promise;
      return standingLink(endpoint);
    },
  });
  await until(() => asked === 1);
  const taking = s.standing.take(s.desktops[0]!);
  expect(s.linked).toEqual([]);
  gate.resolve();
  expect(await taking).toBe(true);
  await until(() => !s.screens.isLinked(uuidOf(1)));
  // Nobody links it again: the person's viewer is there by now.
  s.standing.look();
  expect([s.standing.size, asked]).toEqual([0, 1]);
});

test('a desktop that somebody has by the time the store is asked is never linked', async () => {
  let reads = 0;
  await using s = await stage(1, {
    store: (store) => ({
      desktop: async (id) => {
        reads++;
        const desktop = (await store.desktop(id))!;
        return { ...desktop, state: 'leased' };
      },
    }),
  });
  await until(() => reads === 1);
  expect([await s.standing.take(s.desktops[0]!), s.linked, s.standing.size]).toEqual([false, [], 0]);
});

test('a desktop that is gone when its link ends is ready no more, and its pool is looked at', async () => {
  await using s = await stage(2);
  await until(() => s.standing.size === 2);
  s.end(1);
  await until(async () => (await s.states()).includes('booting'));
  expect([await s.states(), s.looks]).toEqual([['booting', 'ready'], [POOL]]);
});

test('a desktop where somebody else links stays ready, and that somebody is left in peace', async () => {
  await using s = await stage(1);
  await until(() => s.standing.size === 1);
  const operator = await standingLink(s.endpoint(1));
  await until(() => s.standing.size === 0);
  await until(() => s.said('it answers') === 1);
  if (operator.outcome !== 'standing') throw new Error(operator.why);
  expect([await operator.link.answers(5000), await s.states(), s.looks]).toEqual([true, ['ready'], []]);
  operator.link.close();
});

test('what was lost is linked anew after a while, and only where the cloud says that it is', async () => {
  await using s = await stage(1);
  await until(() => s.standing.size === 1);
  const operator = await standingLink(s.endpoint(1));
  await until(() => s.said('it answers') === 1);
  if (operator.outcome === 'standing') operator.link.close();
  s.moved.set(uuidOf(1), { host: hostOf(2), port: 5900 });
  s.pass(61_000);
  s.standing.look();
  await until(() => s.said('it answers') === 2);
  expect([s.linked.length, s.standing.size]).toEqual([2, 0]);
  s.moved.clear();
  s.pass(121_000);
  s.standing.look();
  await until(() => s.standing.size === 1);
});

test('a desktop that answers and cannot be linked stays ready, and is not tried again at once', async () => {
  let tries = 0;
  await using s = await stage(1, {
    link: () => {
      tries++;
      return Promise.resolve({ outcome: 'timed-out', why: 'a slow host' });
    },
  });
  await until(() => s.said('it answers') === 1);
  s.standing.look();
  await until(() => s.said('links that stand were gone through') === 2);
  expect([tries, await s.states(), s.looks]).toEqual([1, ['ready'], []]);
});

test('a link that leads to another desktop makes this one ready no more', async () => {
  await using s = await stage(1, {
    link: async (endpoint) => {
      s.replace(1);
      return standingLink(endpoint);
    },
  });
  await until(() => s.looks.length === 1);
  expect([(await s.store.desktops())[0], s.standing.size]).toMatchObject([
    { state: 'booting', fault: { code: 'unproved', text: `${hostOf(1)} answers there` } },
    0,
  ]);
});

test('when many links end at once, no desktop is taken for broken', async () => {
  await using s = await stage(12);
  await until(() => s.standing.size === 12);
  for (let number = 1; number <= 12; number++) s.end(number);
  await until(() => s.said('many links ended') === 12);
  expect([new Set(await s.states()), s.looks]).toEqual([new Set(['ready']), []]);
});

test('the end of the hub is the end of every link', async () => {
  await using s = await stage(3);
  await until(() => s.standing.size === 3);
  await s.standing[Symbol.asyncDispose]();
  await until(() => [1, 2, 3].every((number) => !s.screens.isLinked(uuidOf(number))));
  expect(await proveIdentity(s.endpoint(1))).toMatchObject({ outcome: 'proved', uuid: uuidOf(1) });
});
