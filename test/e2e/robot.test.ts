import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { stringify } from 'yaml';
import { buildGuest, root } from '@anyseat/installer';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import { readPicture } from './parts/display.ts';
import { HubProcess } from './parts/hubProcess.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

/**
 * A robot as monitoring starts it: a process with a scenario, whose line of JSON and exit code are all that is looked at. Hub,
 * QEMU guest, remote-viewer and its screen are real.
 */
interface Stage extends AsyncDisposable {
  cloud: Minicloud;
  hub: HubProcess;
  folder: string;
}

interface Told {
  result: string;
  stage?: string;
  code?: string;
  why?: string;
  desktop?: string;
  stages: { name: string; tookMs: number; ok: boolean }[];
  echo?: { letters: number; slowestMs: number };
}

/** The background of the guest's screen. */
const BLUE = Buffer.of(0, 0, 0xa8);

let missing = Object.entries({
  xvfb: 'Xvfb',
  openbox: 'openbox',
  'virt-viewer': 'remote-viewer',
  imagemagick: 'convert',
  'qemu-system-x86': 'qemu-system-x86_64',
})
  .filter(([, program]) => !existsSync(`/usr/bin/${program}`))
  .map(([name]) => `${name} is not installed`)[0];
let s = undefined as unknown as Stage;

beforeAll(async () => {
  if (missing !== undefined) return;
  const guest = await buildGuest({ into: `${root}var/guest` });
  if ('missing' in guest) {
    missing = guest.missing;
    return;
  }
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder('robot')).path;
  const cloud = opening.use(
    await startMinicloud({
      hypervisor: 'qemu',
      images: [{ name: 'desk', ...guest, commandLine: 'quiet' }],
      flavors: [{ name: 'desk', vcpus: 1, memoryMb: 128, diskGb: 1 }],
    }),
  );
  const usersFile = join(folder, 'users.json');
  await writeUsers(usersFile, ['robot-1']);
  const hub = opening.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: [{ type: 'file', name: 'local', file: usersFile }],
      tls: true,
    }),
  );
  await hub.apply(smallSite(1, { image: 'desk', flavor: 'desk', floor: 1, ceiling: 2, boots: 1 }));
  await aReadyDesktop(hub);
  const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: 's1' });
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
  const kept = opening.move();
  s = { cloud, hub, folder, [Symbol.asyncDispose]: () => kept.disposeAsync() };
});
afterAll(async () => {
  if (s !== undefined) await s[Symbol.asyncDispose]();
});

const onStage = (name: string, run: () => Promise<void>) =>
  test(name, (context: TestContext) => {
    if (missing !== undefined) return context.skip(missing);
    return run();
  });

const aReadyDesktop = (hub: HubProcess) =>
  waitFor('a ready desktop', async () => ((await hub.get('pools'))[0]?.ready ?? 0) >= 1, 120_000);

/** Seconds; the machine may be busy with other things. */
const PATIENCE = {
  screen: 60,
  hub: 60,
  login: 60,
  viewer: 60,
  picture: 90,
  rest: 120,
  echo: 60,
  logoff: 60,
};

/** One round; the same seat each time. */
async function robot(
  { bounds, ...more }: { bounds?: object; steps?: object[]; password?: string } = {},
  password = PASSWORD,
): Promise<{ code: number | null; told: Told | undefined; said: string }> {
  const { folder, hub } = s;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'scenario.yaml');
  const scenario = {
    hub: { url: hub.url, tokenFile: join(folder, 'token'), pins: [hub.pin] },
    stateDir: join(folder, 'state'),
    runDir: join(folder, 'run'),
    user: 'robot-1',
    password: { environment: 'ROBOT_PASSWORD' },
    slow: { echo: 600 },
    ...more,
    bounds: { ...PATIENCE, ...bounds },
  };
  writeFileSync(file, stringify(scenario));
  const child = spawn(process.execPath, [join(root, 'agent/src/node/main.ts'), 'robot', '--scenario', file], {
    env: { ...process.env, DISPLAY: '', ROBOT_PASSWORD: password },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, said] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(out + said).not.toContain(PASSWORD);
  return { code, told: out === '' ? undefined : (JSON.parse(out) as Told), said };
}

const liveSessions = async () => (await s.hub.get('sessions')).filter((one) => one.end === undefined);

describe('a robot', () => {
  onStage('logs in, types, sees the answers on a screen of its own, and logs off', async () => {
    const { code, told, said } = await robot({ steps: [{ type: 'hallo' }, { key: 'Return' }] });
    expect({ code, result: told?.result, said }).toMatchObject({ code: 0, result: 'ok' });
    expect(told!.stages.map(({ name, ok }) => [name, ok])).toEqual(
      ['screen', 'hub', 'login', 'viewer', 'picture', 'rest', 'echo', 'logoff'].map((name) => [name, true]),
    );
    expect(told!.echo!.letters).toBe(5);
    expect(await liveSessions()).toEqual([]);
  });

  onStage('with a wrong password says at which stage it failed and why', async () => {
    const { code, told } = await robot({}, 'not-the-password');
    expect({ ...told, exit: code }).toMatchObject({
      exit: 2,
      result: 'failed',
      stage: 'login',
      code: 'wrong-password',
      why: 'The user name or the password is not right.',
    });
  });

  onStage('on a desktop that hangs says that nothing answers the keyboard, and gives it back', async () => {
    await aReadyDesktop(s.hub);
    const [desktop] = (await s.hub.get('desktops')).filter((one) => one.state === 'ready');
    const guest = s.cloud.guest(desktop!.serverId!)!;
    const picture = async () => {
      const file = join(s.folder, 'screen.png');
      await guest.screendump(file);
      return (await readPicture(file)).rgb;
    };
    // Ready is when its screen can be reached; what stands there, the kernel's words or the guest's, is another matter.
    const fresh = await waitFor('the prompt', async () => {
      const now = await picture();
      return now.subarray(-3).equals(BLUE) && now;
    });
    // It takes seconds to type so much: the guest stops in the midst of it.
    const round = robot({ steps: [{ type: 'x'.repeat(200) }], bounds: { echo: 2 } });
    await waitFor('the first letters', async () => !(await picture()).equals(fresh), 60_000);
    process.kill(guest.pid!, 'SIGSTOP');
    const { code, told } = await round;
    process.kill(guest.pid!, 'SIGCONT');
    expect({ code, stage: told?.stage, why: told?.code }).toEqual({
      code: 2,
      stage: 'echo',
      why: 'robot-no-echo',
    });
    expect(await liveSessions()).toEqual([]);
  });

  onStage('without a hub says that there is none', async () => {
    await s.hub.kill();
    const { code, told } = await robot({ bounds: { hub: 2 } });
    expect({ code, stage: told?.stage, why: told?.code }).toEqual({ code: 2, stage: 'hub', why: 'no-hub' });
    await s.hub.startAgain();
  });

  onStage('called with wrong settings says all that is wrong with them', async () => {
    const { code, told, said } = await robot({ steps: [], password: 'in-plain-sight' });
    expect({ code, told }).toEqual({ code: 78, told: undefined });
    expect(said).toContain('steps');
    expect(said).not.toContain('in-plain-sight');
  });
});
