import type { Clock } from '@anyseat/base';
import type { Cloud, CloudServer, Listing } from '../cloud/cloud.ts';
import { hostKey } from '../domain/pool/world.ts';

/** A listing made ready for looking things up. */
export interface Snapshot extends Listing {
  byId: ReadonlyMap<string, CloudServer>;
  byName: ReadonlyMap<string, CloudServer>;
  /** Hosts that have a server of ours, and whether the cloud thinks that they are up. */
  hosts: ReadonlyMap<string, boolean | undefined>;
  /** When it was asked for, monotonic ms: what it says is no older. */
  askedAt: number;
  /** Until the last page was there, ms. */
  tookMs: number;
}

/** Rounds of many pools share a listing that is this young. */
const FRESH_MS = 1000;

/** One shared listing a cloud, never a call per server; one in flight at a time. */
export class Snapshots {
  readonly #clock: Clock;
  readonly #tag: string;
  readonly #latest = new Map<string, { at: number; listing: Promise<Snapshot> }>();
  readonly #whole = new Map<string, Snapshot>();
  readonly #failed = new Set<string>();
  readonly #stop: AbortSignal;

  /** @param stop ends the listings that are under way: a cloud that hangs holds up nobody's end */
  constructor(clock: Clock, installationTag: string, stop: AbortSignal) {
    this.#clock = clock;
    this.#tag = installationTag;
    this.#stop = stop;
  }

  /** @throws what the cloud's `list` throws; a failed listing is not kept. */
  of(cloud: Cloud): Promise<Snapshot> {
    const latest = this.#latest.get(cloud.name);
    if (latest && this.#clock.monotonic() - latest.at < FRESH_MS) return latest.listing;
    const askedAt = this.#clock.monotonic();
    const listing = cloud
      .list(this.#tag, this.#stop)
      .then((list) => indexed(list, askedAt, this.#clock.monotonic() - askedAt));
    const entry = { at: Infinity, listing };
    this.#latest.set(cloud.name, entry);
    const settled = (snapshot: Snapshot) => {
      entry.at = this.#clock.monotonic();
      this.#whole.set(cloud.name, snapshot);
      this.#failed.delete(cloud.name);
    };
    const failed = () => {
      this.#latest.delete(cloud.name);
      this.#whole.delete(cloud.name);
      this.#failed.add(cloud.name);
    };
    listing.then(settled, failed);
    return listing;
  }

  /** The newest listing that came in, unless one failed since; for status, which waits for nothing. */
  latest(cloud: string): Snapshot | undefined {
    return this.#whole.get(cloud);
  }

  /** Whether the last listing failed; an empty hub makes none for its first half minute. */
  failed(cloud: string): boolean {
    return this.#failed.has(cloud);
  }
}

function indexed(listing: Listing, askedAt: number, tookMs: number): Snapshot {
  const byId = new Map(listing.servers.map((server) => [server.id, server]));
  // Names are not unique in a cloud; ours are, and of two the older one is the one that was asked for.
  const byName = new Map<string, CloudServer>();
  const hosts = new Map<string, boolean | undefined>();
  for (const server of listing.servers) {
    const other = byName.get(server.name);
    if (!other || server.createdAt < other.createdAt) byName.set(server.name, server);
    const host = hostKey(server);
    if (host !== undefined) hosts.set(host, server.hostUp);
  }
  return { ...listing, byId, byName, hosts, askedAt, tookMs };
}
