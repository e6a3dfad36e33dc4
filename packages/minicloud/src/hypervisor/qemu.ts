import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Fault, systemClock, type Clock, type Log } from '@anyseat/base';
import type { QemuOptions, SpiceOptions } from '../options.ts';
import { freePort } from './freePort.ts';
import type { Display, Guest, Hypervisor } from './hypervisor.ts';
import { LISTEN, qemuArgs, type GuestFiles, type GuestPorts } from './qemuArgs.ts';
import { QemuGuest } from './qemuGuest.ts';

const run = promisify(execFile);

/** Ports are found free and may be taken by somebody else before QEMU has them. */
const PORT_TRIES = 5;
/** A guest is asked to shut down, and ended after this. */
const SHUTDOWN_MS = 1500;

/** The kernel takes 107 bytes of a socket's path. */
const LONGEST_FOLDER = 80;

/** In the state directory, where what a killed process left is cleared away; where that is too long, elsewhere. */
function socketFolder(stateDir: string | undefined): string {
  const folder = stateDir === undefined ? undefined : join(resolve(stateDir), 'run');
  if (folder === undefined || folder.length > LONGEST_FOLDER)
    return mkdtempSync(join(tmpdir(), 'minicloud-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

const BINARY = 'qemu-system-x86_64';

export interface QemuHypervisorOptions {
  stateDir: string | undefined;
  qemu: QemuOptions;
  spice: SpiceOptions;
  log: Log;
  clock?: Clock;
}

interface Running {
  guest: QemuGuest;
  ports: GuestPorts;
  /** We want it to end: nobody need be told. */
  leaving: boolean;
}

/** Every server a QEMU process of its own, with a real SPICE server, ended by the kernel when this process dies. */
export class QemuHypervisor implements Hypervisor {
  readonly kind = 'QEMU';
  readonly version: number;
  readonly consoleAlways = false;
  readonly #options: { qemu: QemuOptions; spice: SpiceOptions; log: Log; clock: Clock };
  /** Disks, which outlive us when there is a state directory. */
  readonly #disks: string;
  readonly #sockets: string;
  readonly #running = new Map<string, Running>();
  /** What was asked of a guest is done one after the other. */
  readonly #queue = new Map<string, Promise<unknown>>();
  readonly #promised = new Set<number>();
  readonly #ended: ((id: string) => void)[] = [];
  #count = 0;

  /** @throws Fault `qemu-missing` (terminal). */
  static async open(options: QemuHypervisorOptions): Promise<QemuHypervisor> {
    const binary = options.qemu.binary ?? BINARY;
    const { stdout } = await run(binary, ['--version']).catch((cause: unknown) => {
      throw new Fault('qemu-missing', 'terminal', `${binary} cannot be run; install qemu-system-x86`, {
        cause,
      });
    });
    const [, major = 0, minor = 0, patch = 0] = /version (\d+)\.(\d+)\.(\d+)/.exec(stdout) ?? [];
    return new QemuHypervisor(options, Number(major) * 1_000_000 + Number(minor) * 1000 + Number(patch));
  }

  private constructor(options: QemuHypervisorOptions, version: number) {
    this.version = version;
    this.#options = { ...options, clock: options.clock ?? systemClock };
    this.#sockets = socketFolder(options.stateDir);
    this.#disks = join(options.stateDir ?? this.#sockets, 'disks');
  }

  start(guest: Guest, disk: 'fresh' | 'kept'): Promise<void> {
    return this.#inTurn(guest.id, async () => {
      if (this.#running.has(guest.id)) return;
      const files = await this.#filesOf(guest, disk);
      for (let attempt = 1; ; attempt++) {
        const ports = await this.#choosePorts();
        try {
          return await this.#launch(guest, files, ports);
        } catch (error) {
          this.#giveBack(ports);
          if (attempt === PORT_TRIES || !/spice|bind|in use/i.test(String(error))) throw error;
        }
      }
    });
  }

  stop(id: string): Promise<void> {
    return this.#inTurn(id, async () => {
      const there = this.#running.get(id);
      if (!there) return;
      there.leaving = true;
      await there.guest.commands.run('system_powerdown').catch(() => {});
      const patience = new AbortController();
      const enough = this.#options.clock.sleep(this.#options.qemu.shutdownMs ?? SHUTDOWN_MS, patience.signal);
      await Promise.race([there.guest.over, enough.catch(() => {})]);
      patience.abort();
      await there.guest[Symbol.asyncDispose]();
    });
  }

  kill(id: string): Promise<void> {
    return this.#inTurn(id, async () => {
      const there = this.#running.get(id);
      if (!there) return;
      there.leaving = true;
      await there.guest[Symbol.asyncDispose]();
    });
  }

  pause = (id: string): Promise<void> => this.#command(id, 'stop');
  resume = (id: string): Promise<void> => this.#command(id, 'cont');

  async remove(id: string): Promise<void> {
    await this.kill(id);
    await rm(this.#diskOf(id), { force: true });
  }

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }

  display(id: string): Display | undefined {
    const there = this.#running.get(id);
    const { proxyClientAddress, listen = LISTEN } = this.#options.spice;
    return there && { host: proxyClientAddress ?? listen, ...there.ports };
  }

  onEnded(listener: (id: string) => void): void {
    this.#ended.push(listener);
  }

  /** The process of a guest that runs, for whoever wants to see through to it. */
  guest(id: string): QemuGuest | undefined {
    return this.#running.get(id)?.guest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.kill(id)));
    await Promise.allSettled(this.#queue.values());
    await Promise.all([...this.#running.keys()].map((id) => this.kill(id)));
    rmSync(this.#sockets, { recursive: true, force: true });
  }

  async #launch(guest: Guest, files: GuestFiles, ports: GuestPorts): Promise<void> {
    const { qemu, spice, clock, log } = this.#options;
    const args = qemuArgs(guest, files, ports, qemu, spice);
    const binary = qemu.binary ?? BINARY;
    const process = await QemuGuest.start(binary, args, files, clock);
    const running: Running = { guest: process, ports, leaving: false };
    this.#running.set(guest.id, running);
    process.over
      .then(() => {
        this.#giveBack(ports);
        this.#running.delete(guest.id);
        process.closeSockets();
        if (!running.leaving) for (const tell of this.#ended) tell(guest.id);
      })
      .catch((error: unknown) => log.error({ err: error }, 'a bug of minicloud'));
  }

  /** Its sockets, its ticket, and its own disk over the image's. */
  async #filesOf(guest: Guest, how: 'fresh' | 'kept'): Promise<GuestFiles> {
    const name = join(this.#sockets, String(++this.#count));
    const { ticket } = this.#options.spice;
    if (ticket !== undefined) await writeFile(`${name}.ticket`, ticket, { mode: 0o600 });
    return {
      qmp: `${name}.qmp`,
      events: `${name}.ev`,
      ticket: ticket === undefined ? undefined : `${name}.ticket`,
      disk: await this.#makeDisk(guest, how),
    };
  }

  async #makeDisk(guest: Guest, how: 'fresh' | 'kept'): Promise<string | undefined> {
    const base = guest.image.disk;
    if (!base) return undefined;
    const disk = this.#diskOf(guest.id);
    if (how === 'kept') return disk;
    await mkdir(this.#disks, { recursive: true, mode: 0o700 });
    await rm(disk, { force: true });
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base.path, '-F', base.format, disk]);
    return disk;
  }

  #diskOf = (id: string): string => join(this.#disks, `${id}.qcow2`);

  async #choosePorts(): Promise<GuestPorts> {
    const { spice } = this.#options;
    const one = async (): Promise<number> => {
      const port = await freePort(spice.listen ?? LISTEN, this.#promised);
      this.#promised.add(port);
      return port;
    };
    const tls = spice.x509Dir !== undefined;
    return { port: tls && spice.tlsOnly ? null : await one(), tlsPort: tls ? await one() : null };
  }

  #giveBack({ port, tlsPort }: GuestPorts): void {
    for (const one of [port, tlsPort]) if (one !== null) this.#promised.delete(one);
  }

  #command(id: string, command: string): Promise<void> {
    return this.#inTurn(id, async () => {
      await this.#running.get(id)?.guest.commands.run(command);
    });
  }

  #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queue.get(id) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => {},
      () => {},
    );
    this.#queue.set(id, settled);
    settled
      .then(() => {
        if (this.#queue.get(id) === settled) this.#queue.delete(id);
      })
      .catch(() => {});
    return mine;
  }
}
