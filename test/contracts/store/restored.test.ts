import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import type { ViewerState } from '@anyseat/protocol';
import { theHub } from '../../../hub/src/domain/audit.ts';
import type { DesktopEvent } from '../../../hub/src/domain/desktopEvents.ts';
import type { Session, TcId } from '../../../hub/src/domain/session.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import { stageRestore } from '../../../hub/src/store/sqlite/stageRestore.ts';
import type { Opening, Store } from '../../../hub/src/store/store.ts';
import { temporaryFolder } from '../../e2e/parts/smallSite.ts';

/**
 * What a restored store says of people at work is as old as the backup: they may be at another seat, or gone, and somebody
 * else may be where they were. Found by seeds 178, 197, 227, 323, 355, 399, 747 and 751 of the simulation.
 */
async function makeReady(store: Store, count: number): Promise<void> {
  const made = await store.wantDesktops({ name: 'p', cloud: 'c', revision: 1 }, count);
  for (const { id } of made) {
    const way: DesktopEvent[] = [
      { kind: 'ask', serverName: id },
      { kind: 'made', serverId: `srv-${id}` },
      { kind: 'running', host: 'h1' },
      { kind: 'proved', endpoint: undefined },
    ];
    for (const event of way) await store.recordDesktop(id, event, theHub);
  }
}

const anna: Opening = {
  requestId: 'request-of-anna',
  tc: 'tc_1' as TcId,
  seat: 's1',
  site: 'x',
  person: 'file:anna',
  user: 'anna',
  displayName: 'anna',
  allocator: 'all',
  pools: ['p'],
  binding: 'none',
  secretHash: 'x',
  leftBehindUntil: 0,
  stages: {},
};
const bert: Opening = { ...anna, person: 'file:bert', requestId: 'request-of-bert' };
const byAnOperator = { kind: 'operator', name: 'olga' } as const;

const say = (store: Store, { id, tc, generation }: Session, state: ViewerState) =>
  store.recordViewer({
    session: id,
    tc,
    generation,
    state,
    end: state === 'ended' ? 'closed-by-person' : undefined,
    stages: {},
    graceUntil: 0,
  });

/** Makes things happen in a store, keeps a copy, lets more happen, and opens the copy in its place. */
async function restored(
  before: (store: Store, wait: (ms: number) => void) => Promise<unknown>,
  after: (store: Store) => Promise<unknown> = () => Promise.resolve(),
): Promise<{ store: Store } & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder('restored'));
  const [file, copy] = [join(folder.path, 'hub.db'), join(folder.path, 'copy.db')];
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const open = () => openSqlite({ file, clock });
  await (async () => {
    await using store = await open();
    await before(store, (ms) => (aheadMs += ms));
    await store.backup(copy);
    await after(store);
  })();
  stageRestore(copy, file);
  const store = opening.use(await open());
  const own = opening.move();
  return { store, [Symbol.asyncDispose]: () => own.disposeAsync() };
}

/** Anna works on the one desktop there is. */
async function annaWorks(store: Store, opening: Opening = anna): Promise<Session> {
  await makeReady(store, 1);
  const opened = await store.openSession(opening);
  if (opened.kind !== 'have') throw new Error(`anna has no desktop: ${opened.kind}`);
  return (await say(store, opened.session, 'connected'))!;
}

const sessionsOf = (store: Store) => store.sessions({ live: true });
const statesOf = async (store: Store) => (await store.desktops()).map((d) => [d.state, d.fault?.code]);

