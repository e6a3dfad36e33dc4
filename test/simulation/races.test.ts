import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '@anyseat/base';
import type { Minicloud } from '@anyseat/minicloud';
import type { FileDirectory } from '../../hub/src/directory/file.ts';
import { theHub } from '../../hub/src/domain/audit.ts';
import { PASSWORD, smallSite } from '../e2e/parts/smallSite.ts';
import type { SeatClient } from '../e2e/parts/seatClient.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { openGround } from './parts/ground.ts';
import { InsideHub } from './parts/insideHub.ts';
import { quickClock } from './parts/quickClock.ts';
import { Gate, type Operation } from './parts/tapped.ts';

/** Two things at once, in the order that hurts: each test holds one of them up at the worst moment. */
const people = Array.from({ length: 9 }, (_, i) => `u${i + 1}`);

let stack: AsyncDisposableStack;
let cloud: Minicloud;
let directory: FileDirectory;
let folder: string;

beforeEach(async () => {
  ({ stack, folder, cloud, directory } = await openGround('races', people));
});
afterEach(() => stack.disposeAsync());

async function open(
  pool: Record<string, unknown> = {},
  allocator: Record<string, unknown> = {},
): Promise<InsideHub> {
  const resources = smallSite(6, { floor: 1, ceiling: 3, ...pool }, allocator);
  return stack.use(await InsideHub.open({ folder, cloud, directories: [directory], resources }));
}

async function at(hub: InsideHub, name: string, key?: SeatClient['key']): Promise<SeatClient> {
  return stack.use(key ? await hub.back(key) : await hub.seat(name));
}

const ask = (seat: SeatClient, user: string, requestId: string) =>
  seat.send({ type: 'login', requestId, user, password: PASSWORD, language: 'en' });

const unreachable = () => new Fault('cloud-unreachable', 'transient', 'held up by a test');

/** Nobody is where the ready desktop was last found, so that a grant has to ask the cloud. */
async function misplaceReady(hub: InsideHub): Promise<void> {
  for (const desktop of await hub.store.desktops()) {
    if (desktop.state !== 'ready') continue;
    const endpoint = { host: '127.0.0.1', port: 1, resolvedAt: hub.clock.now() };
    await hub.store.recordDesktop(desktop.id, { kind: 'moved', endpoint }, theHub);
  }
}

const live = async (hub: InsideHub, user: string) =>
  (await hub.store.sessions({ live: true })).find((session) => session.user === user);

