import type { Clock, Log } from '@anyseat/base';

/** How long things take, in milliseconds, before `speed` and jitter. */
export interface Timings {
  /** From POST to a host. Until then the server is a request only. */
  scheduleMs: number;
  /** Ports and their binding. */
  networkMs: number;
  /** Copying the image and starting the guest: the greater part of BUILD. */
  spawnMs: number;
  powerOnMs: number;
  /** How long a guest takes to shut down when asked; 0 with QEMU, where the guest itself says. */
  powerOffMs: number;
  rebootMs: number;
  rebuildMs: number;
  deleteMs: number;
  suspendMs: number;
  migrateMs: number;
  /** Every one of these is lengthened or shortened by up to this share, by chance. */
  jitter: number;
}

export const FAKE_TIMINGS: Timings = {
  scheduleMs: 150,
  networkMs: 150,
  spawnMs: 1200,
  powerOnMs: 500,
  powerOffMs: 500,
  rebootMs: 700,
  rebuildMs: 1200,
  deleteMs: 500,
  suspendMs: 300,
  migrateMs: 1500,
  jitter: 0.2,
};

/** QEMU takes its own time. */
export const QEMU_TIMINGS: Timings = {
  scheduleMs: 50,
  networkMs: 50,
  spawnMs: 0,
  powerOnMs: 0,
  powerOffMs: 0,
  rebootMs: 0,
  rebuildMs: 0,
  deleteMs: 0,
  suspendMs: 0,
  migrateMs: 0,
  jitter: 0,
};

export interface HostOptions {
  /** Default: as many as 2, with QEMU, or 4. */
  count?: number;
  vcpus?: number;
  memoryMb?: number;
  diskGb?: number;
  /** capacity = (total - reserved) x ratio, as Placement reckons. */
  cpuRatio?: number;
  memoryRatio?: number;
  /** `[DEFAULT]max_concurrent_builds` of each compute host. */
  maxBuilds?: number;
  /** Hosts are dealt out to cells and zones in turn. */
  cells?: number;
  zones?: readonly string[];
}

/** An image, from files on this machine. Without kernel and disk it boots to "No bootable device". */
export interface ImageOptions {
  name: string;
  kernel?: string;
  initrd?: string;
  /** Kernel command line (`os_command_line`). */
  commandLine?: string;
  disk?: string;
  /** Of `disk`. */
  format?: 'raw' | 'qcow2';
  minDiskGb?: number;
  minMemoryMb?: number;
  tags?: readonly string[];
  properties?: Readonly<Record<string, string>>;
}

export interface FlavorOptions {
  name: string;
  vcpus: number;
  memoryMb: number;
  diskGb: number;
}

/** Limits of a project; -1 is none. */
export interface QuotaOptions {
  instances: number;
  cores: number;
  ramMb: number;
  ports: number;
}

export interface SpiceOptions {
  /** Fake: the one port of all screens, plain; 0 or absent: any free one. QEMU chooses a port for each guest. */
  port?: number;
  /** Address that QEMU's screens listen on, and that Nova tells. */
  listen?: string;
  /** The address that Nova tells in its place (`[spice] server_proxyclient_address`), where something stands before the screens. */
  proxyClientAddress?: string;
  /** Directory with ca-cert.pem, server-cert.pem and server-key.pem: there is a TLS port as well. */
  x509Dir?: string;
  /** With `x509Dir`: no plain port at all. */
  tlsOnly?: boolean;
  /** Every screen asks for this ticket. Stock Nova sets none. */
  ticket?: string;
}

export interface QemuOptions {
  binary?: string;
  /** `-machine`. Never name two accelerators: QEMU takes the first that is there, whether it works or not. */
  machine?: string;
  cpu?: string;
  video?: string;
  /** More arguments, at the end. */
  extra?: readonly string[];
  /** How long a guest has to shut down when asked, before it is ended. */
  shutdownMs?: number;
}

/** Which release it pretends to be. `zed` is as recorded from a real one; `2025.1` is from documentation. */
export type Face = 'zed' | '2025.1';

export interface MinicloudOptions {
  face?: Face;
  hypervisor?: 'fake' | 'qemu';
  /** Servers survive a restart there. Without it everything is forgotten at the end. */
  stateDir?: string;
  /** Of the HTTP listener on 127.0.0.1; 0 or absent: any free one. */
  port?: number;
  /** The same seed and clock give the same run. */
  seed?: number;
  clock?: Clock;
  log?: Log;
  timings?: Partial<Timings>;
  /** Everything happens this many times faster. */
  speed?: number;
  hosts?: HostOptions;
  images?: readonly ImageOptions[];
  flavors?: readonly FlavorOptions[];
  /** Of the project `desktops`. Default: none. */
  quota?: Partial<QuotaOptions>;
  /** One password for every user. */
  password?: string;
  tokenSeconds?: number;
  consoleTokenSeconds?: number;
  /** `[api]max_limit`: the longest page. */
  maxLimit?: number;
  /** `reclaim_instance_interval`: deleted servers are kept this long, and can be restored. 0: not kept. */
  reclaimSeconds?: number;
  spice?: SpiceOptions;
  qemu?: QemuOptions;
}
