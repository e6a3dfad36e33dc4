import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { buildGuest, root } from '@anyseat/installer';
import { startMinicloud } from '@anyseat/minicloud';
import type { AuditAnswer } from '@anyseat/protocol';
import { keyboardIsFree } from '../../agent/src/node/viewer/screen.fixture.ts';
import { AgentProcess } from './parts/agentProcess.ts';
import { difference, Display, displayMissing, readPicture } from './parts/display.ts';
import { HubProcess } from './parts/hubProcess.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

/** What an operator sees of a seat and does to it, with a real agent, its page in Chromium, and a real viewer on a desktop. */
const missing =
  displayMissing() ??
  (existsSync('/usr/bin/qemu-system-x86_64') ? undefined : 'qemu-system-x86 is not installed');

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('User name').fill('lina');
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
}

test('a person at work is counted, told something, has their agent started anew, and is locked and logged off', async (ctx) => {
  if (missing !== undefined) ctx.skip(missing);
  const guest = await buildGuest({ into: `${root}var/guest` });
  if ('missing' in guest) throw new Error(guest.missing);
  await using life = new AsyncDisposableStack();
  const folder = life.use(temporaryFolder('operated')).path;
  const cloud = life.use(
    await startMinicloud({
      hypervisor: 'qemu',
      images: [{ name: 'desk', ...guest, commandLine: 'quiet' }],
      flavors: [{ name: 'desk', vcpus: 1, memoryMb: 128, diskGb: 1 }],
    }),
  );
  const usersFile = join(folder, 'users.json');
  await writeUsers(usersFile, ['lina']);
  const hub = life.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: [{ type: 'file', name: 'local', file: usersFile }],
      tls: true,
    }),
  );
  await hub.apply(smallSite(1, { image: 'desk', flavor: 'desk', floor: 1, ceiling: 2, boots: 1 }));
  const display = life.use(await Display.open());
  const agent = life.use(
    await AgentProcess.start({ folder: join(folder, 'agent'), display, hub, seat: 's1' }),
  );
  let page = await agent.page();
  const seat = async () => (await hub.get('seats'))[0]!;
  const session = async () => (await hub.get('sessions')).find((one) => one.end === undefined);
  const works = () =>
    waitFor('the picture', async () => (await session())?.state === 'connected' || undefined, 60_000);
  const act = (what: string, body: object = {}) => hub.ask<{ text: string }>('POST', `/tcs/s1/${what}`, body);
  await waitFor('a ready desktop', async () => ((await hub.get('pools'))[0]?.ready ?? 0) >= 1, 120_000);
  // What stands on the desk is on the page as soon as it is said.
  expect(await hub.ask<{ text: string }>('POST', '/seats/s1/label', { label: 'Window 7' })).toEqual({
    text: 'Seat s1 is called “Window 7”, and was “S 1”.',
  });
  await page.getByText('Seat Window 7').waitFor({ timeout: 20_000 });
  await expect(hub.ask('POST', '/seats/nowhere/label', { label: 'x' })).rejects.toThrow(/seat-unknown/);

  await logIn(page);
  await works();
  const first = (await session())!;

  // What they type is counted while the viewer has the keyboard, and nothing of it is said.
  const counted = await waitFor(
    'keys that are counted',
    async () => {
      await display.type('secret words');
      const input = (await seat()).input;
      return input && input.keys > 0 ? input : undefined;
    },
    60_000,
  );
  expect(counted).toMatchObject({ idleMs: expect.any(Number), keys: expect.any(Number) });
  expect((await session())?.input).toBeDefined();

  // The first report may have come before there was a viewer.
  const tc = await waitFor(
    'the health of the box, and its viewer’s',
    async () =>
      (await hub.get('tcs')).find(
        (one) => one.health?.viewerMb !== undefined && one.inventory?.system !== undefined,
      ),
    120_000,
  );
  expect(tc).toMatchObject({
    troubles: expect.any(Array),
    health: {
      cores: expect.any(Number),
      memory: { totalMb: expect.any(Number) },
      viewerMb: expect.any(Number),
    },
    inventory: { system: expect.stringMatching(/\S/), usb: expect.any(Array) },
  });

  // The viewer has keyboard and pointer, and is made to let go of them for it.
  await display.click(600, 400);
  expect(await act('message', { text: 'Fire drill at three.\n消防演习。' })).toMatchObject({
    text: expect.stringContaining('on the screen of seat s1'),
  });
  const dialog = page.getByRole('dialog', { name: 'A message for you' });
  await dialog.getByText('Fire drill at three.').waitFor({ timeout: 20_000 });
  await waitFor('the viewer to let go', () => keyboardIsFree(display.name));
  await waitFor('the button', () => dialog.getByRole('button', { name: 'I have read it' }).isEnabled());
  await display.key('Return');
  await dialog.waitFor({ state: 'detached', timeout: 20_000 });
  await waitFor('the audit of it', async () => {
    const { rows } = await hub.ask<AuditAnswer>('GET', `/audit?subject=${tc.id}&limit=20`);
    return (
      rows.some((row) => row.act === 'tc.command-outcome' && row.details['state'] === 'done') || undefined
    );
  });

  // Their screen is shown to nobody without a yes, and is the desktop's then, without the page that asked.
  const screenshot = () => hub.ask<{ png: string }>('POST', '/tcs/s1/screenshot', {});
  const asks = page.getByRole('dialog', { name: 'May the help desk see your screen?' });
  const refused = expect(screenshot()).rejects.toThrow(/the person there said no/);
  await asks.waitFor({ timeout: 20_000 });
  await asks.getByRole('button', { name: 'No' }).click();
  await refused;
  const sent = screenshot();
  await asks.waitFor({ timeout: 20_000 });
  await waitFor('the button', () => asks.getByRole('button', { name: 'Send one picture' }).isEnabled());
  await asks.getByRole('button', { name: 'Send one picture' }).click();
  const picture = await readPicture(Buffer.from((await sent).png, 'base64'));
  expect([picture.width, picture.height]).toEqual([display.width, display.height]);
  expect(difference(picture, await display.picture())).toBeLessThan(0.03);

  // The viewer has the keyboard; the chord brings the page above it, and the keys of the page work.
  await display.click(600, 400);
  await display.key('ctrl+alt+Home');
  await page.getByText('Your seat').waitFor({ timeout: 20_000 });
  await waitFor('the viewer to let go', () => keyboardIsFree(display.name));
  await display.key('Tab');
  await display.key('Return');
  await page.getByText('Your desktop is open').waitFor({ timeout: 20_000 });
  expect(await session()).toMatchObject({ state: 'connected', generation: first.generation });

  await expect(act('power', { do: 'reboot' })).rejects.toThrow(/tc-in-use.*lina/);
  await act('power', { do: 'restartAgent' });
  await waitFor('the agent to end', () => !agent.running || undefined);
  agent.startAgain();
  await waitFor(
    'the same session, shown anew',
    async () => {
      const now = await session();
      return (
        (now?.id === first.id && now.generation > first.generation && now.state === 'connected') || undefined
      );
    },
    60_000,
  );
  expect((await session())?.desktop).toBe(first.desktop);

  await act('lock');
  page = await agent.page();
  await page.getByText('An operator locked this seat.').waitFor({ timeout: 20_000 });
  await logIn(page);
  await works();
  expect(await session()).toMatchObject({ id: first.id, desktop: first.desktop });

  await act('logoff');
  await page.getByText('An operator ended your session').waitFor({ timeout: 20_000 });
  await expect(act('logoff')).rejects.toThrow(/nobody is logged in at seat s1/);
  expect(await act('wake')).toEqual({ text: 'seat s1 is awake.' });
  expect(agent.log + hub.log).not.toContain('secret words');
}, 300_000);