describe('the same person at two seats at once', () => {
  test('a desktop that was proved for one seat is granted only at the other, where the person is now', async () => {
    const hub = await open();
    await hub.ready(1);
    await misplaceReady(hub);
    const gate = new Gate((o) => o.name === 'endpoint' && o.when === 'after');
    hub.tap = gate.tap;
    const [one, two] = [await at(hub, 's1'), await at(hub, 's2')];
    ask(one, 'u1', 'request-one');
    await gate.reached;
    const granted = await two.granted('u1', PASSWORD);
    gate.open();
    expect(await one.answer('request-one')).toMatchObject({
      type: 'refused',
      code: 'moved',
      fields: { seat: 's2' },
    });
    expect(await live(hub, 'u1')).toMatchObject({
      id: granted.sessionId,
      seat: 's2',
      generation: granted.generation,
    });
  });

  test('a proof that fails at one seat takes nothing from the other', async () => {
    const hub = await open();
    await hub.ready(1);
    await misplaceReady(hub);
    const gate = new Gate((o) => o.name === 'endpoint' && o.when === 'before');
    hub.tap = async (operation) => {
      const held = gate.tap(operation);
      if (held === undefined) return;
      await held;
      throw unreachable();
    };
    const [one, two] = [await at(hub, 's1'), await at(hub, 's2')];
    ask(one, 'u1', 'request-one');
    await gate.reached;
    const granted = await two.granted('u1', PASSWORD);
    gate.open();
    expect(await one.answer('request-one')).toMatchObject({ type: 'refused', code: 'moved' });
    const session = await live(hub, 'u1');
    expect(session).toMatchObject({ id: granted.sessionId, seat: 's2', generation: granted.generation });
    expect(await hub.store.desktop(session!.desktop!)).toMatchObject({
      state: 'leased',
      session: session!.id,
    });
  });

  test('who waits at one seat and logs in at another waits there, and is served there alone', async () => {
    const hub = await open({ floor: 0 });
    const gate = new Gate((o) => o.name === 'create' && o.when === 'before');
    hub.tap = gate.tap;
    const [one, two] = [await at(hub, 's1'), await at(hub, 's2')];
    ask(one, 'u1', 'request-one');
    await one.frame('queued');
    await gate.reached;
    ask(two, 'u1', 'request-two');
    await two.frame('queued');
    gate.open();
    expect(await two.answer('request-two')).toMatchObject({ type: 'grant' });
    expect(await one.answer('request-one')).toMatchObject({
      type: 'refused',
      code: 'moved',
      fields: { seat: 's2' },
    });
    expect(await live(hub, 'u1')).toMatchObject({ seat: 's2' });
  });

  test('a cancelled login at another seat does not end the work that was going on at the first', async () => {
    const hub = await open();
    await hub.ready(1);
    const [one, two] = [await at(hub, 's1'), await at(hub, 's2')];
    const first = await one.granted('u1', PASSWORD);
    await one.viewer(first, 'connected');
    const held = (await hub.store.desktops()).find((desktop) => desktop.state === 'leased')!.serverId;
    const gate = new Gate((o) => o.name === 'endpoint' && o.when === 'after' && o.args[0] === held);
    hub.tap = gate.tap;
    ask(two, 'u1', 'request-two');
    await gate.reached;
    two.send({ type: 'cancel', requestId: 'request-two' });
    // Frames are heard in their order: once the second is answered, so was the first.
    two.send({ type: 'cancel', requestId: 'request-none' });
    await two.answer('request-none');
    gate.open();
    expect(await two.answer('request-two')).toMatchObject({ type: 'refused', code: 'login-cancelled' });
    expect(await live(hub, 'u1')).toMatchObject({ id: first.sessionId, state: 'away' });
  });
});

describe('a seat that comes back', () => {
  test('a box that was switched off in the queue is served on its new connection', async () => {
    const hub = await open({ floor: 0 });
    const gate = new Gate((o) => o.name === 'create' && o.when === 'before');
    hub.tap = gate.tap;
    const before = await at(hub, 's1');
    ask(before, 'u1', 'request-before');
    await before.frame('queued');
    await gate.reached;
    before.pause();
    const after = await at(hub, 's1', before.key);
    ask(after, 'u1', 'request-after');
    await after.frame('queued');
    gate.open();
    expect(await after.answer('request-after')).toMatchObject({ type: 'grant' });
  });

  test('a person who comes back as the grace ends keeps the desktop that they are granted', async () => {
    const hub = await open({ graceSeconds: 1 });
    await hub.ready(1);
    const seat = await at(hub, 's1');
    const grant = await seat.granted('u1', PASSWORD);
    await seat.viewer(grant, 'connected');
    const gate = new Gate((o) => o.name === 'endSession' && o.when === 'before');
    hub.tap = gate.tap;
    await seat.viewer(grant, 'ended');
    await gate.reached;
    const again = await seat.granted('u1', PASSWORD);
    gate.open();
    await seat.viewer(again, 'connected');
    await waitFor('the picture', async () => (await live(hub, 'u1'))?.state === 'connected');
    expect(again.sessionId).toBe(grant.sessionId);
  });
});

