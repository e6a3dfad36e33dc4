import type { PoolSpec } from '@anyseat/protocol';
import type { CloudServer, Listing } from '../domain/cloudServer.ts';
import type { CloudQuota, CloudService, HostRoom } from '../domain/hostRoom.ts';
import type { CloudHost } from '../domain/hosts.ts';

export type { CloudQuota, CloudService, HostRoom } from '../domain/hostRoom.ts';
export type { CloudServer, Listing } from '../domain/cloudServer.ts';

/** What to create. Names and ids of image, flavor, networks as the pool's specification has them. */
export interface ServerOrder {
  /** Fresh for every attempt. */
  name: string;
  hostName: string;
  spec: PoolSpec;
  metadata: Readonly<Record<string, string>>;
  tags: readonly string[];
  userData: string | undefined;
}

/** What a server is to be made anew with. The id of the image; metadata that replaces all of it, with a mark of this order. */
export interface RebuildOrder {
  image: string;
  hostName: string;
  metadata: Readonly<Record<string, string>>;
  userData: string | undefined;
}

/**
 * What became of a rebuild, by the metadata that it gave the server.
 *
 * - `done`: the server carries it and runs, and the cloud's own record of the rebuild says success.
 * - `under-way`: it carries it, and is not there yet.
 * - `failed`: it carries it, and is in ERROR, off, or the cloud's record says so.
 * - `not-taken`: it does not carry it: the order never came, or not yet.
 */
export type RebuildOutcome = 'done' | 'under-way' | 'failed' | 'not-taken' | 'gone';

export interface CloudEndpoint {
  host: string;
  port: number | undefined;
  tlsPort: number | undefined;
}

/** How a viewer must speak to this cloud's hosts; what Nova does not return, hub.yaml says. */
export interface SpiceSettings {
  tls: 'require' | 'prefer' | 'never';
  /** PEM. */
  ca: string | undefined;
  hostSubject: string | undefined;
  password: string | undefined;
}

/** What the credentials may do here, probed at start; `lost` says in words what is missing for want of it. */
export interface Abilities {
  seesHosts: boolean;
  resolvesConsoles: boolean;
  tlsConsoles: boolean;
  /** Whether it can give desktops sound and USB redirection (Nova 2025.2); undefined where its version does not tell. */
  soundAndUsb: boolean | undefined;
  lost: readonly string[];
}

/**
 * A cloud, as narrow as the pools, the grant and the operators need it. One adapter: OpenStack; minicloud and a real
 * one are told apart by nobody. Every call has a deadline of its own.
 *
 * Faults: `cloud-unreachable`, `cloud-busy` (transient) · `cloud-quota`, `cloud-refused-order`, `cloud-credentials`,
 * `cloud-forbidden`, `cloud-settings` (region, catalog, certificate, a cloud too old: terminal) · `cloud-unsure` (transient; from
 * `create` and `rebuild` alone: the order may have been taken). A refused order says in the field `about` whether it is the `image`, the
 * `flavor` or the `network`, where the cloud does.
 */
export interface Cloud extends AsyncDisposable {
  readonly name: string;
  readonly spice: SpiceSettings;
  probe(signal?: AbortSignal): Promise<Abilities>;
  list(installationTag: string, signal?: AbortSignal): Promise<Listing>;
  /** One server by id; `gone` only when the cloud says 404. */
  server(id: string, signal?: AbortSignal): Promise<CloudServer | 'gone'>;
  /** Servers that carry this tag, for an order whose answer was lost. */
  withTag(tag: string, signal?: AbortSignal): Promise<Listing>;
  create(order: ServerOrder, signal?: AbortSignal): Promise<{ id: string }>;
  /** The id of the image that this name (or id) stands for now. @throws Fault `cloud-refused-order` about `image` when there is none */
  image(name: string, signal?: AbortSignal): Promise<string>;
  /** Asks once for removal. Removing what is gone is success. */
  remove(id: string, signal?: AbortSignal): Promise<void>;
  /** The compute hosts; undefined where these credentials may not see them. */
  hosts(signal?: AbortSignal): Promise<readonly CloudHost[] | undefined>;
  /**
   * Whether a host is given new servers. Nothing on it is touched.
   * @throws Fault `cloud-forbidden` without admin credentials; `cloud-refused-order` when there is no such host
   */
  enableHost(host: string, enabled: boolean, reason: string, signal?: AbortSignal): Promise<void>;
  /** What the project may have, and has. Too low while a part of the cloud does not answer. */
  quotas(signal?: AbortSignal): Promise<readonly CloudQuota[]>;
  /** The cloud's services on its controllers; undefined where these credentials may not see them. */
  services(signal?: AbortSignal): Promise<readonly CloudService[] | undefined>;
  /** What each compute host has promised to servers, ours and others; undefined where these credentials may not see it. */
  rooms(signal?: AbortSignal): Promise<readonly HostRoom[] | undefined>;
  /** A removal that hangs is begun anew. @throws Fault `cloud-forbidden` without admin credentials */
  unstick(id: string, signal?: AbortSignal): Promise<void>;
  /** Ports of the project that are on a server, or were. */
  ports(signal?: AbortSignal): Promise<readonly { id: string; serverId: string }[]>;
  /** Removing what is gone is success. */
  removePort(id: string, signal?: AbortSignal): Promise<void>;
  /** Powers a stopped server on. Starting what runs is success. */
  start(id: string, signal?: AbortSignal): Promise<void>;
  /** Shuts a server down. Stopping what is off is success. */
  stop(id: string, signal?: AbortSignal): Promise<void>;
  /**
   * The last lines of the serial console, for autopsy; undefined where the cloud has none: the server is gone, was never on
   * a host, or its hypervisor keeps none. (Nova, `os-getConsoleOutput`)
   */
  consoleLog(id: string, lines: number, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * Makes a server anew from an image: a fresh disk; its id, addresses and host stay. Asked once: a second order would begin
   * anew, whoever sits there by then.
   * @throws Fault `cloud-unsure` (it may have been taken), `cloud-refused-order` (a state that does not allow it, a vTPM)
   */
  rebuild(id: string, order: RebuildOrder, signal?: AbortSignal): Promise<void>;
  /** What became of the rebuild that gave the server this metadata. */
  rebuilt(
    id: string,
    metadata: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<RebuildOutcome>;
  /** Why servers of this image and flavor cannot be rebuilt here, or not without leaving data, in words. */
  whyNotRebuilt(spec: Pick<PoolSpec, 'image' | 'flavor'>, signal?: AbortSignal): Promise<string | undefined>;
  /** Where the display is now. @throws Fault `cloud-no-console` (transient) while the server has none. */
  endpoint(id: string, signal?: AbortSignal): Promise<CloudEndpoint>;
}
