import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import { theHub } from '../../../hub/src/domain/audit.ts';
import type { DesktopEvent } from '../../../hub/src/domain/desktopEvents.ts';
import type { Session, TcId } from '../../../hub/src/domain/session.ts';
import { openSqlite } from '../../../hub/src/store/sqlite/openSqlite.ts';
import { stageRestore } from '../../../hub/src/store/sqlite/stageRestore.ts';
import type { Opening, Store } from '../../../hub/src/store/store.ts';
import { temporaryFolder } from '../../e2e/parts/smallSite.ts';

/**
 * A host gives the port of a desktop that died to the next one that starts. What the store remembers of addresses must
 * never lead to somebody else's desktop. Found by seeds 37, 87 and 1 of the simulation.
 */
const at = (port: number) => ({ host: '10.0.0.1', port, resolvedAt: 1 });

async function makeReady(store: Store, count: number, port: (i: number) => number): Promise<string[]> {
  const made = await store.wantDesktops({ name: 'p', cloud: 'c', revision: 1 }, count);
  for (const [i, { id }] of made.entries()) {
    const way: DesktopEvent[] = [
      { kind: 'ask', serverName: id },
      { kind: 'made', serverId: `srv-${id}` },
      { kind: 'running', host: 'h1' },
      { kind: 'proved', endpoint: at(port(i)) },
    ];
    for (const event of way) await store.recordDesktop(id, event, theHub);
  }
  return made.map(({ id }) => id);
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

const portsOf = async (store: Store) => (await store.desktops()).map((d) => d.endpoint?.port);

test('who is proved at an address has it alone: a desktop that was found there before is nowhere', async () => {
  using folder = temporaryFolder('addresses');
  await using store = await openSqlite({ file: join(folder.path, 'hub.db'), clock: systemClock });
  await makeReady(store, 3, (i) => 5900 + i);
  const [, , third] = await store.desktops();
  await makeReady(store, 1, () => 5900);
  expect(await portsOf(store)).toEqual([undefined, 5901, 5902, 5900]);
  await store.recordDesktop(third!.id, { kind: 'moved', endpoint: at(5901) }, theHub);
  expect(await portsOf(store)).toEqual([undefined, undefined, 5901, 5900]);
});

test('where a held desktop was found is forgotten when a backup is restored', async () => {
  using folder = temporaryFolder('addresses');
  const [file, copy] = [join(folder.path, 'hub.db'), join(folder.path, 'copy.db')];
  const open = () => openSqlite({ file, clock: systemClock });
  await (async () => {
    await using store = await open();
    await makeReady(store, 1, () => 5900);
    const opened = await store.openSession(anna);
    if (opened.kind !== 'have') throw new Error(`anna has no desktop: ${opened.kind}`);
    const { id, tc, generation } = opened.session;
    const seen = { state: 'connected', end: undefined, stages: {}, graceUntil: 0 } as const;
    await store.recordViewer({ session: id, tc, generation, ...seen });
    await store.backup(copy);
  })();
  stageRestore(copy, file);
  await using restored = await open();
  expect(await restored.desktops()).toMatchObject([{ state: 'leased', endpoint: undefined }]);
});

test('whoever logs in again at a seat has no picture there; who comes from another may have left theirs open', async () => {
  using folder = temporaryFolder('addresses');
  await using store = await openSqlite({ file: join(folder.path, 'hub.db'), clock: systemClock });
  await makeReady(store, 1, () => 5900);
  const opened = await store.openSession(anna);
  if (opened.kind !== 'have') throw new Error(`anna has no desktop: ${opened.kind}`);
  const seen = { state: 'connected', end: undefined, stages: {}, graceUntil: 0 } as const;
  const show = ({ id, tc, generation }: Session) =>
    store.recordViewer({ session: id, tc, generation, ...seen });
  const logInAt = async (at: string, requestId: string) => {
    const again = await store.openSession({ ...anna, requestId, tc: at as TcId, seat: at });
    if (again.kind !== 'have') throw new Error(`anna has no desktop: ${again.kind}`);
    return { session: again.session, left: again.desktop.endpoint?.left ?? false };
  };
  await show(opened.session);
  const there = await logInAt('tc_2', 'first');
  const tried = await logInAt('tc_2', 'second');
  await show(tried.session);
  const afterPower = await logInAt('tc_2', 'third');
  const once = await logInAt('tc_2', 'fourth');
  expect([there.left, tried.left, afterPower.left, once.left]).toEqual([false, false, true, true]);
});

test('where a viewer ended is remembered as left, until there is a picture again', async () => {
  using folder = temporaryFolder('addresses');
  await using store = await openSqlite({ file: join(folder.path, 'hub.db'), clock: systemClock });
  await makeReady(store, 1, () => 5900);
  const opened = await store.openSession(anna);
  if (opened.kind !== 'have') throw new Error(`anna has no desktop: ${opened.kind}`);
  const { id, tc, generation } = opened.session;
  const leftAfter = async (state: 'ended' | 'connected') => {
    const end = state === 'ended' ? ('link-lost' as const) : undefined;
    await store.recordViewer({ session: id, tc, generation, state, end, stages: {}, graceUntil: 0 });
    return (await store.desktops())[0]!.endpoint;
  };
  expect(await leftAfter('connected')).toEqual(at(5900));
  expect(await leftAfter('ended')).toEqual({ ...at(5900), left: true });
  expect(await leftAfter('connected')).toEqual(at(5900));
});