describe('a proof that is not of the latest grant', () => {
  test('a login whose line was cut takes nothing from the one that was asked for after it', async () => {
    const hub = await open();
    await hub.ready(1);
    const gate = new Gate((o) => o.name === 'authenticate' && o.when === 'after');
    hub.tap = gate.tap;
    const before = await at(hub, 's1');
    ask(before, 'u1', 'request-before');
    await gate.reached;
    const after = await at(hub, 's1', before.key);
    const granted = await after.granted('u1', PASSWORD);
    gate.open();
    // One more word of this seat: whatever the first login still did is done by then.
    expect(await after.login('u2', 'wrong')).toMatchObject({ code: 'wrong-password' });
    expect(await live(hub, 'u1')).toMatchObject({ id: granted.sessionId, generation: granted.generation });
  });

  test('logs nobody off, and is not told that it did', async () => {
    const hub = await open();
    await hub.ready(1);
    const seat = await at(hub, 's1');
    const { sessionId, resumeSecret: secret } = await seat.granted('u1', PASSWORD);
    const requestId = 'logoff-one';
    seat.send({ type: 'logoff', requestId, sessionId, secret: 'of-another-grant' });
    expect(await seat.answer(requestId)).toMatchObject({ type: 'refused', code: 'session-unknown' });
    expect(await live(hub, 'u1')).toMatchObject({ id: sessionId });
    seat.send({ type: 'logoff', requestId: 'logoff-two', sessionId, secret });
    expect(await seat.frame('release')).toMatchObject({ sessionId, code: 'logged-off' });
    expect(await live(hub, 'u1')).toBeUndefined();
  });
});

describe('an operator in between', () => {
  test('a session that is ended while its desktop is proved is not granted', async () => {
    const hub = await open();
    await hub.ready(1);
    await misplaceReady(hub);
    const gate = new Gate((o) => o.name === 'endpoint' && o.when === 'after');
    hub.tap = gate.tap;
    const seat = await at(hub, 's1');
    ask(seat, 'u1', 'request-one');
    await gate.reached;
    const session = await live(hub, 'u1');
    await hub.ask('POST', `/sessions/${session!.id}/end`);
    gate.open();
    expect(await seat.answer('request-one')).toMatchObject({ type: 'refused', code: 'session-over' });
  });

  test('people who wait for a pool that is taken away are told so', async () => {
    const hub = await open({ floor: 0 });
    cloud.faults.set('build-stuck', {});
    const seat = await at(hub, 's1');
    ask(seat, 'u1', 'request-one');
    await seat.frame('queued');
    const { sites, seats } = smallSite(6);
    await hub.apply({ sites, seats }, { prune: true });
    expect(await seat.answer('request-one')).toMatchObject({ type: 'refused', code: 'pool-missing' });
    expect(await live(hub, 'u1')).toBeUndefined();
  });
});

describe('guessing', () => {
  test('attempts that are cancelled, or cut off, count: the directory hears no more than four of them', async () => {
    const hub = await open({ floor: 0 });
    let asked = 0;
    hub.tap = (operation: Operation) => {
      if (operation.kind === 'directory' && operation.when === 'before') asked++;
    };
    const seat = await at(hub, 's1');
    for (let i = 0; i < 3; i++) {
      const requestId = `guess-${i}-cancelled`;
      seat.send({ type: 'login', requestId, user: 'u1', password: 'guess', language: 'en' });
      seat.send({ type: 'cancel', requestId });
      await seat.answer(requestId);
    }
    let key = seat.key;
    for (let i = 0; i < 3; i++) {
      const box = await at(hub, 's1', key);
      key = box.key;
      const before = asked;
      box.send({
        type: 'login',
        requestId: `guess-${i}-cut-off`,
        user: 'u1',
        password: 'guess',
        language: 'en',
      });
      await waitFor(
        'the attempt',
        () => asked > before || box.frames.some((frame) => frame.type === 'refused'),
      );
      box.drop();
    }
    expect(asked).toBe(4);
  });
});

