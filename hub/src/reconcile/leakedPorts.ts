import { MINUTE, toFault, type Clock, type Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import { theHub } from '../domain/audit.ts';
import type { Store } from '../store/store.ts';
import type { Problems } from './problems.ts';
import type { Snapshots } from './snapshots.ts';

export interface LeakedPortsDeps {
  store: Store;
  clouds: ReadonlyMap<string, Cloud>;
  snapshots: Snapshots;
  problems: Problems;
  clock: Clock;
  log: Log;
}

const EVERY_MS = 5 * MINUTE;
const SEEN_TWICE_AFTER = 2 * MINUTE;
const REMOVED_A_SWEEP = 20;

/**
 * Ports that Nova left behind. Only those on a server that a desktop of ours once had, that is gone by our rows and in a
 * complete listing, and only when seen twice: whatever else has ports in the project is nobody's business here.
 */
export class LeakedPorts implements AsyncDisposable {
  readonly #deps: LeakedPortsDeps;
  readonly #stop = new AbortController();
  /** Monotonic ms of the first sighting, by port. */
  readonly #seen = new Map<string, number>();
  #running: Promise<void> | undefined;

  constructor(deps: LeakedPortsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = this.#loop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { clock, clouds, log } = this.#deps;
    while (!this.#stop.signal.aborted) {
      await clock.sleep(EVERY_MS, this.#stop.signal).catch(() => undefined);
      for (const cloud of clouds.values()) {
        if (this.#stop.signal.aborted) return;
        await this.sweep(cloud).catch((error: unknown) => {
          if (!this.#stop.signal.aborted)
            log.warn({ cloud: cloud.name, why: toFault(error).message }, 'the sweep for ports failed');
        });
      }
    }
  }

  /** One sweep over one cloud. */
  async sweep(cloud: Cloud): Promise<void> {
    const { store, snapshots, clock, problems } = this.#deps;
    // Ports first: a server made after this line has none among them.
    const ports = await cloud.ports(this.#stop.signal);
    const listing = await snapshots.of(cloud);
    if (!listing.complete) return;
    const without = ports.filter((port) => !listing.byId.has(port.serverId));
    const ours = new Set(
      await store.formerServers(
        cloud.name,
        without.map((port) => port.serverId),
      ),
    );
    const leaked = without.filter((port) => ours.has(port.serverId));
    const ids = new Set(leaked.map((port) => port.id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    problems.onlyThese('leaked-port', cloud.name, ids);
    for (const { id, serverId } of leaked) {
      if (!this.#seen.has(id)) this.#seen.set(id, clock.monotonic());
      problems.note('leaked-port', id, {
        cloud: cloud.name,
        what: `port ${id}`,
        text: `of server ${serverId}, which is gone`,
      });
    }
    const ripe = leaked.filter((port) => clock.monotonic() - this.#seen.get(port.id)! >= SEEN_TWICE_AFTER);
    for (const port of ripe.slice(0, REMOVED_A_SWEEP)) await this.#remove(cloud, port);
  }

  async #remove(cloud: Cloud, { id, serverId }: { id: string; serverId: string }): Promise<void> {
    const { store, problems, log } = this.#deps;
    const about = { cloud: cloud.name, what: `port ${id}`, tried: true };
    try {
      // The last look: the server is gone for the cloud too.
      if ((await cloud.server(serverId, this.#stop.signal)) !== 'gone') return;
      await store.addAudit(theHub, 'port.removed', id, { cloud: cloud.name, server: serverId });
      await cloud.removePort(id, this.#stop.signal);
      problems.note('leaked-port', id, about);
      log.warn({ port: id, server: serverId }, 'removed a port that was left behind');
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      problems.note('leaked-port', id, { ...about, text: toFault(error).message });
    }
  }
}
