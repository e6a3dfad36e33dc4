import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Minicloud } from '@anyseat/minicloud';
import type { ExplainAnswer } from '@anyseat/protocol';
import type { FileDirectory } from '../../hub/src/directory/file.ts';
import { theHub } from '../../hub/src/domain/audit.ts';
import type { SessionId } from '../../hub/src/domain/session.ts';
import type { SeatClient } from '../e2e/parts/seatClient.ts';
import { PASSWORD, smallSite } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { openGround } from './parts/ground.ts';
import { InsideHub } from './parts/insideHub.ts';

/** Who waits, in which order, for how long; and what somebody is told who works at another seat already. */
let stack: AsyncDisposableStack;
let cloud: Minicloud;
let directory: FileDirectory;
let folder: string;

beforeEach(async () => {
  ({ stack, folder, cloud, directory } = await openGround('queue', ['u1', 'u2', 'u3', 'u4']));
});
afterEach(() => stack.disposeAsync());

/** One desktop for everybody, and a rule that serves u3 before others. */
async function open(allocator: Record<string, unknown> = {}): Promise<InsideHub> {
  const site = smallSite(5, { floor: 1, ceiling: 1 }, allocator);
  const leads = { title: 'L', priority: 9, match: { users: ['u3'] }, pools: ['standard'], queuePriority: 5 };
  const resources = { ...site, allocators: { ...site.allocators, leads } };
  const hub = stack.use(await InsideHub.open({ folder, cloud, directories: [directory], resources }));
  await hub.ready(1);
  return hub;
}

const place = (client: SeatClient) => {
  const told = client.frames.findLast((frame) => frame.type === 'queued');
  return told?.type === 'queued' ? told.place : undefined;
};
const explained = async (hub: InsideHub, user: string, seat: string) =>
  (await hub.ask<ExplainAnswer>('POST', '/explain', { user, seat })).desktop;

describe('the queue', () => {
  test('serves the higher priority first, then who came first; everybody is told their place as it changes', async () => {
    const hub = await open();
    const seats = await Promise.all(['s1', 's2', 's3', 's4'].map((seat) => hub.seat(seat)));
    const [one, two, three, four] = seats.map((seat) => stack.use(seat)) as [
      SeatClient,
      SeatClient,
      SeatClient,
      SeatClient,
    ];
    const first = await one.granted('u1', PASSWORD);
    const second = two.granted('u2', PASSWORD);
    await waitFor('place 1', () => place(two) === 1);
    expect(await explained(hub, 'u4', 's4')).toEqual({ because: 'queue', place: 2 });
    expect(await explained(hub, 'u3', 's3')).toEqual({ because: 'queue', place: 1 });
    const third = three.granted('u3', PASSWORD);
    await waitFor('the places as they are now', () => place(three) === 1 && place(two) === 2);
    const last = four.login('u4', PASSWORD, 'request-of-u4');
    await waitFor('place 3', () => place(four) === 3);

    await hub.store.endSession(first.sessionId as SessionId, 'logged-off', theHub);
    const served = await Promise.race([second.then(() => 'u2'), third.then(() => 'u3')]);
    expect(served).toBe('u3');
    await waitFor('the places moved up', () => place(two) === 1 && place(four) === 2);
    four.send({ type: 'cancel', requestId: 'request-of-u4' });
    expect(await last).toMatchObject({ type: 'refused', code: 'login-cancelled' });
    await hub.store.endSession((await third).sessionId as SessionId, 'logged-off', theHub);
    expect((await second).person.user).toBe('u2');
  });
});

