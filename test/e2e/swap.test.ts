import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import { deleteServer, openSession } from '@anyseat/openstack';
import type { ConsoleLogAnswer, Grant, SessionView, SwapAnswer, SwapView } from '@anyseat/protocol';
import { readFrom } from '../contracts/cloud/minicloudBench.ts';
import { HubProcess } from './parts/hubProcess.ts';
import { SeatClient } from './parts/seatClient.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

/** A broken desktop is replaced under its person: the hub as a process, a cloud that is quick, seats on the wire. */
let stack: AsyncDisposableStack;
let hub: HubProcess;
let cloud: Minicloud;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder('swap')).path;
  cloud = stack.use(await startMinicloud({ speed: 20 }));
  await writeUsers(join(folder, 'users.yaml'), ['u1', 'u2', 'u3', 'u4']);
  hub = stack.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: [{ type: 'file', name: 'local', file: join(folder, 'users.yaml') }],
    }),
  );
  await hub.apply(smallSite(4, { floor: 2, ceiling: 12, swaps: { perPersonHour: 1 } }));
});
afterAll(() => stack.disposeAsync());

const ready = () =>
  waitFor('a ready desktop', async () =>
    (await hub.get('desktops')).some((d) => d.state === 'ready' && d.fault === undefined),
  );

/** Somebody at a seat who has the picture. */
async function atWork(user: string, seatName: string): Promise<{ seat: SeatClient; grant: Grant }> {
  await ready();
  const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: seatName });
  const seat = stack.use(await SeatClient.connect(hub.url, { token }));
  await seat.welcome();
  const grant = await seat.granted(user, PASSWORD);
  await sees(seat, grant);
  return { seat, grant };
}

async function sees(seat: SeatClient, grant: Grant): Promise<SessionView> {
  await seat.viewer(grant, 'connected');
  return waitFor('the picture', async () =>
    (await hub.get('sessions')).find((s) => s.id === grant.sessionId && s.state === 'connected'),
  );
}

/** Behind the hub's back. */
async function removeServer(id: string): Promise<void> {
  const clouds = readFrom(cloud.cloudsYaml());
  await using session = openSession({ credentials: clouds('minicloud-app'), clock: systemClock });
  await deleteServer(session.compute, id);
}

let requests = 0;
const ask = (
  seat: SeatClient,
  grant: Grant,
  type: 'resume' | 'replace',
  want: 'display' | 'attach' = 'display',
) => {
  const requestId = `asked-by-seat-${++requests}`;
  const proof = {
    requestId,
    sessionId: grant.sessionId,
    secret: grant.resumeSecret,
    generation: grant.generation,
    language: 'en' as const,
  };
  seat.send(type === 'resume' ? { type, want, ...proof } : { type, ...proof });
  return seat.answer(requestId);
};
const granted = (answer: Grant | { type: 'refused'; code: string }): Grant => {
  if (answer.type === 'refused') throw new Error(answer.code);
  return answer;
};
const swapOf = async (desktop: string): Promise<SwapView> =>
  (await hub.get('swaps')).find((one) => one.desktop === desktop)!;

