import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '@anyseat/base';
import { readCredentials, type CloudCredentials } from '@anyseat/openstack';

const UP = fileURLToPath(new URL('up.sh', import.meta.url));
const run = promisify(execFile);

/** Credentials of the lab's clouds.yaml (furnish.py makes them; ../README.md says what each is for). */
export type LabCloud =
  | 'lab'
  | 'lab-admin'
  | 'lab-broker'
  | 'lab-neighbour'
  | 'lab-short'
  | 'lab-password'
  | 'lab-tiny'
  | 'lab-elsewhere';

/** What furnish.py put into the cloud. The screen* are absent without a libvirt host, or without the example desktop. */
export interface LabNames {
  image: string;
  flavor: string;
  hugeFlavor: string;
  network: string;
  screenImage?: string;
  screenFlavor: string;
  screenZone?: string;
}

/** Where a display is, as Nova is to say of a server of its fake driver. */
export interface LabDisplay {
  host: string;
  port: number;
}

/** A real OpenStack that up.sh has started, and what a hand on its machine can do to it. */
export interface OpenstackLab {
  readonly names: LabNames;
  /** Of Nova's fake driver. */
  readonly hosts: number;
  /** For virsh; absent without a libvirt host. */
  readonly libvirt: string | undefined;
  readonly cloudsFile: string;
  credentials(cloud: LabCloud): CloudCredentials;
  /** By server id, or `*` for all others. Holds until the next call; displays that are not named are nowhere. */
  setDisplays(displays: Readonly<Record<string, LabDisplay>>): void;
  /** Stops the processes whose names begin so, in the middle of what they do (SIGSTOP), until the end of the returned. */
  freeze(begin: string): AsyncDisposable;
  /** Ends a process (SIGTERM, or SIGKILL, which leaves it no time to tidy up); `bringBack` starts it again. */
  end(name: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts what does not run, and waits until it is of use. */
  bringBack(): Promise<void>;
  /** Takes its database away from the cell that servers are made in, until the end of the returned. */
  breakCell(): Promise<AsyncDisposable>;
  /** Makes the services forget which tokens they have had checked, as they do by themselves after five minutes. */
  forgetTokens(): Promise<void>;
}

/** Why there is no lab here. */
export const NO_LAB = 'no lab is running: npm run test:openstack starts one';

/** The lab whose folder is in ANYSEAT_LAB; `undefined` when there is none. */
export function theLab(): OpenstackLab | undefined {
  const state = process.env['ANYSEAT_LAB'];
  return state === undefined || state === '' ? undefined : openLab(state);
}

function openLab(state: string): OpenstackLab {
  const about = JSON.parse(readFileSync(join(state, 'lab.json'), 'utf8')) as {
    hosts: number;
    libvirt: string;
    names: Record<string, string | null>;
  };
  const names = Object.fromEntries(Object.entries(about.names).filter(([, name]) => name !== null));
  const cloudsFile = join(state, 'clouds.yaml');
  return {
    names: names as unknown as LabNames,
    hosts: about.hosts,
    libvirt: about.libvirt === '' ? undefined : about.libvirt,
    cloudsFile,
    credentials: (cloud) =>
      readCredentials(cloud, {
        env: { OS_CLIENT_CONFIG_FILE: cloudsFile },
        cwd: state,
        home: state,
        site: state,
      }),
    setDisplays(displays) {
      const file = join(state, 'spice.json');
      writeFileSync(`${file}.new`, JSON.stringify(displays));
      renameSync(`${file}.new`, file);
    },
    freeze: (begin) => freeze(state, begin),
    end: (name, signal) => endProcess(state, name, signal),
    async bringBack() {
      await run(UP, [state]);
    },
    breakCell: () => breakCell(state),
    forgetTokens: () => emptyMemcached(state),
  };
}

/** A process by its name, if it still is the one that was started: its id, and so its group's. */
function processNamed(state: string, name: string): number | undefined {
  try {
    const [pid, startedAt] = readFileSync(join(state, 'run', `${name}.pid`), 'utf8')
      .trim()
      .split(' ');
    return startedAt !== undefined && startedAt === startOf(Number(pid)) ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat, unless it has ended and only waits for its parent. The second field may hold blanks. */
function startOf(pid: number): string | undefined {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

function freeze(state: string, begin: string): AsyncDisposable {
  const names = readdirSync(join(state, 'run')).filter((file) => file.startsWith(begin));
  const groups = names.flatMap((file) => processNamed(state, file.replace(/\.pid$/, '')) ?? []);
  if (groups.length === 0) throw new Error(`no process of the lab is called ${begin}…`);
  for (const group of groups) process.kill(-group, 'SIGSTOP');
  return {
    [Symbol.asyncDispose]: () => {
      for (const group of groups) process.kill(-group, 'SIGCONT');
      return Promise.resolve();
    },
  };
}

async function endProcess(state: string, name: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const pid = processNamed(state, name);
  if (pid === undefined) throw new Error(`the lab's ${name} does not run`);
  // Workers of a server that is told to end are ended by it; those of one that is killed would live on.
  process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
  const until = systemClock.monotonic() + 30_000;
  while (processNamed(state, name) !== undefined) {
    if (systemClock.monotonic() > until) throw new Error(`the lab's ${name} does not end`);
    await systemClock.sleep(50);
  }
}

async function breakCell(state: string): Promise<AsyncDisposable> {
  const socket = join(state, 'run/cell1.sock');
  const sql = async (text: string) =>
    (await run('mariadb', ['--no-defaults', '-uroot', '-S', join(state, 'run/mysql.sock'), '-N', '-e', text]))
      .stdout;
  unlinkSync(socket);
  // Those who are connected are thrown out, and find no way back in.
  const ids = await sql("select id from information_schema.processlist where db = 'nova'");
  for (const id of ids.split('\n').filter((line) => line !== '')) await sql(`kill ${id}`).catch(() => '');
  return {
    [Symbol.asyncDispose]: () => Promise.resolve(symlinkSync('mysql.sock', socket)),
  };
}

/** They keep them in memcached, the last of up.sh's ten ports. */
async function emptyMemcached(state: string): Promise<void> {
  const first = /^PORT=(\d+)/.exec(readFileSync(join(state, 'wishes'), 'utf8'))![1];
  const socket = connect(Number(first) + 9, '127.0.0.1');
  socket.end('flush_all\r\n');
  for await (const answer of socket) if (String(answer).startsWith('OK')) return;
  throw new Error('memcached did not say OK');
}