describe('a second login', () => {
  test('moves the desktop here, if nothing else is said', async () => {
    const hub = await open();
    const [one, two] = [stack.use(await hub.seat('s1')), stack.use(await hub.seat('s2'))];
    const first = await one.granted('u1', PASSWORD);
    await one.viewer(first, 'connected');
    expect(await two.login('u1', PASSWORD)).toMatchObject({ type: 'grant', sessionId: first.sessionId });
    expect(await one.frame('release')).toMatchObject({ code: 'moved', fields: { seat: 's2' } });
  });

  test('is refused with the seat where they work, and explain says so; not once they are away or that seat is dark', async () => {
    const hub = await open({ secondLogin: 'refuse' });
    const [one, two] = [stack.use(await hub.seat('s1')), stack.use(await hub.seat('s2'))];
    const first = await one.granted('u1', PASSWORD);
    await one.viewer(first, 'connected');
    await waitFor(
      'connected',
      async () => (await hub.store.session(first.sessionId as SessionId))?.state === 'connected',
    );
    expect(await explained(hub, 'u1', 's2')).toEqual({ because: 'elsewhere', seat: 's1', asks: false });
    expect(await two.login('u1', PASSWORD)).toMatchObject({
      type: 'refused',
      code: 'working-elsewhere',
      fields: { seat: 's1' },
    });
    expect(await hub.store.session(first.sessionId as SessionId)).toMatchObject({
      state: 'connected',
      seat: 's1',
    });
    expect(await explained(hub, 'u1', 's1')).toMatchObject({ because: 'session' });

    one.drop();
    await waitFor(
      'the seat to be dark',
      async () => (await explained(hub, 'u1', 's2'))?.because === 'session',
    );
    expect(await two.login('u1', PASSWORD)).toMatchObject({ type: 'grant', sessionId: first.sessionId });
  });
});

test('somebody who is asked moves when they say yes, and stays where they are when they say no or nothing', async () => {
  const hub = await open({ secondLogin: 'ask' });
  const [one, two] = [stack.use(await hub.seat('s1')), stack.use(await hub.seat('s2'))];
  const first = await one.granted('u1', PASSWORD);
  await one.viewer(first, 'connected');
  const id = first.sessionId as SessionId;
  const isAt = async (state: string) => (await hub.store.session(id))?.state === state;
  await waitFor('connected', () => isAt('connected'));
  expect(await explained(hub, 'u1', 's2')).toEqual({ because: 'elsewhere', seat: 's1', asks: true });

  const asked = (requestId: string) => two.frame('question', (frame) => frame.requestId === requestId);
  const no = two.login('u1', PASSWORD, 'request-no');
  expect(await asked('request-no')).toMatchObject({ code: 'move-here', fields: { seat: 's1' } });
  two.send({ type: 'cancel', requestId: 'request-no' });
  expect(await no).toMatchObject({ code: 'login-cancelled' });
  expect(await hub.store.session(id)).toMatchObject({ state: 'connected', seat: 's1', generation: 1 });

  const silence = two.login('u1', PASSWORD, 'request-silence');
  expect(await silence).toMatchObject({ code: 'working-elsewhere', fields: { seat: 's1' } });
  expect(await hub.store.session(id)).toMatchObject({ state: 'connected', seat: 's1', generation: 1 });

  const yes = two.login('u1', PASSWORD, 'request-yes');
  await asked('request-yes');
  two.send({ type: 'confirm', requestId: 'request-no' });
  two.send({ type: 'confirm', requestId: 'request-yes' });
  expect(await yes).toMatchObject({ type: 'grant', sessionId: id, generation: 2 });
  expect(await one.frame('release')).toMatchObject({ code: 'moved', fields: { seat: 's2' } });
});

test('how long a desktop waits for its person is what the allocator said at the login, whatever it says later', async () => {
  const hub = await open({ graceSeconds: 77 });
  const one = stack.use(await hub.seat('s1'));
  const grant = await one.granted('u1', PASSWORD);
  expect(grant.graceMs).toBe(77_000);
  await hub.apply({
    allocators: { everybody: { title: 'E', default: true, pools: ['standard'], graceSeconds: 5 } },
  });
  await one.viewer(grant, 'connected');
  await one.viewer(grant, 'ended');
  const session = await waitFor('away', async () => {
    const now = await hub.store.session(grant.sessionId as SessionId);
    return now?.state === 'away' ? now : undefined;
  });
  const waitsMs = session.graceUntil! - session.stateSince;
  expect(waitsMs).toBeGreaterThan(70_000);
  expect(waitsMs).toBeLessThanOrEqual(77_000);
});
