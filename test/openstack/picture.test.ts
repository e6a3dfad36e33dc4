import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { AgentProcess } from '../e2e/parts/agentProcess.ts';
import { difference, Display, displayMissing, readPicture, type Picture } from '../e2e/parts/display.ts';
import { HubProcess } from '../e2e/parts/hubProcess.ts';
import { smallSite, temporaryFolder } from '../e2e/parts/smallSite.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { BASE, CANARY } from '../lab/callCentre.ts';
import { root } from '../../installer/src/commands.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
import { slapdMissing, startSlapd } from '../lab/slapd.ts';

/**
 * The whole spine on OpenStack: a person types at a page in Chromium, slapd has the password, Keystone, Nova and Neutron make the
 * desktop on libvirt and QEMU, Nova's console token says where it is, and remote-viewer brings its picture to the display.
 */
const run = promisify(execFile);
const GUEST = { width: 720, height: 400 };
/** Scaling blurs letters; another picture differs by three times as much. */
const ALIKE = 0.06;
/** Half of what eleven letters change on the guest’s screen; nothing else on it moves. */
const TYPED = 0.0004;
/** Nova, libvirt and a guest under emulation, on processors that others use as well. */
const BOOTED_WITHIN_MS = 240_000;

const lab = theLab();
const missing =
  (lab ? undefined : NO_LAB) ??
  (lab?.libvirt === undefined ? 'the lab has no host with libvirt: it takes root' : undefined) ??
  (lab?.names.screenImage === undefined ? 'the lab has no image of the example desktop' : undefined) ??
  displayMissing() ??
  slapdMissing();

interface Stage extends AsyncDisposable {
  folder: string;
  hub: HubProcess;
  display: Display;
  agent: AgentProcess;
  page: Page;
}
let s: Stage;

async function stage(): Promise<Stage> {
  const { names, cloudsFile } = lab!;
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder('picture')).path;
  const slapd = opening.use(await startSlapd());
  const hub = opening.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: { default: { cloud: 'lab', adminCloud: 'lab-admin', cloudsFile } },
      directories: [
        {
          type: 'ldap',
          name: 'corp',
          servers: [slapd.url],
          startTls: true,
          caFile: slapd.caFile,
          bindDn: slapd.serviceDn,
          passwordFile: slapd.passwordFile,
          userBase: BASE,
        },
      ],
      tls: true,
    }),
  );
  opening.defer(() => emptied(hub));
  await hub.apply(
    smallSite(1, {
      image: names.screenImage,
      flavor: names.screenFlavor,
      availabilityZone: names.screenZone,
      networks: [names.network],
      floor: 1,
      ceiling: 2,
      boots: 1,
    }),
  );
  const display = opening.use(await Display.open());
  const agent = opening.use(
    await AgentProcess.start({ folder: join(folder, 'agent'), display, hub, seat: 's1' }),
  );
  const page = await agent.page();
  await waitFor(
    'a ready desktop',
    async () => ((await hub.get('pools'))[0]?.ready ?? 0) >= 1,
    BOOTED_WITHIN_MS,
  );
  const kept = opening.move();
  return { folder, hub, display, agent, page, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Leaves nothing in the cloud, whatever went wrong before. */
async function emptied(hub: HubProcess): Promise<void> {
  for (const session of await hub.get('sessions'))
    if (session.end === undefined) await hub.ask('POST', `/sessions/${session.id}/end`);
  await hub.apply({ sites: smallSite(1).sites, seats: smallSite(1).seats }, { prune: true });
  await waitFor('every desktop to be gone', async () => (await hub.get('desktops')).length === 0, 60_000);
}

const virsh = (...args: string[]) => run('virsh', ['-c', lab!.libvirt!, ...args]);

/** What the guest itself shows, as QEMU has it. */
async function guestPicture(serverId: string): Promise<Picture> {
  const file = join(s.folder, 'guest.png');
  await virsh('screenshot', serverId, file);
  return readPicture(file, GUEST);
}

const showsPictureOf = (serverId: string) =>
  waitFor(
    'the guest’s picture on the display',
    async () => difference(await s.display.picture(GUEST), await guestPicture(serverId)) < ALIKE,
    60_000,
  );

async function serverOf(user: string): Promise<string> {
  return (await s.hub.get('desktops')).find((desktop) => desktop.user === user)!.serverId!;
}

describe('a person at a seat, on OpenStack', () => {
  beforeAll(async () => {
    if (missing === undefined) s = await stage();
  });
  afterAll(() => s?.[Symbol.asyncDispose]());

  const onStage = (name: string, work: () => Promise<void>) =>
    test(name, (ctx: TestContext) => (missing === undefined ? work() : ctx.skip(missing)));

  onStage('the password brings the picture of the person’s own server to the display', async () => {
    await s.page.getByLabel('User name').fill('anna');
    await s.page.getByRole('textbox', { name: 'Password', exact: true }).fill(CANARY);
    await s.page.keyboard.press('Enter');
    await waitFor('the hub to hear of the picture', async () => {
      const session = (await s.hub.get('sessions')).find((one) => one.user === 'anna');
      return session?.state === 'connected';
    });
    const server = await serverOf('anna');
    await showsPictureOf(server);
    const { stdout } = await virsh('qemu-monitor-command', server, '{"execute":"query-spice"}');
    const { channels } = (JSON.parse(stdout) as { return: { channels: unknown[] } }).return;
    expect(channels.length).toBeGreaterThanOrEqual(3);
    for (const log of [s.hub.log, s.agent.log]) expect(log).not.toContain(CANARY);
  });

  onStage('keys typed at the display reach that guest, and its answer is on the display', async () => {
    const server = await serverOf('anna');
    await s.display.click(s.display.width / 2, s.display.height / 2);
    const before = { guest: await guestPicture(server), display: await s.display.picture(GUEST) };
    await s.display.type('hello there');
    await waitFor('the guest to echo', async () => {
      return difference(await guestPicture(server), before.guest) > TYPED;
    });
    await waitFor('the echo on the display', async () => {
      return difference(await s.display.picture(GUEST), before.display) > TYPED;
    });
    await showsPictureOf(server);
    // For eyes.
    mkdirSync(join(root, 'var/lab'), { recursive: true });
    await s.display.screenshot(join(root, 'var/lab/picture.png'));
  });

  onStage('the server goes when the session ends, and its guest with it', async () => {
    const server = await serverOf('anna');
    const page = await s.agent.page();
    await page.getByRole('button', { name: 'Log off' }).click();
    await page.getByLabel('User name').waitFor();
    await waitFor(
      'the guest to be gone',
      async () => !(await virsh('list', '--all', '--uuid')).stdout.includes(server),
      60_000,
    );
    await waitFor(
      'another desktop to be ready',
      async () => (await s.hub.get('desktops')).some((d) => d.state === 'ready' && d.serverId !== server),
      BOOTED_WITHIN_MS,
    );
  });
});
