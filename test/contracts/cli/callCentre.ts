import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import { hashPassword } from '../../../hub/src/directory/passwordHash.ts';
import { root } from '../../../installer/src/commands.ts';
import { HubProcess } from '../../e2e/parts/hubProcess.ts';
import { SeatClient } from '../../e2e/parts/seatClient.ts';
import { cloudSettings, PASSWORD, temporaryFolder } from '../../e2e/parts/smallSite.ts';

export const PROGRAM = join(root, 'hub/src/cli/main.ts');

/** How one run of the command ended, and what it wrote. */
export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

export interface Typed {
  stdin?: string;
  env?: Record<string, string>;
  cwd?: string;
}

const site = {
  sites: {
    nantong: { title: '南通呼叫中心', timeZone: 'Asia/Shanghai', tags: { city: '南通' } },
    shanghai: { title: '上海总部', timeZone: 'Asia/Shanghai' },
  },
  seats: Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `nt-${i + 1}`,
      { site: 'nantong', label: `一楼 ${i + 1} 号`, tags: { row: String(1 + Math.floor(i / 6)) } },
    ]),
  ),
  pools: {
    office: { title: '办公桌面', image: 'desk-image', flavor: 'desk.small', floor: 2, ceiling: 4 },
    broken: { title: '没有镜像', image: 'no-such-image', flavor: 'desk.small', floor: 1, ceiling: 1 },
  },
  allocators: {
    leads: { title: '主管', priority: 100, match: { groups: ['主管'] }, pools: ['office'], binding: 'user' },
    night: {
      title: '夜班',
      priority: 80,
      match: { any: [{ groups: ['night'] }, { seat: { row: '2' } }], not: { users: ['guest'] } },
      pools: ['office'],
    },
    rest: { title: '其他人', default: true, pools: ['office'] },
  },
};

/** A hub as a process on a small cloud, two people in a users file, and the command to type at it. */
export class CallCentre implements AsyncDisposable {
  readonly folder: string;
  readonly hub: HubProcess;
  /** A good file of resources, in YAML. */
  readonly siteFile: string;
  readonly #life: AsyncDisposableStack;

  private constructor(folder: string, hub: HubProcess, life: AsyncDisposableStack) {
    this.folder = folder;
    this.hub = hub;
    this.siteFile = join(folder, 'site.yaml');
    this.#life = life;
  }

  static async open(): Promise<CallCentre> {
    await using opening = new AsyncDisposableStack();
    const folder = opening.use(temporaryFolder('cli')).path;
    const cloud: Minicloud = opening.use(await startMinicloud({ speed: 10 }));
    const users = join(folder, 'users.yaml');
    writeFileSync(users, stringify({ users: await people() }));
    const hub = opening.use(
      await HubProcess.start({
        folder: join(folder, 'hub'),
        clouds: cloudSettings(folder, cloud),
        directories: [{ type: 'file', name: 'local', file: users }],
      }),
    );
    const centre = new CallCentre(folder, hub, opening.move());
    writeFileSync(centre.siteFile, stringify(site));
    return centre;
  }

  /** Types a command line; standard output and error are no terminals. */
  type(line: string, typed: Typed = {}): Promise<Ran> {
    return this.run(
      line.split(' ').filter((word) => word !== ''),
      typed,
    );
  }

  async run(args: readonly string[], { stdin, env, cwd }: Typed = {}): Promise<Ran> {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: this.env(env),
      cwd: cwd ?? this.folder,
      timeout: 30_000,
    });
    // The command may refuse before it has read all of it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    const [out, err, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve) => child.once('close', resolve)),
    ]);
    return { code, out, err };
  }

  env(more: Record<string, string> = {}): NodeJS.ProcessEnv {
    const { COLUMNS: _width, NO_COLOR: _colour, ...env } = process.env;
    // Some eighty processes of the same program: compiled once, each starts in half the time.
    const compiled = { NODE_COMPILE_CACHE: join(this.folder, 'compiled') };
    return { ...env, ...compiled, TZ: 'UTC', ANYSEAT_SOCKET: this.hub.socket, ...more };
  }

  /** A thin client that closes when the call centre does. */
  async seat(options: Parameters<typeof SeatClient.connect>[1] = {}): Promise<SeatClient> {
    return this.#life.use(await SeatClient.connect(this.hub.url, options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#life.disposeAsync();
  }
}

async function people(): Promise<unknown[]> {
  const password = await hashPassword(PASSWORD, 'scrypt');
  const common = { password, ou: 'ou=客服,ou=南通,dc=call' };
  return [
    {
      ...common,
      user: 'wang.fang',
      displayName: '王芳',
      uuid: '0b6c2c1e-27c3-4c1a-9a52-1f6a5b0f0001',
      groups: ['客服', 'night'],
      attributes: { department: '售后', title: ['agent', 'trainer'] },
    },
    { ...common, user: 'li.na', displayName: '李娜', uuid: '0b6c2c1e-27c3-4c1a-9a52-1f6a5b0f0002' },
  ];
}
