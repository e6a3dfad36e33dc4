import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import type { DesktopView, PoolView } from '@anyseat/protocol';
import { HubProcess } from './parts/hubProcess.ts';
import { SeatClient } from './parts/seatClient.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

/** For what takes seconds on a machine that has nothing else to do. */
const PATIENCE_MS = 90_000;

/** A pool as an operator sees it, with the hub as a process and a cloud that is quick and obeys. */
describe('a pool', () => {
  let stack: AsyncDisposableStack;
  let hub: HubProcess;
  let cloud: Minicloud;

  beforeEach(async () => {
    await using opening = new AsyncDisposableStack();
    const folder = opening.use(temporaryFolder('pool')).path;
    cloud = opening.use(
      await startMinicloud({
        speed: 20,
        images: [
          { name: 'first' },
          { name: 'second' },
          { name: 'with-tpm', properties: { hw_tpm_version: '2.0' } },
        ],
      }),
    );
    await writeUsers(join(folder, 'users.yaml'), ['u1', 'u2']);
    hub = opening.use(
      await HubProcess.start({
        folder: join(folder, 'hub'),
        clouds: cloudSettings(folder, cloud),
        directories: [{ type: 'file', name: 'local', file: join(folder, 'users.yaml') }],
      }),
    );
    stack = opening.move();
  });
  afterEach(() => stack.disposeAsync());

  const pool = async (): Promise<PoolView> => (await hub.get('pools'))[0]!;
  const desktops = (state: string): Promise<DesktopView[]> =>
    hub.get('desktops').then((all) => all.filter((d) => d.state === state));
  const set = (more: Record<string, unknown>) =>
    hub.apply(smallSite(1, { image: 'first', ceiling: 8, ...more }));
  const ready = (count: number) =>
    waitFor(`${count} ready`, async () => ((await pool())?.ready ?? 0) >= count, PATIENCE_MS);

  test('an image that is replaced is rolled in, a few at a time, and the floor holds all the while', async () => {
    await set({ floor: 4 });
    await ready(4);
    const before = new Set((await desktops('ready')).map((d) => d.id));
    await set({ floor: 4, image: 'second', renewAtOnce: 2 });
    let least = Infinity;
    await waitFor('all of the new image', async () => {
      least = Math.min(least, (await pool()).ready);
      const now = await desktops('ready');
      return now.length >= 4 && now.every((d) => !before.has(d.id));
    });
    expect(least).toBe(4);
    await waitFor('nothing to do', async () => (await pool()).words === 'full');
  });

  test('an image whose desktops never become ready is frozen, and the one before goes on', async () => {
    await set({ floor: 2 });
    await ready(2);
    const noGood = cloud.faults.set('build-fails', { message: 'no bootable device' });
    await set({ floor: 3, image: 'second' });
    await waitFor('the image to be frozen', async () => (await pool()).words.includes('is frozen'));
    noGood[Symbol.dispose]();
    await ready(3);
    expect((await pool()).words).toMatch(
      /^full; image revision 2 \(.*\) is frozen, because its desktops do not become ready: no bootable device\. Desktops are made from revision 1 until/,
    );
  });

  test('a pool at the project’s quota says so, serves what it has, and fills when there is more', async () => {
    await set({ floor: 2 });
    await ready(2);
    const quota = cloud.faults.set('quota', { instances: 2 });
    await set({ floor: 4 });
    await waitFor('the words', async () => (await pool()).words.includes('the project’s quota is used up'));
    expect(await pool()).toMatchObject({ ready: 2, floor: 4 });
    quota[Symbol.dispose]();
    // A new specification is a new try, at once.
    await set({ floor: 4, title: 'Once more' });
    await ready(4);
  });

  test('no host for another desktop is the pool’s trouble, and leaves nothing behind', async () => {
    const none = cloud.faults.set('no-valid-host', {});
    await set({ floor: 2 });
    await waitFor('the words', async () => (await pool()).words.includes('no host takes another desktop'));
    await waitFor('no server in ERROR', async () => (await desktops('broken')).length === 0);
    none[Symbol.dispose]();
    await set({ floor: 2, title: 'Once more' });
    await ready(2);
  });

  test('ready desktops leave a host that is drained, and come back when it is resumed', async () => {
    await set({ floor: 3 });
    await ready(3);
    const host = (await desktops('ready'))[0]!.host!;
    const told = await hub.ask<{ text: string }>('POST', `/hosts/${host}/drain`, { reason: 'memory' });
    expect(told.text).toContain(`Host ${host} is given nothing new.`);
    await waitFor('none on the host', async () => {
      const now = await desktops('ready');
      return now.length >= 3 && now.every((d) => d.host !== host);
    });
    const view = (await hub.get('hosts')).find((h) => h.name === host);
    expect(view).toMatchObject({ state: 'disabled', reason: 'memory', cloud: 'default' });
    await hub.ask('POST', `/hosts/${host}/resume`, {});
    await waitFor(
      'the host',
      async () => (await hub.get('hosts')).find((h) => h.name === host)?.state === 'up',
    );
  });

  test('a pool that is closed gives back what is ready and says why; open, it fills again', async () => {
    await set({ floor: 2 });
    await ready(2);
    await hub.ask('POST', '/pools/standard/close', { reason: 'disks are changed' });
    await waitFor('nothing ready', async () => (await hub.get('desktops')).length === 0);
    expect((await pool()).words).toBe(
      'closed: disks are changed. Nobody is given a desktop, and none is made',
    );
    await hub.ask('POST', '/pools/standard/open', {});
    await ready(2);
  });

  test('a used desktop is made anew on its server, and then it is another person’s', async () => {
    await set({ floor: 1, ceiling: 1, afterUse: 'rebuild' });
    await ready(1);
    const [first] = await desktops('ready');
    const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: 's1' });
    await using seat = await SeatClient.connect(hub.url, { token });
    await seat.welcome();
    const use = async (user: string) => {
      const { sessionId, resumeSecret: secret } = await seat.granted(user, PASSWORD);
      const own = (await desktops('leased'))[0];
      seat.send({ type: 'logoff', requestId: `logoff-${user}`, sessionId, secret });
      await seat.frame('release', (frame) => frame.sessionId === sessionId);
      return own?.serverId;
    };
    expect(await use('u1')).toBe(first!.serverId);
    await ready(1);
    expect((await desktops('ready'))[0]).toMatchObject({ id: first!.id, serverId: first!.serverId });
    expect(await use('u2')).toBe(first!.serverId);
    expect(cloud.servers().map(({ id }) => id)).toEqual([first!.serverId]);
    const { rows } = await hub.ask<{ rows: { act: string }[] }>(
      'GET',
      `/audit?subject=${first!.id}&limit=100`,
    );
    expect(rows.map(({ act }) => act).toReversed()).toContain('desktop.rebuilt');
  });

  test('a rebuild that fails is a replacement, and the pool says why', async () => {
    await set({ floor: 1, ceiling: 1, afterUse: 'rebuild' });
    await ready(1);
    const [first] = await desktops('ready');
    const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: 's1' });
    await using seat = await SeatClient.connect(hub.url, { token });
    await seat.welcome();
    const { sessionId, resumeSecret: secret } = await seat.granted('u1', PASSWORD);
    const message = 'Operation rebuild is not supported for this instance';
    const body = JSON.stringify({ conflictingRequest: { code: 409, message } });
    const on = { service: 'compute', method: 'POST', path: '/action$' } as const;
    using _ = cloud.faults.set('answer', { status: 409, body, on });
    seat.send({ type: 'logoff', requestId: 'logoff-u1', sessionId, secret });
    await waitFor(
      'another one',
      async () => {
        const [now] = await desktops('ready');
        return now !== undefined && now.serverId !== first!.serverId;
      },
      PATIENCE_MS,
    );
    expect((await pool()).words).toMatch(
      /^full; used desktops are replaced instead of rebuilt: .*Operation rebuild is not supported/,
    );
  });

  test('a pool is not written to rebuild what the cloud does not rebuild', async () => {
    await expect(set({ floor: 0, image: 'with-tpm', afterUse: 'rebuild' })).rejects.toThrow(
      'image with-tpm asks for a TPM, and Nova rebuilds no server that has one: write replace',
    );
  });

  test('too many servers gone at once are no loss before an operator says so', async () => {
    await set({ floor: 4 });
    await ready(4);
    const before = (await desktops('ready')).map((d) => d.id);
    const hidden = cloud.faults.set('listing-partial', { share: 1 });
    await waitFor('the problem', async () => (await hub.get('problems')).some((p) => p.kind === 'vanished'));
    expect((await hub.ask<{ warnings: { code: string }[] }>('GET', '/status')).warnings).toContainEqual(
      expect.objectContaining({ code: 'vanished', severity: 'error' }),
    );
    hidden[Symbol.dispose]();
    await waitFor('no problem', async () => (await hub.get('problems')).length === 0);
    expect((await desktops('ready')).map((d) => d.id)).toEqual(before);
  });
});
