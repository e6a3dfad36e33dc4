import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { Display, displayMissing } from '../e2e/parts/display.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import { NO_LAB, theLab } from '../lab/openstack/lab.ts';
import { slapdMissing } from '../lab/slapd.ts';
import { blocks, DeploymentPlace, readmeText } from './deploymentPlace.ts';
import type { Block } from './runbook.ts';
import { Screens } from './screens.ts';

/**
 * installer/README.md, followed: its commands in their order, its files as they stand, its units' programs. What is `by hand` is done
 * by the test where something later needs it. The tests are one story.
 */
const run = promisify(execFile);
/** What stands in the README where a thin client tells its own, and where the hub does. */
const FINGERPRINT = 'K7F2-9QWM-3XTD-0V8N';
const PIN = `sha256/${'A'.repeat(43)}=`;

const lab = theLab();
const missing = (lab ? undefined : NO_LAB) ?? slapdMissing() ?? displayMissing();
let place: DeploymentPlace;
let display: Display;
let screens: Screens;
const over = new AbortController();
let furnishing: Promise<void> | undefined;

describe('installer/README.md, followed on OpenStack', () => {
  beforeAll(async () => {
    if (!lab || missing !== undefined) return;
    display = await Display.open();
    screens = new Screens(lab);
    place = await DeploymentPlace.open(lab);
  });

  afterAll(async () => {
    await using closing = new AsyncDisposableStack();
    for (const one of [screens, display, place] as (AsyncDisposable | undefined)[]) closing.use(one);
    closing.defer(async () => {
      over.abort();
      await furnishing;
    });
    if (furnishing) await leaveNothing();
  });

  const step = (name: string, work: () => Promise<void> | void) =>
    test(name, async (ctx: TestContext) => {
      if (missing !== undefined) ctx.skip(missing);
      await work();
    });

  for (const block of blocks) {
    const where = `line ${block.line}, “${block.heading}”`;
    if (block.language === 'sh' && block.says.startsWith('tried: '))
      step(`${where}: the commands do what they say`, () => followOnSite(block));
    else if (block.language === 'sh' && block.text.includes('enable --now '))
      step(`${where}: what is enabled there starts`, () => enable(block));
    else if (block.language === 'yaml' && block.says.startsWith('/etc/anyseat'))
      step(`${where}: the file is written`, () => place.write(block));
  }

  step('in the end the hub lacks nothing but what this release of Nova has not', async () => {
    const { stdout } = await run('anyseat', ['status', '--json'], { env: place.env });
    const { warnings } = JSON.parse(stdout) as { warnings: { code: string; text: string }[] };
    expect(warnings.map(({ code, text }) => `${code}: ${text}`)).toEqual([
      expect.stringMatching(/^cloud-ability: .*this cloud does not tell TLS ports/),
      expect.stringMatching(/^spice-plain: /),
    ]);
  });

  step('both thin clients are online, each at its seat', async () => {
    const seats = await waitFor('both', async () => {
      const all = (await place.get('tcs')).filter((tc) => tc.online);
      return all.length === 2 ? all.map((tc) => `${tc.seat}: ${tc.state}`).toSorted() : undefined;
    });
    expect(seats).toEqual(['nt-1-001: enrolled', 'nt-1-002: enrolled']);
  });

  step('every command of the table of troubles is one', async () => {
    const commands = new Set(
      [...readmeText.matchAll(/^\|.*\| `(anyseat [^`]+)` \|/gm)].map((row) => row[1]!),
    );
    expect(commands.size).toBeGreaterThan(5);
    for (const command of commands) await run('bash', ['-c', command], { env: place.env });
  });
});

async function followOnSite(block: Block): Promise<void> {
  if (block.heading === 'By fingerprint') await anotherBox();
  const said = await place.follow(block);
  if (block.heading === '3. The hub' && block.text.includes('status')) await allWell();
  // A person carries the pin to the thin client.
  const pin = /^sha256\/.*/m.exec(said)?.[0];
  if (pin !== undefined) place.call(PIN, pin);
}

/** What the hub stands on is well as soon as it has been asked. */
async function allWell(): Promise<void> {
  await waitFor('a hub without a ✗', async () => {
    const { stdout } = await run('anyseat', ['status'], { env: place.env });
    return stdout.includes('✓ default: answers') && !stdout.includes('✗');
  });
}

/** As systemd would, but that an agent's X server is there already, without a monitor. */
async function enable(block: Block): Promise<void> {
  if (block.text.includes('anyseat-hub')) {
    place.start('hub/anyseat-hub.service');
    furnishing = furnishScreens();
    await waitFor('the hub', () => place.get('sites'));
  } else {
    const command = ['/usr/lib/anyseat-agent/session', '/etc/anyseat-agent/agent.yaml'];
    const env = { DISPLAY: display.name };
    place.start('agent/anyseat-agent.service', { command: command.map((word) => place.ours(word)), env });
  }
}

/** Nova's fake driver has no screens: every desktop gets one as soon as it has a server. */
async function furnishScreens(): Promise<void> {
  while (!over.signal.aborted) {
    const desktops = await place.get('desktops').catch(() => []);
    const servers = desktops.flatMap((desktop) => desktop.serverId ?? []);
    await screens.giveTo(servers, (id) => id);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A second thin client, in folders of its own, without a token and without a screen. */
async function anotherBox(): Promise<void> {
  const folder = join(place.folder, 'other-box');
  mkdirSync(folder);
  const first = parse(readFileSync(place.ours('/etc/anyseat-agent/agent.yaml'), 'utf8')) as {
    hub: { url: string; pins: string[]; tokenFile?: string };
  };
  const { tokenFile: _, ...hub } = first.hub;
  const settings = {
    hub,
    stateDir: join(folder, 'state'),
    runDir: join(folder, 'run'),
    shell: { kind: 'none' },
  };
  writeFileSync(join(folder, 'agent.yaml'), stringify(settings));
  const program = ['/opt/anyseat/node_modules/.bin/node', '/opt/anyseat/agent/src/node/main.ts'];
  const command = [...program.map((word) => place.ours(word)), '--config', join(folder, 'agent.yaml')];
  place.start('agent/anyseat-agent.service', { command });
  const { fingerprint } = await waitFor('a thin client that waits', async () =>
    (await place.get('tcs')).find((tc) => tc.state === 'pending'),
  );
  place.call(FINGERPRINT, fingerprint);
}

async function leaveNothing(): Promise<void> {
  for (const { id, state } of await place.get('desktops'))
    if (state === 'quarantined') await place.post(`/desktops/${id}/retire`, {});
  await place.post('/apply', { text: '{}', file: 'none', prune: true });
  await waitFor('every desktop to be gone', async () => (await place.get('desktops')).length === 0, 60_000);
}