test('a picture that ended has ended for what the seat asks for next', async () => {
  const hub = await open({ floor: 2 });
  await hub.ready(2);
  const seat = await at(hub, 's1');
  const { sessionId, generation, resumeSecret: secret, desktop } = await seat.granted('u1', PASSWORD);
  await seat.viewer({ sessionId, generation }, 'connected');
  const session = await waitFor('the picture', async () => {
    const now = await live(hub, 'u1');
    return now?.state === 'connected' ? now : undefined;
  });
  const { serverId } = (await hub.store.desktop(session.desktop!))!;
  cloud.guest(serverId!)!.kill();
  const gate = new Gate((o) => o.name === 'recordViewer' && o.when === 'before');
  hub.tap = gate.tap;
  await seat.viewer({ sessionId, generation }, 'ended');
  const held = { sessionId, secret, generation };
  seat.send({ type: 'resume', requestId: 'resume-one', want: 'display', ...held, language: 'en' });
  await gate.reached;
  // The hub has read what was asked by the time it answers somebody else.
  await (await at(hub, 's2')).welcome();
  gate.open();
  const next = await seat.answer('resume-one');
  expect(next).toMatchObject({ type: 'grant', sessionId });
  expect(next.type === 'grant' && next.desktop.name).not.toBe(desktop.name);
});

describe('a store that cannot write', () => {
  test('a log-off that was not kept is not said to be done; it is done when the seat asks again', async () => {
    const hub = await open();
    await hub.ready(1);
    const seat = await at(hub, 's1');
    const { sessionId, resumeSecret: secret } = await seat.granted('u1', PASSWORD);
    let broken = true;
    hub.tap = ({ name, when }) => {
      if (broken && name === 'endSession' && when === 'before')
        throw new Fault('store-full', 'transient', 'the disk of the store is full');
    };
    seat.send({ type: 'logoff', requestId: 'logoff-one', sessionId, secret });
    await waitFor('the end of the connection', () => seat.closed);
    expect(seat.frames.filter((f) => f.type === 'release' || f.type === 'refused')).toEqual([]);
    broken = false;
    const back = await at(hub, 's1', seat.key);
    back.send({ type: 'logoff', requestId: 'logoff-one', sessionId, secret });
    expect(await back.frame('release')).toMatchObject({ sessionId, code: 'logged-off' });
    expect(await live(hub, 'u1')).toBeUndefined();
  });

  test('a picture that ended while the store was full is known as soon as it is not', async () => {
    const hub = await open();
    await hub.ready(1);
    const seat = await at(hub, 's1');
    const grant = await seat.granted('u1', PASSWORD);
    hub.tap = ({ name, when }) => {
      if (name === 'recordViewer' && when === 'before')
        throw new Fault('store-full', 'transient', 'the disk of the store is full');
    };
    await seat.viewer(grant, 'ended');
    // The agent says everything anew on a new connection.
    expect((await waitFor('the end of the connection', () => seat.closed)).code).toBe(1001);
  });
});

describe('a cloud that hangs', () => {
  test('an operator is told how things stand, and the hub stops within ten seconds', async () => {
    await using inner = new AsyncDisposableStack();
    const resources = smallSite(2, { floor: 2, ceiling: 3 });
    const clock = quickClock(1);
    const hub = inner.use(
      await InsideHub.open({ folder, cloud, directories: [directory], resources, clock }),
    );
    const gate = new Gate((o) => o.name === 'create' && o.when === 'after');
    hub.tap = gate.tap;
    await gate.reached;
    cloud.faults.set('hang', { on: { service: 'compute' } });
    gate.open();
    hub.tap = undefined;
    const gate2 = new Gate((o) => o.name === 'list' && o.when === 'before');
    hub.tap = gate2.tap;
    await gate2.reached;
    gate2.open();
    const from = clock.monotonic();
    await hub.ask('GET', '/status');
    expect(clock.monotonic() - from).toBeLessThan(5000);
    await inner.disposeAsync();
    expect(clock.monotonic() - from).toBeLessThan(10_000);
    cloud.faults.clearAll();
  });
});
