import { expect, test } from 'vitest';
import type { Clock } from '@anyseat/base';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Session } from '../domain/session.ts';
import type { Tc } from '../domain/tc.ts';
import { Floor, type FloorDeps } from './floor.ts';
import { Hints, withHints } from './hints.ts';
import type { Store } from '../store/store.ts';

const tc = (seat: string) =>
  ({ id: `tc_${seat}`, fingerprint: 'F', seat, state: 'enrolled', lastSeenAt: 5 }) as Tc;
const session = (seat: string, state: Session['state']) =>
  ({ id: `ses_${seat}`, seat, state, stateSince: 7, user: 'anna', displayName: 'Anna' }) as Session;

/** Two seats at one site, each with a thin client that is connected. */
function setUp() {
  const slept: number[] = [];
  const time = { now: 0 };
  const world = { sessions: [] as Session[], seats: ['s1', 's2'], looks: 0, lookMs: 10 };
  const clock = {
    now: () => 1000,
    monotonic: () => time.now,
    sleep: (ms: number) => {
      slept.push(ms);
      time.now += ms;
      return Promise.resolve();
    },
  } as unknown as Clock;
  const store = {
    tcs: () => {
      world.looks += 1;
      time.now += world.lookMs;
      return Promise.resolve(world.seats.map(tc));
    },
    sessions: () => Promise.resolve(world.sessions),
    desktops: () => Promise.resolve([]),
  } as unknown as FloorDeps['store'];
  const catalogue = () =>
    ({
      sites: new Map([['here', { name: 'here', spec: { title: 'Here', timeZone: 'UTC', tags: {} } }]]),
      seats: new Map(
        world.seats.map((name) => [name, { name, spec: { site: 'here', label: name, tags: { room: 'r' } } }]),
      ),
    }) as unknown as Catalogue;
  const online = () => new Set(world.seats.map((name) => tc(name).id));
  return { floor: new Floor({ store, catalogue, online, inputOf: () => undefined, clock }), world, slept };
}

test('the first answer is all seats, the next what changed since', async () => {
  const { floor, world } = setUp();
  const first = await floor.answer(undefined);
  expect([first.whole, first.seats.map(({ name, state }) => `${name} ${state}`)]).toEqual([
    true,
    ['s1 free', 's2 free'],
  ]);
  expect(first.sites).toEqual([{ name: 'here', title: 'Here', timeZone: 'UTC' }]);
  world.sessions = [session('s2', 'connected')];
  const second = await floor.answer(first.mark);
  expect([second.whole, second.seats]).toEqual([
    false,
    [
      {
        name: 's2',
        site: 'here',
        label: 's2',
        room: 'r',
        state: 'working',
        tc: 'F',
        since: 7,
        user: 'anna',
        displayName: 'Anna',
        session: 'ses_s2',
      },
    ],
  ]);
  const third = await floor.answer(second.mark);
  expect([third.whole, third.seats]).toEqual([false, []]);
  // One that missed the second answer is told with the third.
  expect((await floor.answer(first.mark)).seats.map(({ name }) => name)).toEqual(['s2']);
});

test('when seats come or go, and for a mark of before, it is all seats again', async () => {
  const { floor, world } = setUp();
  const first = await floor.answer(undefined);
  world.seats = ['s1', 's3'];
  const second = await floor.answer(first.mark);
  expect([second.whole, second.seats.map(({ name }) => name)]).toEqual([true, ['s1', 's3']]);
  for (const mark of ['', 'nonsense', '1.', `${second.mark}9`, first.mark])
    expect((await floor.answer(mark)).whole).toBe(true);
});

test('many who ask at once share a look, and looks rest in proportion to what they cost', async () => {
  const { floor, world, slept } = setUp();
  await Promise.all([floor.answer(undefined), floor.answer(undefined), floor.answer('x')]);
  expect([world.looks, slept]).toEqual([1, []]);
  await floor.answer(undefined);
  world.lookMs = 500;
  await floor.answer(undefined);
  await floor.answer(undefined);
  expect([world.looks, slept]).toEqual([4, [200, 200, 1500]]);
});

test('whoever asks while a look is under way gets the next one', async () => {
  const { floor, world } = setUp();
  const first = floor.answer(undefined);
  while (world.looks === 0) await Promise.resolve();
  world.sessions = [session('s1', 'waiting')];
  const second = await floor.answer(undefined);
  expect(second.seats[0]!.state).toBe('waiting');
  await first;
  expect(world.looks).toBe(2);
});

test('a store with hints tells of what it did, when it has done it, and keeps its answers', async () => {
  const timers: (() => void)[] = [];
  const clock = {
    after: (_ms: number, fn: () => void) => {
      timers.push(fn);
      return { [Symbol.dispose]: () => undefined };
    },
  } as unknown as Clock;
  const hints = new Hints(clock);
  const bare = {
    installation: { id: 'ins' },
    refuse: false,
    endSession(this: { refuse: boolean }, id: string) {
      return this.refuse ? Promise.reject(new Error('full')) : Promise.resolve(`ended ${id}`);
    },
    sessions: () => Promise.resolve(['one']),
  };
  const store = withHints(bare as unknown as Store, hints);
  const told: unknown[] = [];
  await store.endSession('a' as Session['id'], 'logged-off', { kind: 'hub', name: 'hub' });
  expect(timers).toEqual([]);
  hints.listen((kinds) => told.push(kinds));
  expect(await store.sessions()).toEqual(['one']);
  expect(await store.endSession('a' as Session['id'], 'logged-off', { kind: 'hub', name: 'hub' })).toBe(
    'ended a',
  );
  hints.tell('tcs');
  expect([timers.length, told]).toEqual([1, []]);
  timers[0]!();
  expect(told).toEqual([['sessions', 'desktops', 'audit', 'tcs']]);
  bare.refuse = true;
  await expect(
    store.endSession('a' as Session['id'], 'logged-off', { kind: 'hub', name: 'hub' }),
  ).rejects.toThrow('full');
  expect(timers.length).toBe(1);
  expect(store.installation).toEqual({ id: 'ins' });
});
