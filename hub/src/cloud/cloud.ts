import type { PoolSpec } from '@anyseat/protocol';

/** A server as a listing or a look at one gives it, in the few words the pools decide by. */
export interface CloudServer {
  id: string;
  name: string;
  /**
   * - `running`: status ACTIVE, vm_state active, no task, power on.
   * - `building`: not there yet.
   * - `stopped`: powered off, by whomever.
   * - `failed`: status ERROR; `fault` has the cloud's words where it gives any.
   * - `leaving`: being deleted (Nova still says ACTIVE then), deleted or soft-deleted.
   * - `unknown`: its cell does not answer; nothing may be concluded.
   * - `busy`: anything else: rebooting, migrating, suspended, shelved … left alone.
   */
  state: 'running' | 'building' | 'stopped' | 'failed' | 'leaving' | 'unknown' | 'busy';
  /** Nova's own words for operators: `ACTIVE/deleting`. */
  words: string;
  metadata: Readonly<Record<string, string>>;
  tags: readonly string[];
  /** Compute host; only the admin credential sees it. */
  host: string | undefined;
  /** Hashed host id, for every credential. */
  hostId: string | undefined;
  /** Whether the cloud thinks the host is up; undefined where this credential is not told. */
  hostUp: boolean | undefined;
  fault: { code: number; message: string } | undefined;
  addresses: readonly string[];
  /** Epoch ms. */
  createdAt: number;
}

/** All servers that carry the installation's tag. `complete` only when every page came from a cloud with no cell down. */
export interface Listing {
  servers: readonly CloudServer[];
  complete: boolean;
  /** Epoch ms, before the first request. */
  startedAt: number;
}

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
  lost: readonly string[];
}

/**
 * A cloud, as narrow as the pools, the grant and the operators need it. One adapter: OpenStack; minicloud and a real
 * one are told apart by nobody. Every call has a deadline of its own.
 *
 * Faults: `cloud-unreachable`, `cloud-busy` (transient) · `cloud-quota`, `cloud-refused-order`, `cloud-credentials`,
 * `cloud-forbidden` (terminal) · `cloud-unsure` (transient; from `create` alone: the order may have been taken).
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
  /** Asks once for removal. Removing what is gone is success. */
  remove(id: string, signal?: AbortSignal): Promise<void>;
  /** Where the display is now. @throws Fault `cloud-no-console` (transient) while the server has none. */
  endpoint(id: string, signal?: AbortSignal): Promise<CloudEndpoint>;
}
