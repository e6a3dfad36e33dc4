import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LinkAnswer, StatusAnswer, TokenAnswer } from '@anyseat/protocol';
import { HubApi } from '../../../hub/src/cli/hubApi.ts';
import { hashPassword } from '../../../hub/src/directory/passwordHash.ts';
import { root } from '../commands.ts';
import { freePort } from '../freePort.ts';
import type { Guest } from '../guest/buildGuest.ts';
import { consoleRoles, EXAMPLE_SEAT, exampleResources, PASSWORD, usersFile } from './exampleSite.ts';
import { startProgram, type Program } from './program.ts';

/** A hub that wants to be started anew ends with this (hub/src/main.ts). */
const EXIT_RESTART = 75;
/** A socket's path has 107 characters at most, so this one is relative to the root, where every process of ours stands. */
const SOCKET = 'var/hub/hub.sock';

export interface TryOptions {
  /** The example desktop; without it guests are states and timings. */
  guest: Guest | undefined;
  /** What shows the login page. */
  shell: 'electron' | 'chromium' | 'none';
}

export interface Running {
  page: string;
  /** A link into the console, good once. */
  console: string;
  hubUrl: string;
  cloudUrl: string;
  status: () => Promise<StatusAnswer>;
  /** Resolves when one of the processes ended by itself, with words. */
  broke: Promise<string>;
}

const at = (...parts: string[]): string => join(root, 'var', ...parts);

/** Starts a minicloud, a hub with the example site, and one thin client, in this order; `stack` stops them in the other. */
export async function tryOut(options: TryOptions, stack: AsyncDisposableStack): Promise<Running> {
  for (const folder of ['hub', 'agent', 'log', 'run'])
    mkdirSync(at(folder), { recursive: true, mode: 0o700 });
  const broke = Promise.withResolvers<string>();
  const watch = (program: Program) => {
    program.ended.then(
      (code) => broke.resolve(`${program.name} ended with exit code ${code}; its log is ${program.logFile}`),
      () => undefined,
    );
  };
  const cloud = await startCloud(options, stack);
  watch(cloud.program);
  const hub = await startHub(stack, broke.resolve);
  const api = new HubApi(join(root, SOCKET).length < 100 ? join(root, SOCKET) : SOCKET);
  await api.post('/apply', { text: stringify(exampleResources), file: 'the example site' });
  const agent = await startAgent(options, hub, api, stack);
  watch(agent.program);
  return {
    page: agent.page,
    console: (await api.post<LinkAnswer>('/console/links', { minutes: 1440 })).url,
    hubUrl: hub.url,
    cloudUrl: cloud.url,
    status: () => api.get<StatusAnswer>('/status'),
    broke: broke.promise,
  };
}

async function startCloud(
  { guest }: TryOptions,
  stack: AsyncDisposableStack,
): Promise<{ program: Program; url: string }> {
  const image = guest
    ? `example-desktop:kernel=${guest.kernel},initrd=${guest.initrd},append=quiet`
    : 'example-desktop';
  const { program, ready } = await startProgram(
    'minicloud',
    [
      'packages/minicloud/src/main.ts',
      `--state=${at('minicloud')}`,
      `--hypervisor=${guest ? 'qemu' : 'fake'}`,
      `--clouds-yaml=${at('clouds.yaml')}`,
      `--image=${image}`,
      '--flavor=desk.example:1,128,1',
    ],
    { logFile: at('log/minicloud.log'), read: (line) => /^\{"authUrl":"([^"]+)"/.exec(line)?.[1] },
  );
  stack.use(program);
  return { program, url: ready };
}

interface RunningHub {
  url: string;
  pin: string;
}

async function startHub(stack: AsyncDisposableStack, broke: (why: string) => void): Promise<RunningHub> {
  const users = at('hub/users.yaml');
  if (!existsSync(users))
    writeFileSync(users, stringify(usersFile(await hashPassword(PASSWORD))), { mode: 0o600 });
  const config = at('hub/hub.yaml');
  writeFileSync(
    config,
    stringify({
      name: 'example-hub',
      stateDir: at('hub'),
      listen: { host: '127.0.0.1', port: await keptPort('port') },
      operator: {
        socket: SOCKET,
        watch: { port: 0 },
        console: { port: await keptPort('console-port'), roles: consoleRoles },
      },
      clouds: {
        default: { cloud: 'minicloud-app', adminCloud: 'minicloud-admin', cloudsFile: at('clouds.yaml') },
      },
      directories: [{ type: 'file', name: 'example', file: users }],
    }),
  );
  const state = { stopping: false };
  stack.defer(() => {
    state.stopping = true;
  });
  const start = async (): Promise<RunningHub> => {
    const { program, ready } = await startProgram('hub', ['hub/src/main.ts', '--config', config], {
      logFile: at('log/hub.log'),
      read: readServing,
    });
    stack.use(program);
    program.ended.then(
      (code) => {
        if (state.stopping) return undefined;
        if (code === EXIT_RESTART) return start().then(() => undefined);
        broke(`the hub ended with exit code ${code}; its log is ${program.logFile}`);
        return undefined;
      },
      () => undefined,
    );
    return ready;
  };
  return start();
}

/** The agents know the hub by its address, and people the console by theirs: a second start takes the ports of the first. */
async function keptPort(name: string): Promise<number> {
  const file = at('hub', name);
  if (!existsSync(file)) writeFileSync(file, String(await freePort()));
  return Number(readFileSync(file, 'utf8'));
}

function readServing(line: string): RunningHub | undefined {
  if (!line.includes('"the hub serves"')) return undefined;
  const { url, pin } = JSON.parse(line) as { url: string; pin: string };
  return { url, pin };
}

async function startAgent(
  { shell }: TryOptions,
  hub: RunningHub,
  api: HubApi,
  stack: AsyncDisposableStack,
): Promise<{ program: Program; page: string }> {
  const tokenFile = at('agent/token');
  if (!existsSync(tokenFile)) {
    const { token } = await api.post<TokenAnswer>('/tokens', { seat: EXAMPLE_SEAT });
    writeFileSync(tokenFile, token, { mode: 0o600 });
  }
  const config = at('agent/agent.yaml');
  writeFileSync(
    config,
    stringify({
      hub: { url: hub.url, pins: [hub.pin], tokenFile },
      stateDir: at('agent'),
      runDir: at('run'),
      // A window, never the whole screen: whoever tries this out must be able to leave it.
      viewer: { mode: 'window' },
      shell: { kind: shell, mode: 'window' },
    }),
  );
  const { program, ready } = await startProgram('agent', ['agent/src/node/main.ts', '--config', config], {
    logFile: at('log/agent.log'),
    read: (line) => /"page":"(http:[^"]+)"/.exec(line)?.[1],
  });
  stack.use(program);
  return { program, page: ready };
}
