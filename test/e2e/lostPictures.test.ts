import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { buildGuest, root } from '@anyseat/installer';
import { startMinicloud, type GuestLook, type Minicloud } from '@anyseat/minicloud';
import type { SessionView } from '@anyseat/protocol';
import { proveIdentity } from '@anyseat/spice';
import { makeCertificates, type TestCertificates } from '../../packages/spice/src/certificates.fixture.ts';
import { startQemu } from '../../packages/spice/src/qemu.fixture.ts';
import { AgentProcess } from './parts/agentProcess.ts';
import { Display, displayMissing } from './parts/display.ts';
import { showsPictureOf } from './parts/guestPicture.ts';
import { HubProcess } from './parts/hubProcess.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';
import { Wire, WIRE_ADDRESS } from './parts/wire.ts';

/**
 * Every way in which a person can lose the picture of their desktop, with real parts: Chromium, remote-viewer by TLS, QEMU, and a
 * wire between them that fails as networks do. What the person reads, what the hub learns, and after how many seconds they
 * have a picture again, without a password.
 */
interface Stage extends AsyncDisposable {
  cloud: Minicloud;
  hub: HubProcess;
  display: Display;
  agent: AgentProcess;
  page: Page;
  wire: Wire;
  certificates: TestCertificates;
}

const missing =
  displayMissing() ??
  (existsSync('/usr/bin/qemu-system-x86_64') ? undefined : 'qemu-system-x86 is not installed');
let s = undefined as unknown as Stage;
const seconds: [row: string, seconds: string][] = [];

async function stage(): Promise<Stage> {
  const guest = await buildGuest({ into: `${root}var/guest` });
  if ('missing' in guest) throw new Error(guest.missing);
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder('pictures')).path;
  const certificates = opening.use(makeCertificates()!);
  const cloud = opening.use(
    await startMinicloud({
      hypervisor: 'qemu',
      face: '2025.1',
      hosts: { count: 12 },
      images: [{ name: 'desk', ...guest, commandLine: 'quiet' }],
      flavors: [{ name: 'desk', vcpus: 1, memoryMb: 128, diskGb: 1 }],
      spice: { x509Dir: certificates.directory, tlsOnly: true, proxyClientAddress: WIRE_ADDRESS },
    }),
  );
  const usersFile = join(folder, 'users.json');
  await writeUsers(usersFile, ['lina']);
  const spice = {
    tls: 'require',
    caFile: join(certificates.directory, 'ca-cert.pem'),
    hostSubject: certificates.subject,
  };
  const hub = opening.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud, spice),
      directories: [{ type: 'file', name: 'local', file: usersFile }],
      tls: true,
    }),
  );
  const wire = opening.use(new Wire(() => hub.pid));
  await hub.apply(smallSite(1, { image: 'desk', flavor: 'desk', floor: 1, ceiling: 4, boots: 2 }));
  const display = opening.use(await Display.open());
  const agent = opening.use(
    await AgentProcess.start({
      folder: join(folder, 'agent'),
      display,
      hub,
      seat: 's1',
      settings: { viewer: { mode: 'kiosk', connectSeconds: 3 } },
    }),
  );
  const page = await agent.page();
  const kept = opening.move();
  return {
    cloud,
    hub,
    display,
    agent,
    page,
    wire,
    certificates,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

beforeAll(async () => {
  if (missing === undefined) s = await stage();
}, 300_000);
afterAll(async () => {
  for (const [row, after] of seconds) console.log(`${after.padStart(6)} s  ${row}`);
  if (s !== undefined) await s[Symbol.asyncDispose]();
}, 60_000);

/** A row of the matrix: what happens, and until when the person is without a picture. */
const row = (name: string, run: () => Promise<unknown>) =>
  test(
    name,
    async (context: TestContext) => {
      if (missing !== undefined) context.skip(missing);
      const from = performance.now();
      await run();
      seconds.push([name, ((performance.now() - from) / 1000).toFixed(1)]);
    },
    240_000,
  );

/** Lays the wire to every screen there is, and waits for a desktop that the hub has proved over it. */
const readyDesktop = () =>
  waitFor(
    'a ready desktop',
    async () => {
      for (const { display } of s.cloud.servers()) if (display?.tlsPort) await s.wire.lay(display.tlsPort);
      return ((await s.hub.get('pools'))[0]?.ready ?? 0) >= 1;
    },
    150_000,
  );

const session = async (): Promise<SessionView> => {
  const live = (await s.hub.get('sessions')).find((one) => one.user === 'lina' && one.end === undefined);
  if (!live) throw new Error('nobody is logged in');
  return live;
};

/** The picture is there, of a later grant than this; on the display too. */
async function isBack(before: SessionView): Promise<SessionView> {
  const now = await waitFor('the picture to be back', async () => {
    const one = await session();
    return one.state === 'connected' && one.generation > before.generation ? one : undefined;
  });
  await s.page.getByText('Your desktop is open').waitFor({ timeout: 30_000 });
  await showsPictureOf(s.display, (await guestOf(now)).guest);
  return now;
}

async function guestOf({ desktop }: SessionView): Promise<{ guest: GuestLook; port: number; host: string }> {
  const { serverId } = (await s.hub.get('desktops')).find(
    ({ id, server }) => id === desktop || server === desktop,
  )!;
  const server = s.cloud.servers().find(({ id }) => id === serverId)!;
  return { guest: s.cloud.guest(server.id)!, port: server.display!.tlsPort!, host: server.host! };
}

/** The viewers that run on our display. */
const viewers = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('remote-viewer') &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`DISPLAY=${s.display.name}`)
        );
      } catch {
        return false;
      }
    })
    .map(Number);

