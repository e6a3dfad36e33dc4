import { MINUTE, toFault, type Clock, type Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import { theHub } from '../domain/audit.ts';
import type { Store } from '../store/store.ts';
import type { Problems } from './problems.ts';
import { Rounds } from './rounds.ts';
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
  readonly #rounds: Rounds;

  constructor(deps: LeakedPortsDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      clock: deps.clock,
      log: deps.log,
      restMs: EVERY_MS,
      failed: 'the sweep for ports failed',
      round: () => this.#round(),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#rounds[Symbol.asyncDispose]();
  }

  async #round(): Promise<void> {
    for (const cloud of this.#deps.clouds.values()) {
      if (this.#rounds.signal.aborted) return;
      await this.#rounds.attempt(() => this.sweep(cloud), { cloud: cloud.name });
    }
  }

  /** One sweep over one cloud. */
  async sweep(cloud: Cloud): Promise<void> {
    const { store, snapshots, problems } = this.#deps;
    // Ports first: a server made after this line has none among them.
    const askedAt = this.#deps.clock.monotonic();
    const ports = await cloud.ports(this.#rounds.signal);
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
    problems.onlyThese('leaked-port', cloud.name, ids);
    for (const { id, serverId } of leaked) {
      problems.note('leaked-port', id, {
        cloud: cloud.name,
        what: `port ${id}`,
        text: `of server ${serverId}, which is gone`,
      });
    }
    const ripe = leaked.filter(
      (port) => problems.ageMs('leaked-port', port.id, askedAt)! >= SEEN_TWICE_AFTER,
    );
    for (const port of ripe.slice(0, REMOVED_A_SWEEP)) await this.#remove(cloud, port);
  }

  async #remove(cloud: Cloud, { id, serverId }: { id: string; serverId: string }): Promise<void> {
    const { store, problems, log } = this.#deps;
    const about = { cloud: cloud.name, what: `port ${id}`, tried: true };
    try {
      // The last look: the server is gone for the cloud too.
      if ((await cloud.server(serverId, this.#rounds.signal)) !== 'gone') return;
      await store.addAudit(theHub, 'port.removed', id, { cloud: cloud.name, server: serverId });
      await cloud.removePort(id, this.#rounds.signal);
      problems.note('leaked-port', id, about);
      log.warn({ port: id, server: serverId }, 'removed a port that was left behind');
    } catch (error) {
      if (this.#rounds.signal.aborted) return;
      problems.note('leaked-port', id, { ...about, text: toFault(error).message });
    }
  }
}
