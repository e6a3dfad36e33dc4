import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '@anyseat/base';
import type { Minicloud } from '@anyseat/minicloud';
import type { ExpireBindingsAnswer, StatusAnswer } from '@anyseat/protocol';
import { openCloud } from '../../hub/src/cloud/openstack.ts';
import type { FileDirectory } from '../../hub/src/directory/file.ts';
import { theHub } from '../../hub/src/domain/audit.ts';
import { BindingExpiry } from '../../hub/src/reconcile/bindings.ts';
import { PASSWORD, smallSite } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { readFrom } from '../contracts/cloud/minicloudBench.ts';
import { openGround } from './parts/ground.ts';
import { InsideHub } from './parts/insideHub.ts';
import { quickClock } from './parts/quickClock.ts';

/** On a machine that is busy with other things. */
const PATIENCE_MS = 90_000;

/** What becomes of bindings that nobody uses, and of those whose desktop is no more. */
let stack: AsyncDisposableStack;
let cloud: Minicloud;
let directory: FileDirectory;
let folder: string;

beforeEach(async () => {
  ({ stack, folder, cloud, directory } = await openGround('bindings', ['u1', 'u2']));
});
afterEach(() => stack.disposeAsync());

let aheadMs = 0;
const clock = { ...quickClock(10), now: () => quickClock(10).now() + aheadMs };

async function open(allocator: Record<string, unknown>): Promise<InsideHub> {
  aheadMs = 0;
  const resources = smallSite(3, { floor: 2, ceiling: 6 }, { binding: 'user', ...allocator });
  const hub = stack.use(await InsideHub.open({ folder, cloud, directories: [directory], resources, clock }));
  await hub.ready(2);
  return hub;
}

/** Somebody has worked on a desktop of their own, and gone home. */
async function workedOn(hub: InsideHub, user: string, seat: string): Promise<string> {
  const client = stack.use(await hub.seat(seat));
  const grant = await client.granted(user, PASSWORD);
  await hub.store.endSession(grant.sessionId as never, 'logged-off', theHub);
  return grant.desktop.name;
}

/** Somebody who may do so deletes the server behind the hub's back. */
async function deleteServer(hub: InsideHub, name: string): Promise<void> {
  const spice = { tls: 'prefer', ca: undefined, hostSubject: undefined, password: undefined } as const;
  const member = readFrom(cloud.cloudsYaml())('minicloud-app');
  const clock = quickClock(1);
  await using real = await openCloud({
    name: 'default',
    member,
    admin: undefined,
    spice,
    clock,
    log: silentLog,
  });
  const { serverId } = (await hub.store.desktops()).find((d) => d.serverName === name)!;
  const signal = AbortSignal.timeout(10_000);
  await real.remove(serverId!, signal);
  await waitFor('the server to be gone', async () => (await real.server(serverId!, signal)) === 'gone');
}

const bound = async (hub: InsideHub) => (await hub.get('bindings')).map((b) => b.desktop);

describe('a bound desktop whose server was deleted', () => {
  test('is made up for with another one where the allocator says so, with an audit row', async () => {
    const hub = await open({ whenGone: 'new' });
    const lost = await workedOn(hub, 'u1', 's1');
    await deleteServer(hub, lost);
    const client = stack.use(await hub.seat('s2'));
    const { desktop } = await client.granted('u1', PASSWORD);
    expect(desktop.name).not.toBe(lost);
    expect(await bound(hub)).toEqual([desktop.name]);
    const acts = (await hub.store.audit({ limit: 50 })).filter((row) => row.act.startsWith('binding.'));
    expect(acts.map((row) => row.act).toReversed()).toEqual(['binding.made', 'binding.lost', 'binding.made']);
  });

  test('is told to the person, and kept as it is for the operator, where it does not', async () => {
    const hub = await open({});
    const lost = await workedOn(hub, 'u1', 's1');
    await deleteServer(hub, lost);
    const client = stack.use(await hub.seat('s2'));
    expect(await client.login('u1', PASSWORD)).toMatchObject({
      type: 'refused',
      code: 'bound-desktop-gone',
      fields: { desktop: lost },
    });
    expect(await bound(hub)).toEqual([lost]);
    const toldAtStatus = async () => {
      const { warnings } = await hub.ask<StatusAnswer>('GET', '/status');
      return warnings.find(({ code }) => code === 'binding-gone');
    };
    const warning = await waitFor('the status to say so', toldAtStatus, PATIENCE_MS);
    expect(warning).toMatchObject({
      severity: 'error',
      text: expect.stringContaining(`${lost}: bound to user u1`) as string,
    });
    await hub.ask('POST', `/bindings/${lost}/end`, {});
    const { desktop } = await client.granted('u1', PASSWORD);
    expect(await bound(hub)).toEqual([desktop.name]);
  });

  test('is not taken for gone while others are missing as well: that is another project', async () => {
    const hub = await open({ whenGone: 'new' });
    const mine = await workedOn(hub, 'u1', 's1');
    const theirs = await workedOn(hub, 'u2', 's2');
    await deleteServer(hub, mine);
    await deleteServer(hub, theirs);
    const client = stack.use(await hub.seat('s3'));
    const asked = client.login('u1', PASSWORD);
    await waitFor('the wait', () => client.frames.some((frame) => frame.type === 'queued'));
    expect([...(await bound(hub))].sort()).toEqual([mine, theirs].sort());
    expect(await asked).toMatchObject({ code: 'desktop-lost' });
    expect([...(await bound(hub))].sort()).toEqual([mine, theirs].sort());
  });
});

test('a binding that nobody used for as long as its allocator says is ended, and its desktop made anew', async () => {
  const hub = await open({ bindingDays: 1 });
  const mine = await workedOn(hub, 'u1', 's1');
  const due = () => hub.ask<ExpireBindingsAnswer>('POST', '/bindings/expire', { dryRun: true });
  const expiry = new BindingExpiry({
    store: hub.store,
    catalogue: () => catalogue,
    clock,
    log: silentLog,
    lookAtPool: () => undefined,
  });
  const catalogue = await hub.store.catalogue();
  await expiry.look();
  expect([await due(), await bound(hub)]).toEqual([{ bindings: [], applied: false }, [mine]]);
  aheadMs = 25 * 3_600_000;
  expect((await due()).bindings.map((b) => b.desktop)).toEqual([mine]);
  await expiry.look();
  expect([await due(), await bound(hub)]).toEqual([{ bindings: [], applied: false }, []]);
  // What its pool did about it may stand after it already.
  const row = (await hub.store.audit({ limit: 50 })).find(({ act }) => act === 'binding.ended');
  expect(row).toMatchObject({ actor: theHub, act: 'binding.ended' });
  await waitFor(
    'the desktop to be made anew',
    async () => (await hub.store.desktops()).every((d) => d.serverName !== mine || d.state === 'retiring'),
    PATIENCE_MS,
  );
});
