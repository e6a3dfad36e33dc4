import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault, silentLog } from '@anyseat/base';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import type { DrainAnswer, Grant, HostView, StatusAnswer } from '@anyseat/protocol';
import { FileDirectory } from '../../hub/src/directory/file.ts';
import type { SeatClient } from '../e2e/parts/seatClient.ts';
import { PASSWORD, smallSite, temporaryFolder, writeUsers } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { InsideHub } from './parts/insideHub.ts';
import { quickClock } from './parts/quickClock.ts';

/** A compute host is emptied under people who are at work on it: who is told, who moves when, and what a crash leaves of it. */
const PEOPLE = ['u1', 'u2', 'u3', 'u4'];
/** Ten minutes of the hub's. */
const PATIENCE_MS = 60_000;

let stack: AsyncDisposableStack;
let folder: string;
let cloud: Minicloud;
let directory: FileDirectory;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = stack.use(temporaryFolder('drains')).path;
  cloud = stack.use(await startMinicloud({ speed: 20, hosts: { count: 2 } }));
  const file = join(folder, 'users.json');
  await writeUsers(file, PEOPLE);
  const settings = { type: 'file', name: 'local', file } as const;
  directory = stack.use(await FileDirectory.open(settings, { clock: quickClock(1), log: silentLog }));
});
afterEach(() => stack.disposeAsync());

interface Person {
  user: string;
  seat: SeatClient;
  grant: Grant;
  host: string;
}

const moves = { atOnce: 1, warnMinutes: 0.1 };
const openHub = (settings: Record<string, unknown> = { moves }) =>
  InsideHub.open({
    folder,
    cloud,
    directories: [directory],
    resources: smallSite(PEOPLE.length, { floor: 4, ceiling: 20 }),
    settings,
  });

/** Everybody at work; those who are on the host that most of them are on come first. */
async function allAtWork(hub: InsideHub): Promise<{ there: Person[]; others: Person[]; host: string }> {
  await hub.ready(4);
  const people: Person[] = [];
  for (const [i, user] of PEOPLE.entries()) {
    const seat = stack.use(await hub.seat(`s${i + 1}`));
    const grant = await seat.granted(user, PASSWORD);
    await seat.viewer(grant, 'connected');
    const { host } = (await hub.store.desktops()).find((d) => d.serverName === grant.desktop.name)!;
    people.push({ user, seat, grant, host: host! });
  }
  await waitFor('all the pictures', async () => {
    const live = await hub.store.sessions({ live: true });
    return live.filter((s) => s.state === 'connected').length === PEOPLE.length;
  });
  const byHost = [...Map.groupBy(people, ({ host }) => host)].sort((a, b) => b[1].length - a[1].length);
  const [host, there] = byHost[0]!;
  return { there, others: people.filter((one) => one.host !== host), host };
}

const drain = (hub: InsideHub, host: string, more: Record<string, unknown> = { movePeople: true }) =>
  hub.ask<DrainAnswer>('POST', `/hosts/${host}/drain`, { reason: 'memory', ...more });
const viewOf = async (hub: InsideHub, name: string): Promise<HostView> =>
  (await hub.get('hosts')).find((h) => h.name === name)!;
const warned = ({ seat }: Person) =>
  seat.frames.flatMap((f) => (f.type === 'warning' ? [f.warning?.code ?? 'taken back'] : []));
const releases = ({ seat }: Person) => seat.frames.flatMap((f) => (f.type === 'release' ? [f.code] : []));

/** As an agent does: the viewer ends, another grant is asked for, and there is a picture. */
async function follow(person: Person): Promise<Grant> {
  const { seat, grant } = person;
  await seat.frame('release', (f) => f.code === 'swapped', PATIENCE_MS);
  const requestId = `followed-by-${person.user}`;
  const proof = { sessionId: grant.sessionId, secret: grant.resumeSecret, generation: grant.generation };
  seat.send({ type: 'resume', want: 'display', requestId, ...proof, language: 'en' });
  const next = await seat.answer(requestId);
  if (next.type === 'refused') throw new Error(next.code);
  await seat.viewer(next, 'connected');
  return next;
}

/** The hub was away: the viewer runs still. What the seat knows is old where it was moved, and not told. */
async function comesBack(person: Person): Promise<Grant> {
  const { seat, grant, user } = person;
  const { sessionId, generation, resumeSecret: secret } = grant;
  const proof = { sessionId, generation, secret, language: 'en' as const };
  const requestId = `back-after-its-death-${user}`;
  seat.send({ type: 'resume', want: 'attach', requestId, ...proof });
  const answer = await waitFor('the hub to know it', () =>
    seat.frames.find((f) => (f.type === 'attached' || f.type === 'refused') && f.requestId === requestId),
  );
  if (answer.type === 'attached') return follow(person);
  expect(answer).toMatchObject({ code: 'swapped' });
  const again = `again-after-its-death-${user}`;
  seat.send({ type: 'resume', want: 'display', requestId: again, ...proof });
  const next = await seat.answer(again);
  if (next.type === 'refused') throw new Error(next.code);
  await seat.viewer(next, 'connected');
  return next;
}

