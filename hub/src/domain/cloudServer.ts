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