/** Ends the viewer as a crash does. */
const crash = () => {
  for (const pid of viewers()) process.kill(pid, 'SIGKILL');
};

/** The person reads this. */
const reads = (text: string | RegExp) => s.page.getByText(text).first().waitFor({ timeout: 60_000 });

/** The seat is back within a second or two; on a busy machine nobody could read what it said before. So the hub answers later. */
async function whileHubWaits(run: () => Promise<void>): Promise<void> {
  process.kill(s.hub.pid, 'SIGSTOP');
  try {
    await run();
  } finally {
    process.kill(s.hub.pid, 'SIGCONT');
  }
}

/** The hub hears, from here on, that the viewer ended like this. */
function hubLearns(end: string): () => Promise<unknown> {
  const from = s.hub.log.length;
  const said = `"viewer":"ended","end":"${end}"`;
  return () => waitFor(`the hub to hear of ${end}`, () => s.hub.log.slice(from).includes(said));
}

const clicksBack = (timeout?: number) =>
  s.page
    .getByRole('button', { name: /Go back now|Back to my desktop/ })
    .click({ timeout: timeout ?? 30_000 });

/** The agent has seen that the desktop answers beside its picture: from here on it notices when it does not. */
const isWatched = () =>
  waitFor(
    'the desktop to be watched',
    () => s.agent.log.lastIndexOf('and is watched') > s.agent.log.lastIndexOf('the desktop is on the screen'),
  );

/** The way to the desktop fails for seats in this manner; the viewer crashes, and what its next ones meet is told. */
async function failsFor(how: Wire['forSeats'], end: string, sentence: string): Promise<SessionView> {
  const before = await session();
  const learns = hubLearns(end);
  s.wire.forSeats = how;
  crash();
  await reads(sentence);
  await learns();
  expect(viewers()).toEqual([]);
  s.wire.forSeats = 'through';
  // Where the seat is on its way by itself already, there is nothing to click.
  if (end === 'tls-failed') await clicksBack();
  else await clicksBack(3000).catch(() => undefined);
  return before;
}

