import { mkdirSync } from 'node:fs';
import { Lifetime, silentLog } from '@anyseat/base';
import { cloudsYaml } from './cloudsYaml.ts';
import { FakeHypervisor } from './hypervisor/fake.ts';
import { openScreens } from './hypervisor/fakeScreens.ts';
import type { Display, Hypervisor } from './hypervisor/hypervisor.ts';
import { QemuHypervisor } from './hypervisor/qemu.ts';
import type { QmpEvent } from './hypervisor/qmp.ts';
import { listen } from './listen.ts';
import { lockDirectory } from './lockDirectory.ts';
import type { Cloud } from './model/cloud.ts';
import type { Faults } from './model/faults.ts';
import { statusOf } from './model/server.ts';
import { openCloud } from './openCloud.ts';
import type { MinicloudOptions } from './options.ts';

/** A server as whoever runs the cloud sees it, for tests. */
export interface ServerLook {
  id: string;
  name: string;
  status: string;
  taskState: string | null;
  host: string | null;
  metadata: Readonly<Record<string, string>>;
  tags: readonly string[];
  display: Display | undefined;
}

/** Through to a guest, past Nova. With the fake hypervisor only `kill` does anything: the guest is off. */
export interface GuestLook {
  /** Of its QEMU process. */
  pid: number | undefined;
  /** Its picture, as a PNG file. @throws with the fake hypervisor, which has no pictures. */
  screendump(file: string): Promise<void>;
  queryStatus(): Promise<unknown>;
  querySpice(): Promise<unknown>;
  /** QEMU's names of keys (`ret`, `a`, `shift`), pressed together. */
  sendKey(...keys: string[]): Promise<void>;
  /** What QEMU told of its own accord, such as SPICE_INITIALIZED, the latest at the end. */
  events(): readonly QmpEvent[];
  /** The guest's process is gone at once, as after a crash. */
  kill(): void;
}

export interface Minicloud extends AsyncDisposable {
  /** `http://127.0.0.1:1234` */
  url: string;
  /** Keystone's, for clouds.yaml. */
  authUrl: string;
  /** The way in for whoever breaks things; see README.md. */
  adminUrl: string;
  faults: Faults;
  cloudsYaml(): string;
  /** Every token that is out is refused from now on. */
  expireTokens(): void;
  servers(): ServerLook[];
  /** A guest that runs. */
  guest(id: string): GuestLook | undefined;
}

/** Starts a small OpenStack in this process. It ends, with every guest, when it is disposed of. */
export async function startMinicloud(options: MinicloudOptions = {}): Promise<Minicloud> {
  const lifetime = new Lifetime();
  try {
    return await start(options, lifetime);
  } catch (error) {
    await lifetime[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(options: MinicloudOptions, lifetime: Lifetime): Promise<Minicloud> {
  const log = options.log ?? silentLog;
  if (options.stateDir !== undefined) {
    mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
    lifetime.own(lockDirectory(options.stateDir));
  }
  const { hypervisor, look } = await openHypervisor(options, lifetime);
  const { api, cloud, faults, identity, installation } = lifetime.own(openCloud(options, hypervisor));
  const { port } = lifetime.own(await listen(api, options.port ?? 0, log));
  const url = `http://127.0.0.1:${port}`;
  log.info({ url, servers: cloud.size }, 'minicloud is up');
  return {
    url,
    authUrl: `${url}/identity/v3`,
    adminUrl: `${url}/minicloud/${installation.adminKey}`,
    faults,
    cloudsYaml: () => cloudsYaml(installation, `${url}/identity/v3`),
    expireTokens: () => identity.expireAll(),
    servers: () => lookAll(cloud),
    guest: look,
    [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose](),
  };
}

async function openHypervisor(
  options: MinicloudOptions,
  lifetime: Lifetime,
): Promise<{ hypervisor: Hypervisor; look: (id: string) => GuestLook | undefined }> {
  const spice = options.spice ?? {};
  if (options.hypervisor === 'qemu') {
    const qemu = lifetime.own(
      await QemuHypervisor.open({
        stateDir: options.stateDir,
        qemu: options.qemu ?? {},
        spice,
        log: options.log ?? silentLog,
        ...(options.clock && { clock: options.clock }),
      }),
    );
    return { hypervisor: qemu, look: (id) => lookAtQemu(qemu, id) };
  }
  const fake = lifetime.own(new FakeHypervisor());
  lifetime.own(await openScreens(fake, spice));
  return { hypervisor: fake, look: (id) => lookAtFake(fake, id) };
}

const lookAll = (cloud: Cloud): ServerLook[] =>
  [...cloud.servers()].map((server) => ({
    id: server.id,
    name: server.name,
    status: statusOf(server),
    taskState: server.taskState,
    host: server.host,
    metadata: server.metadata,
    tags: server.tags,
    display: cloud.hypervisor.display(server.id),
  }));

function lookAtQemu(qemu: QemuHypervisor, id: string): GuestLook | undefined {
  const guest = qemu.guest(id);
  if (!guest) return undefined;
  const { commands } = guest;
  return {
    pid: guest.pid,
    async screendump(filename) {
      await commands.run('screendump', { filename, format: 'png' });
    },
    queryStatus: () => commands.run('query-status'),
    querySpice: () => commands.run('query-spice'),
    async sendKey(...keys) {
      await commands.run('send-key', { keys: keys.map((data) => ({ type: 'qcode', data })) });
    },
    events: () => guest.events,
    kill: () => guest.kill(),
  };
}

function lookAtFake(fake: FakeHypervisor, id: string): GuestLook | undefined {
  if (!fake.isRunning(id)) return undefined;
  const nothing = () => Promise.reject(new Error('a fake guest has no QEMU behind it'));
  return {
    pid: undefined,
    screendump: nothing,
    queryStatus: nothing,
    querySpice: nothing,
    sendKey: nothing,
    events: () => [],
    kill: () => fake.powerOff(id),
  };
}
