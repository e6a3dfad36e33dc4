import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { spawnTied, stopChild } from '@anyseat/base';
import { root } from '../../installer/src/commands.ts';
import { Program } from '../e2e/parts/process.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';

const run = promisify(execFile);
const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
const MINUTES = 60_000;
const BASE = join(root, 'var/seat-root', SUITE);

/** Why there can be no such machine here; undefined when there can. */
export function seatRootMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make a Debian in a folder';
  for (const file of ['/usr/sbin/debootstrap', '/usr/bin/Xvfb', '/usr/bin/import'])
    if (!existsSync(file)) return `${file} is not installed`;
  return undefined;
}

/** In namespaces of its own: what is mounted is unmounted with it, what it starts ends with it. */
const inside = (script: string, args: readonly string[]): [string, string[]] => [
  'unshare',
  ['--mount', '--pid', '--fork', '--kill-child=KILL', 'sh', '-ec', script, ...args],
];

/** `$0` is the root that stands for `/`. */
const MOUNTS = `
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
mount -t sysfs sysfs "$0/sys"
mount -t tmpfs tmpfs "$0/run"
mount -t tmpfs tmpfs "$0/tmp"
`;
const CHROOT =
  'env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$0"';

/**
 * A Debian with the packages of `depends`, made by debootstrap from Debian's own mirror (1.3 GB, some minutes), kept in `var` for
 * the next time.
 */
async function makeBase(depends: string): Promise<void> {
  if (existsSync(join(BASE, 'made'))) return;
  const draft = `${BASE}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const options = { timeout: 30 * MINUTES, maxBuffer: 2 ** 26 };
  await run('debootstrap', ['--variant=minbase', SUITE, join(draft, 'root'), MIRROR], options);
  // No service is started there.
  writeFileSync(join(draft, 'root/usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const packages = depends.split(',').map((one) => one.trim().split(/[ |]/)[0]!);
  const script = `${MOUNTS} ${CHROOT} apt-get install -y --no-install-recommends ${packages.join(' ')} && ${CHROOT} apt-get clean`;
  await run(...inside(script, [join(draft, 'root')]), options);
  writeFileSync(join(draft, 'made'), '');
  rmSync(BASE, { recursive: true, force: true });
  renameSync(draft, BASE);
}

/** A thin client as far as a Debian goes: files of its own above those of a base, without systemd and without a monitor. */
export class SeatRoot {
  /** What this machine has written; the rest lies below. */
  readonly upper: string;
  readonly #mounts: string;

  private constructor(folder: string) {
    this.upper = join(folder, 'upper');
    const merged = join(folder, 'merged');
    for (const path of [this.upper, join(folder, 'work'), merged]) mkdirSync(path);
    const layers = `lowerdir=${join(BASE, 'root')},upperdir=${this.upper},workdir=${join(folder, 'work')}`;
    this.#mounts = `mount -t overlay overlay -o ${layers} ${merged}\n${MOUNTS.replaceAll('$0', merged)}`;
    this.merged = merged;
  }

  /** Where it is while something runs in it. */
  readonly merged: string;

  static async open(folder: string, depends: string): Promise<SeatRoot> {
    await makeBase(depends);
    return new SeatRoot(folder);
  }

  /** A shell command as root there; resolves with what it said. */
  async run(command: string, files: readonly string[] = []): Promise<string> {
    const copies = files.map((file) => `cp ${file} ${this.merged}/tmp/`).join('\n');
    const script = `${this.#mounts}\n${copies}\n${CHROOT.replaceAll('$0', this.merged)} sh -ec "$1"`;
    const [file, args] = inside(script, ['sh', command]);
    const { stdout, stderr } = await run(file, args, { timeout: 5 * MINUTES, maxBuffer: 2 ** 26 });
    return stdout + stderr;
  }

  /** What the unit starts, on an X server that is there already, and again whenever it ends. */
  start(display: string, logFile: string): Seat {
    const chroot = `chroot --userspec=anyseat-seat:anyseat-seat ${this.merged} env -i HOME=/var/lib/anyseat-agent PATH=/usr/bin:/bin LANG=C.UTF-8 DISPLAY=${display}`;
    const script = `${this.#mounts}
      mkdir ${this.merged}/tmp/.X11-unix
      mount --bind /tmp/.X11-unix ${this.merged}/tmp/.X11-unix
      chroot ${this.merged} install -d -m 700 -o anyseat-seat -g anyseat-seat /run/anyseat-agent
      while :; do
        ${chroot} /usr/lib/anyseat-agent/session /etc/anyseat-agent/agent.yaml || true
        sleep 1
      done`;
    return new Seat(new Program(...inside(script, ['sh']), { logFile }));
  }
}

/** A thin client that is switched on. */
export class Seat implements AsyncDisposable {
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  get log(): string {
    return this.#program.output;
  }

  /** As when the power goes: nothing in it is told. */
  async cutPower(): Promise<void> {
    await this.#program.killHard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cutPower();
  }
}

/** An X server without a monitor that lets every account of this machine in. */
export async function openScreen(): Promise<AsyncDisposable & { name: string }> {
  const options = ['-ac', '-screen', '0', '1280x800x24', '-nolisten', 'tcp', '-noreset'];
  const server = spawnTied('Xvfb', ['-displayfd', '3', ...options], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  let told = '';
  server.stdio[3]!.on('data', (data: Buffer) => (told += data.toString()));
  const number = await waitFor('the X server', () => /^(\d+)\n/.exec(told)?.[1]);
  return { name: `:${number}`, [Symbol.asyncDispose]: () => stopChild(server) };
}