test('an operator swaps by a person’s name: said first, done once, with its log kept and its seconds counted', async () => {
  const { seat, grant } = await atWork('u1', 's1');
  await ready();
  const old = grant.desktop.name;
  const trial = await hub.ask<SwapAnswer>('POST', '/swap', { of: 'u1', dryRun: true });
  expect(trial).toMatchObject({ applied: false, user: 'u1', seat: 's1', session: grant.sessionId });
  expect(trial.text.join(' ')).toContain('ready desktop');
  const { desktop, session } = trial;
  const order = { of: 'u1', reason: 'black screen', expect: { desktop: desktop.id, session } };
  const done = await hub.ask<SwapAnswer>('POST', '/swap', order);
  expect(done).toMatchObject({ applied: true, to: expect.any(String) as string });
  const again = await hub.ask<SwapAnswer>('POST', '/swap', order);
  expect(again.to).toBe(done.to);
  await seat.frame('release', (f) => f.code === 'swapped');
  const next = granted(await ask(seat, grant, 'resume'));
  expect([next.sessionId, next.desktop.name]).toEqual([grant.sessionId, done.to]);
  const seen = await sees(seat, next);
  expect(seen.stages['swap']).toEqual(expect.any(Number));
  const swap = await waitFor('its seconds', async () => {
    const found = await swapOf(old);
    return found.tookMs === undefined ? undefined : found;
  });
  console.log(`a swap with a ready desktop took ${swap.tookMs} ms, to the picture`);
  expect(swap).toMatchObject({ origin: 'operator', reason: 'black screen', user: 'u1', to: done.to });
  const kept = (await hub.get('desktops')).find((d) => d.server === old);
  expect(kept).toMatchObject({ state: 'quarantined', fault: 'black screen' });
  const log = await waitFor('the console log to be kept', async () => {
    const answer = await hub.ask<ConsoleLogAnswer>('GET', `/desktops/${old}/log`);
    return answer.keptAt === undefined ? undefined : answer;
  });
  expect(log.text).toContain(old);
  await hub.ask('POST', `/desktops/${old}/release`, {});
  await waitFor('it to be removed', async () => !(await hub.get('desktops')).some((d) => d.server === old));
});

test('a person says that their desktop is broken: they have another one, and no third within the hour', async () => {
  const { seat, grant } = await atWork('u2', 's2');
  expect(grant.mayReplace).toBe(true);
  await ready();
  const next = granted(await ask(seat, grant, 'replace'));
  expect([next.sessionId, next.desktop.name === grant.desktop.name]).toEqual([grant.sessionId, false]);
  await sees(seat, next);
  expect(await ask(seat, next, 'replace')).toMatchObject({
    type: 'refused',
    code: 'swap-too-often',
    retryAfterMs: expect.any(Number) as number,
  });
  expect(await swapOf(grant.desktop.name)).toMatchObject({ origin: 'person', to: next.desktop.name });
});

test('a seat that was away while its desktop was swapped is told at its first word, and never takes one for the other', async () => {
  const { seat, grant } = await atWork('u3', 's3');
  const { key } = seat;
  seat.drop();
  await waitFor(
    'the seat to be away',
    async () => !(await hub.get('seats')).find((s) => s.name === 's3')!.online,
  );
  await ready();
  await hub.ask('POST', '/swap', { of: 's3' });
  const back = stack.use(await SeatClient.connect(hub.url, { key }));
  await back.welcome();
  expect(await ask(back, grant, 'resume', 'attach')).toMatchObject({ type: 'refused', code: 'swapped' });
  // What it says of the old picture is not heard.
  await back.viewer(grant, 'connected');
  const next = granted(await ask(back, grant, 'resume'));
  expect(next.desktop.name).not.toBe(grant.desktop.name);
  await sees(back, next);
});

test('a lost desktop is swapped by rule when the seat has lost it too, and not before', async () => {
  const { seat, grant } = await atWork('u4', 's4');
  const { serverId } = (await hub.get('desktops')).find((d) => d.server === grant.desktop.name)!;
  const server = cloud.servers().find((s) => s.id === serverId)!;
  await removeServer(server.id);
  await waitFor('the cloud to have lost it', () => !cloud.servers().some((s) => s.id === server.id));
  await ready();
  // The picture is there, says the seat: the cloud's word alone moves nobody.
  expect(await ask(seat, grant, 'resume')).toMatchObject({ type: 'refused', code: 'unreachable' });
  const now = (await hub.get('sessions')).find((s) => s.id === grant.sessionId)!;
  expect(now.desktop).toBe(grant.desktop.name);
  await seat.viewer({ ...grant, generation: now.generation }, 'ended');
  await seat.frame('release', (f) => f.code === 'swapped');
  const swap = await swapOf(grant.desktop.name);
  expect(swap).toMatchObject({ origin: 'rule', user: 'u4' });
});
