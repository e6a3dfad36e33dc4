import { openLog, systemClock, type Clock, type Log } from '@anyseat/base';
import { poolSpec } from '@anyseat/protocol';
import type { CloudCredentials } from '@anyseat/openstack';
import type { Cloud, CloudServer, ServerOrder, SpiceSettings } from '../../../hub/src/cloud/cloud.ts';
import { openCloud } from '../../../hub/src/cloud/openstack.ts';

/**
 * A cloud to prove the port on, with names of things that are there, and ways to provoke what goes wrong in clouds. What a cloud
 * cannot provoke is left out, and those tests are skipped with the reason `cannot` gives.
 */
export interface CloudBench extends AsyncDisposable {
  readonly member: CloudCredentials;
  readonly admin: CloudCredentials;
  /** A member whom a policy lets look up console tokens. */
  readonly broker?: CloudCredentials | undefined;
  readonly image: string;
  readonly flavor: string;
  readonly network: string;
  /** Within which a server runs there, or is gone. */
  readonly patienceMs: number;
  /** Admin credentials of another project. */
  readonly adminElsewhere?: CloudCredentials | undefined;
  /** Of a project that may have one server. */
  readonly tiny?: CloudCredentials | undefined;
  /** Fits on no host. */
  readonly hugeFlavor?: string | undefined;
  /** Makes the next build fail with a fault of these words: by metadata on its order, or behind its back. */
  readonly failBuild?: (() => Promise<{ metadata?: Record<string, string>; words: RegExp }>) | undefined;
  /** Makes what is deleted stay at `deleting` until the end of the returned. */
  readonly holdDeletes?: (() => Promise<AsyncDisposable>) | undefined;
  /** Takes the database away from the cell that new servers are made in, until the end of the returned. */
  readonly breakCell?: (() => Promise<AsyncDisposable>) | undefined;
  /** Gives the project no ports any more, until the end of the returned. */
  readonly noPorts?: (() => Promise<AsyncDisposable>) | undefined;
  /** Takes Neutron or Keystone away, until the end of the returned. */
  readonly without?: ((service: 'network' | 'identity') => Promise<AsyncDisposable>) | undefined;
  /** Metadata with which a build lasts long enough to lose its host in the middle, and the loss. */
  readonly interruptBuild?:
    { readonly metadata: Record<string, string>; readonly interrupt: () => Promise<void> } | undefined;
  /** Credentials and a clock with which a token is used beyond its end; resolves when those handed out are over. */
  readonly expiry?:
    | { readonly credentials: CloudCredentials; readonly clock: Clock; readonly over: () => Promise<void> }
    | undefined;
  readonly cannot?: Readonly<Record<string, string>>;
}

export const plainSpice: SpiceSettings = {
  tls: 'prefer',
  ca: undefined,
  hostSubject: undefined,
  password: undefined,
};

/** The port over these credentials. `told` gets every line of its log. */
export function openBenchCloud(
  bench: Pick<CloudBench, 'member'> & Partial<Pick<CloudBench, 'admin'>>,
  options: { pageSize?: number; clock?: Clock; told?: string[]; spice?: SpiceSettings } = {},
): Promise<Cloud> {
  return openCloud({
    name: 'bench',
    member: bench.member,
    admin: bench.admin,
    spice: options.spice ?? plainSpice,
    clock: options.clock ?? systemClock,
    log: logInto(options.told),
    ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
  });
}

function logInto(told: string[] | undefined): Log {
  const write = (line: string) => void told?.push((JSON.parse(line) as { msg: string }).msg);
  return openLog({ name: 'test', level: told ? 'debug' : 'silent', destination: { write } });
}

/** An order without a network, the cheapest a cloud can make. */
export function cheapOrder(
  bench: CloudBench,
  name: string,
  tags: readonly string[],
  more: { spec?: Record<string, unknown>; metadata?: Record<string, string> } = {},
): ServerOrder {
  return {
    name,
    hostName: name.toLowerCase().replaceAll('_', '-').slice(0, 63),
    spec: poolSpec.parse({
      title: 'Bench',
      image: bench.image,
      flavor: bench.flavor,
      networks: 'none',
      floor: 0,
      ceiling: 1,
      ...more.spec,
    }),
    metadata: { 'anyseat.test': name, ...more.metadata },
    tags,
    userData: undefined,
  };
}

/** Looks at a server until it is as wanted, or patience ends. */
export async function seenAs(
  cloud: Cloud,
  id: string,
  wanted: (server: CloudServer | 'gone') => boolean,
  patienceMs: number,
): Promise<CloudServer | 'gone'> {
  const end = systemClock.monotonic() + patienceMs;
  for (;;) {
    const server = await cloud.server(id);
    if (wanted(server)) return server;
    if (systemClock.monotonic() > end)
      throw new Error(`still ${server === 'gone' ? 'gone' : server.words} after ${patienceMs} ms`);
    await systemClock.sleep(100);
  }
}

export const isState =
  (...states: (CloudServer['state'] | 'gone')[]) =>
  (server: CloudServer | 'gone'): boolean =>
    states.includes(server === 'gone' ? 'gone' : server.state);

/** Removes everything with this tag, and waits until it is gone. */
export async function clearAway(cloud: Cloud, tag: string, patienceMs: number): Promise<void> {
  const { servers } = await cloud.list(tag);
  await Promise.all(servers.map((server) => cloud.remove(server.id)));
  await Promise.all(servers.map((server) => seenAs(cloud, server.id, isState('gone'), patienceMs)));
}