describe('the picture goes, and comes back without a password', () => {
  row('a person logs in, and has the picture', async () => {
    await readyDesktop();
    await s.page.getByLabel('User name').fill('lina');
    await s.page.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
    await s.page.keyboard.press('Enter');
    await isBack({ generation: 0 } as SessionView);
  });

  row('the viewer crashes', async () => {
    const before = await session();
    const learns = hubLearns('crashed');
    await whileHubWaits(async () => {
      crash();
      await reads('The program that shows your desktop stopped by itself.');
    });
    await learns();
    expect((await isBack(before)).desktop).toBe(before.desktop);
  });

  row('somebody else links to the desktop', async () => {
    const before = await session();
    const { port } = await guestOf(before);
    const learns = hubLearns('closed-by-desktop');
    const { ca, subject: hostSubject } = s.certificates;
    await whileHubWaits(async () => {
      const second = await proveIdentity({ host: '127.0.0.1', tlsPort: port, ca, hostSubject });
      expect(second.outcome).toBe('proved');
      await reads('Your desktop closed the connection.');
    });
    await learns();
    expect((await isBack(before)).desktop).toBe(before.desktop);
  });

  row('the host resets every link', async () => {
    const before = await failsFor('reset', 'unreachable', 'Your desktop cannot be reached.');
    expect((await isBack(before)).desktop).toBe(before.desktop);
  });

  row('the host takes links and says nothing', async () => {
    const before = await failsFor('silent', 'timed-out', 'Your desktop does not answer.');
    expect((await isBack(before)).desktop).toBe(before.desktop);
  });

  row('the desktop refuses the ticket', async () => {
    await using other = await otherQemu(s.certificates, 'password-secret=ticket');
    const before = await failsFor(
      { to: other.tlsPort! },
      'ticket-refused',
      'Your desktop did not accept this seat.',
    );
    expect((await isBack(before)).desktop).toBe(before.desktop);
  });

  row(
    'the certificate is a stranger’s: the help desk is named, and the person’s click goes back',
    async () => {
      using foreign = makeCertificates()!;
      await using other = await otherQemu(foreign, 'disable-ticketing=on');
      const before = await failsFor(
        { to: other.tlsPort! },
        'tls-failed',
        'Call the help desk: a certificate is wrong.',
      );
      await s.page.getByRole('button', { name: 'Back to my desktop' }).click();
      expect((await isBack(before)).desktop).toBe(before.desktop);
    },
  );

  row('the agent is killed', async () => {
    const before = await session();
    await s.agent.killHard();
    s.agent.startAgain();
    s.page = await s.agent.page();
    expect((await isBack(before)).desktop).toBe(before.desktop);
  });

  row('the network is cut between the desktop and everybody, and mended', async () => {
    const before = await session();
    const { port } = await guestOf(before);
    const learns = hubLearns('link-lost');
    await isWatched();
    s.wire.cut(port);
    await reads('Your desktop is off the screen');
    await learns();
    s.wire.mend(port);
    expect((await isBack(before)).desktop).toBe(before.desktop);
  });

  row('the host dies: another desktop comes by itself', async () => {
    await readyDesktop();
    const before = await session();
    const { port, host } = await guestOf(before);
    await isWatched();
    s.wire.cut(port);
    using _down = s.cloud.faults.set('hosts-down', { hosts: [host] });
    const after = await isBack(before);
    expect([after.id, after.desktop === before.desktop]).toEqual([before.id, false]);
    const swap = (await s.hub.get('swaps')).find((one) => one.user === 'lina');
    expect(swap).toMatchObject({ origin: 'rule' });
  });

  row('the desktop is switched off: it is told, and the person’s click brings another', async () => {
    await readyDesktop();
    const before = await session();
    const learns = hubLearns('closed-by-desktop');
    (await guestOf(before)).guest.kill();
    await reads('Your desktop was switched off.');
    await learns();
    await clicksBack();
    const after = await isBack(before);
    expect([after.id, after.desktop === before.desktop]).toEqual([before.id, false]);
  });
});

/** A screen of its own, which the viewer is led to instead. */
const otherQemu = ({ directory }: TestCertificates, auth: string) =>
  startQemu({
    args: ['-object', 'secret,id=ticket,data=a-ticket'],
    spice: ({ tls }) => `tls-port=${tls},x509-dir=${directory},${auth}`,
    endpoint: ({ tls }) => ({ host: '127.0.0.1', tlsPort: tls }),
  });