describe('a session of a restored store', () => {
  test('is unconfirmed, and when the hub ends it its desktop is kept for an operator', async () => {
    await using again = await restored((store) => annaWorks(store));
    const { store } = again;
    const [session] = await sessionsOf(store);
    expect(await store.unconfirmedDesktops()).toEqual(new Set([session!.desktop]));
    // Somebody else sits down at her seat of yesterday.
    await store.openSession(bert);
    expect((await store.session(session!.id))?.state).toBe('away');
    await store.endSession(session!.id, 'grace-over', theHub);
    expect(await statesOf(store)).toEqual([['quarantined', 'restored']]);
    expect(await store.unconfirmedDesktops()).toEqual(new Set([session!.desktop]));
  });

  test('is confirmed by a picture at its seat', async () => {
    await using again = await restored((store) => annaWorks(store));
    const { store } = again;
    const [session] = await sessionsOf(store);
    await say(store, session!, 'connected');
    expect(await store.unconfirmedDesktops()).toEqual(new Set());
    await store.endSession(session!.id, 'grace-over', theHub);
    expect(await statesOf(store)).toEqual([['returning', undefined]]);
  });

  test('is not confirmed by a viewer that ended: a seat that was left yesterday says that as well', async () => {
    await using again = await restored((store) => annaWorks(store));
    const { store } = again;
    const [session] = await sessionsOf(store);
    await say(store, session!, 'ended');
    await store.endSession(session!.id, 'logged-off', { kind: 'person', name: 'file:anna' });
    expect(await statesOf(store)).toEqual([['quarantined', 'restored']]);
  });

  test('is over when an operator says so', async () => {
    await using again = await restored((store) => annaWorks(store));
    const { store } = again;
    await store.endSession((await sessionsOf(store))[0]!.id, 'ended-by-operator', byAnOperator);
    expect(await statesOf(store)).toEqual([['returning', undefined]]);
    expect(await store.unconfirmedDesktops()).toEqual(new Set());
  });

  // She worked on another one by a later grant of that session, and her seat was told to leave it: seed 2093.
  test('is over when its desktop is swapped, and has no other', async () => {
    await using again = await restored((store) => annaWorks(store));
    const { store } = again;
    const [session] = await sessionsOf(store);
    const order = { desktop: session!.desktop!, origin: 'operator', reason: 'it is gone' } as const;
    const swapped = await store.swapDesktop(order, byAnOperator);
    expect(swapped).toMatchObject({ kind: 'swapped', session: undefined, swap: { to: undefined } });
    expect(await store.session(session!.id)).toMatchObject({ state: 'ended', end: 'ended-by-operator' });
    expect((await store.desktop(session!.desktop!))?.state).toBe('quarantined');
  });

  test('keeps its desktop for an operator, too, when that is no good for its person', async () => {
    await using again = await restored((store) => annaWorks(store));
    const { store } = again;
    const opened = await store.openSession({ ...anna, requestId: 'the next day' });
    if (opened.kind !== 'have') throw new Error(`anna has no desktop: ${opened.kind}`);
    const { session, desktop, claim } = opened;
    const given = { desktop: desktop.id, claim, generation: session.generation, verdict: 'broken' } as const;
    await store.claimFor(session.id, session.tc, 'y', { ...given, code: 'restored', text: 'made anew' });
    expect(await statesOf(store)).toEqual([['quarantined', 'restored']]);
  });

  test('keeps nobody from logging in elsewhere, also where people stay where they work', async () => {
    await using again = await restored((store) => annaWorks(store));
    const elsewhere = { ...anna, requestId: 'another', tc: 'tc_2' as TcId, seat: 's2' };
    const opened = await again.store.openSession({ ...elsewhere, stayWhereUsed: new Set([anna.tc]) });
    expect(opened).toMatchObject({ kind: 'have', claim: 'held', moved: anna.tc });
  });

  test('is over when it waited, or when its desktop was just being handed out', async () => {
    await using again = await restored(async (store) => {
      await makeReady(store, 1);
      await store.openSession(anna);
      await store.openSession({ ...bert, tc: 'tc_2' as TcId, seat: 's2' });
    });
    const { store } = again;
    expect(await sessionsOf(store)).toEqual([]);
    expect(await statesOf(store)).toEqual([['quarantined', 'restored']]);
    expect((await store.audit({ limit: 1 }))[0]).toMatchObject({
      act: 'store.restored',
      details: { quarantined: 1, unconfirmed: 0, forgotten: 0 },
    });
  });
});

test('what was to go when the backup was made is kept, with the fault that it had', async () => {
  await using again = await restored(async (store) => {
    await makeReady(store, 2);
    const [first, second] = await store.desktops();
    await store.recordDesktop(first!.id, { kind: 'retire' }, theHub);
    const fault = { code: 'failed', text: 'no disk', at: 1 };
    await store.recordDesktop(second!.id, { kind: 'broke', fault }, theHub);
  });
  const faults = (await again.store.desktops()).map((d) => [d.state, d.fault?.text.split('. ').at(-1)]);
  expect(faults).toEqual([
    ['quarantined', 'An operator decides.'],
    ['quarantined', 'It was broken: no disk'],
  ]);
});

describe('a bound desktop of a restored store', () => {
  const owner: Opening = { ...anna, binding: 'user' };

  test('may be open somewhere: it is handed to its owner without a full link', async () => {
    await using again = await restored(async (store) => {
      const { id } = await annaWorks(store, owner);
      await store.endSession(id, 'logged-off', { kind: 'person', name: 'file:anna' });
    });
    const { store } = again;
    const opened = await store.openSession({ ...owner, requestId: 'the next day' });
    expect(opened).toMatchObject({ kind: 'have', claim: 'held', desktop: { state: 'bound' } });
    const { session } = opened as Extract<typeof opened, { kind: 'have' }>;
    await say(store, session, 'connected');
    await store.endSession(session.id, 'logged-off', { kind: 'person', name: 'file:anna' });
    const next = await store.openSession({ ...owner, requestId: 'the day after' });
    expect(next).toMatchObject({ kind: 'have', claim: 'bound' });
  });

  test('is nobody’s when it was just being bound, and an audit row says so', async () => {
    await using again = await restored(async (store) => {
      await makeReady(store, 1);
      await store.openSession(owner);
    });
    const { store } = again;
    expect(await store.bindings()).toEqual([]);
    expect(await statesOf(store)).toEqual([['quarantined', 'restored']]);
    expect((await store.audit({ limit: 9 })).map(({ act }) => act)).toContain('binding.undone');
  });

  test('stays its owner’s when it was being opened once more', async () => {
    await using again = await restored(async (store, wait) => {
      const { id } = await annaWorks(store, owner);
      await store.endSession(id, 'logged-off', { kind: 'person', name: 'file:anna' });
      wait(5000);
      await store.openSession({ ...owner, requestId: 'again' });
    });
    expect(await again.store.bindings()).toHaveLength(1);
  });
});

test('numbers go on after those that the replaced store gave out', async () => {
  await using again = await restored(
    (store) => makeReady(store, 2),
    (store) => makeReady(store, 5),
  );
  const { store } = again;
  const [next] = await store.wantDesktops({ name: 'p', cloud: 'c', revision: 1 }, 1);
  expect(next!.number).toBe(8);
});

test('nobody is moved off a host by the word of yesterday', async () => {
  const host = { cloud: 'c', host: 'h1', reason: 'memory' };
  await using after = await restored(
    (store) => store.drainHost({ ...host, people: true, bound: true }, byAnOperator),
    (store) => store.endDrain(host, byAnOperator, 'resumed'),
  );
  expect(await after.store.drains()).toMatchObject([{ ...host, told: true, people: false, bound: false }]);
});