const hostOf = async (hub: InsideHub, { desktop }: Grant): Promise<string | undefined> =>
  (await hub.store.desktops()).find((d) => d.serverName === desktop.name)?.host;

test('people are told, and move in turn; the others stay; at the end the host is empty', async () => {
  const hub = stack.use(await openHub());
  const { there, others, host } = await allAtWork(hub);
  const trial = await drain(hub, host, { movePeople: true, dryRun: true });
  expect([trial.applied, trial.people, trial.bound]).toEqual([false, there.length, 0]);
  expect(await hub.store.drains()).toEqual([]);
  await drain(hub, host);
  expect((await viewOf(hub, host)).words).toContain('drained by local-root: memory.');
  const moved = await Promise.all(there.map(follow));
  for (const next of moved) expect(await hostOf(hub, next)).not.toBe(host);
  for (const person of there) {
    await person.seat.frame('warning', (f) => f.warning === undefined, PATIENCE_MS);
    expect(new Set(warned(person))).toEqual(new Set(['desktop-moves-soon', 'taken back']));
  }
  for (const person of others) expect([...warned(person), ...releases(person)]).toEqual([]);
  const words = await waitFor(
    'the host to be empty',
    async () => {
      const view = await viewOf(hub, host);
      return view.desktops === 0 ? view.words : undefined;
    },
    PATIENCE_MS,
  );
  expect(words).toBe(
    'drained by local-root: memory. Nothing of ours is there any more: it can be switched off',
  );
  const swaps = await hub.store.swaps({ limit: 9 });
  expect(swaps.map((s) => [s.origin, s.by, s.reason])).toEqual(
    there.map(() => ['drain', 'local-root', `its host ${host} is drained: memory`]),
  );
  const status = await hub.ask<StatusAnswer>('GET', '/status');
  expect(status.warnings.filter((w) => w.code === 'host-drained')).toHaveLength(1);
  await hub.ask('POST', `/hosts/${host}/resume`, {});
  expect(await hub.store.drains()).toEqual([]);
});

test('a drain that is ended while people are warned leaves them where they are', async () => {
  const hub = stack.use(await openHub({ moves: { atOnce: 5, warnMinutes: 60 } }));
  const { there, host } = await allAtWork(hub);
  await drain(hub, host);
  for (const person of there)
    await person.seat.frame('warning', (f) => f.warning?.code === 'desktop-moves-soon', PATIENCE_MS);
  await waitFor('the words', async () =>
    (await viewOf(hub, host)).words.includes('told by now; the next goes in'),
  );
  // Said again without: they leave when they log off, as anybody does.
  await drain(hub, host, {});
  for (const { seat } of there) await seat.frame('warning', (f) => f.warning === undefined, PATIENCE_MS);
  const { words } = await viewOf(hub, host);
  expect(words).toContain(`${there.length} in use until their people log off`);
  await hub.ask('POST', `/hosts/${host}/resume`, {});
  await waitFor('the host', async () => (await viewOf(hub, host)).state === 'up', PATIENCE_MS);
  expect([(await hub.store.swaps({ limit: 9 })).length, there.map(releases)]).toEqual([
    0,
    there.map(() => []),
  ]);
});

test.each([
  ['has told the store, and not the cloud', 'enableHost', 'before'],
  ['has moved somebody, and not told them', 'swapDesktop', 'after'],
] as const)('a hub that dies when it %s goes on where it was', async (_, operation, when) => {
  const first = await openHub();
  const { there, host } = await allAtWork(first);
  let died = false;
  first.tap = ({ name, when: at }) => {
    if (!died && (name !== operation || at !== when)) return;
    died = true;
    throw new Fault('store-failed', 'transient', 'the hub is gone');
  };
  await drain(first, host).catch(() => undefined);
  await waitFor('its death', () => died, PATIENCE_MS);
  await first[Symbol.asyncDispose]();

  const hub = stack.use(await openHub());
  const back = await Promise.all(
    there.map(async (person): Promise<Person> => ({
      ...person,
      seat: stack.use(await hub.back(person.seat.key)),
    })),
  );
  const moved = await Promise.all(back.map(comesBack));
  await waitFor('the host to be empty', async () => (await viewOf(hub, host)).desktops === 0, PATIENCE_MS);
  for (const next of moved) expect(await hostOf(hub, next)).not.toBe(host);
  await waitFor('the host', async () => (await viewOf(hub, host)).state === 'disabled', PATIENCE_MS);
  expect([
    new Set((await hub.store.swaps({ limit: 9 })).map(({ seat }) => seat)),
    (await hub.store.verifyAudit()).brokenAt,
  ]).toEqual([new Set(there.map(({ user }) => user.replace('u', 's'))), undefined]);
});
