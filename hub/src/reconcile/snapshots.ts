import type { Clock } from '@anyseat/base';
import type { Cloud, CloudServer, Listing } from '../cloud/cloud.ts';

/** A listing made ready for looking things up. */
export interface Snapshot extends Listing {
  byId: ReadonlyMap<string, CloudServer>;
  byName: ReadonlyMap<string, CloudServer>;
}

/** Rounds of many pools share a listing that is this young. */
const FRESH_MS = 1000;

/** One shared listing a cloud, never a call per server; one in flight at a time. */
export class Snapshots {
  readonly #clock: Clock;
  readonly #tag: string;
  readonly #latest = new Map<string, { at: number; listing: Promise<Snapshot> }>();

  constructor(clock: Clock, installationTag: string) {
    this.#clock = clock;
    this.#tag = installationTag;
  }

  /** @throws what the cloud's `list` throws; a failed listing is not kept. */
  of(cloud: Cloud): Promise<Snapshot> {
    const latest = this.#latest.get(cloud.name);
    if (latest && this.#clock.monotonic() - latest.at < FRESH_MS) return latest.listing;
    const listing = cloud.list(this.#tag).then(indexed);
    const entry = { at: Infinity, listing };
    this.#latest.set(cloud.name, entry);
    const settled = () => {
      entry.at = this.#clock.monotonic();
    };
    listing.then(settled, () => this.#latest.delete(cloud.name));
    return listing;
  }

  /** The newest listing that came in whole; for status. */
  async latest(cloud: string): Promise<Snapshot | undefined> {
    return this.#latest.get(cloud)?.listing.catch(() => undefined);
  }
}

function indexed(listing: Listing): Snapshot {
  const byId = new Map(listing.servers.map((server) => [server.id, server]));
  // Names are not unique in a cloud; ours are, and of two the older one is the one that was asked for.
  const byName = new Map<string, CloudServer>();
  for (const server of listing.servers) {
    const other = byName.get(server.name);
    if (!other || server.createdAt < other.createdAt) byName.set(server.name, server);
  }
  return { ...listing, byId, byName };
}
