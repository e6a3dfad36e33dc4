import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startMinicloud } from '@anyseat/minicloud';
import { HubProcess } from './parts/hubProcess.ts';
import { SeatClient } from './parts/seatClient.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

const DISK = '8m';

test('a disk that somebody else has filled: nobody is let in, who works goes on, and it is over when there is room', async (ctx) => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder('small-disk')).path;
  const disk = join(folder, 'hub', 'state');
  mkdirSync(disk, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'anyseat-test', disk], { stdio: 'ignore' });
  } catch {
    ctx.skip('a file system of a few megabytes cannot be mounted here');
  }
  stack.defer(() => void execFileSync('umount', [disk]));
  const cloud = stack.use(await startMinicloud({ speed: 20 }));
  await writeUsers(join(folder, 'users.yaml'), ['u1', 'u2']);
  const hub = stack.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: [{ type: 'file', name: 'local', file: join(folder, 'users.yaml') }],
    }),
  );
  await hub.apply(smallSite(2, { floor: 2, ceiling: 4 }));
  const seat = async (name: string) => {
    const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: name });
    const client = stack.use(await SeatClient.connect(hub.url, { token }));
    await client.welcome();
    return client;
  };
  const [one, two] = [await seat('s1'), await seat('s2')];
  const work = await one.granted('u1', PASSWORD);
  await one.viewer(work, 'connected');
  const sessions = async () => (await hub.get('sessions')).map(({ user, state }) => `${user} ${state}`);
  await waitFor('the picture', async () => (await sessions()).includes('u1 connected'));
  await waitFor('a ready desktop', async () =>
    (await hub.get('desktops')).some(({ state }) => state === 'ready'),
  );

  const filler = join(disk, 'filler');
  fill(filler);
  await waitFor('the first one to find no room', async () => {
    const answer = await two.login('u2', PASSWORD);
    if (answer.type === 'grant') {
      // There was room in the write-ahead log still.
      expect(await sessions()).toContain('u2 opening');
      two.send({
        type: 'logoff',
        requestId: 'log-off',
        sessionId: answer.sessionId,
        secret: answer.resumeSecret,
      });
      await two.frame('release', ({ sessionId }) => sessionId === answer.sessionId);
      return false;
    }
    return answer.code === 'hub-busy';
  });
  expect((await hub.status()).store.ok).toBe(false);
  expect([one.closed, hub.running]).toEqual([undefined, true]);
  const back = stack.use(await SeatClient.connect(hub.url, { key: one.key }));
  await back.welcome();
  expect(await sessions()).toContain('u1 connected');

  rmSync(filler);
  await waitFor('somebody to be let in', async () => (await two.login('u2', PASSWORD)).type === 'grant');
  expect((await sessions()).toSorted()).toEqual(expect.arrayContaining(['u1 connected', 'u2 opening']));
  expect(hub.log).not.toMatch(/"level":50/);
});

/** Writes until there is no room for another page. */
function fill(file: string): void {
  const out = openSync(file, 'w');
  for (const size of [65_536, 4096, 1]) {
    try {
      for (;;) writeSync(out, Buffer.alloc(size));
    } catch {
      // The disk is full.
    }
  }
  closeSync(out);
}
