import { MINUTE, newId, SECOND, toFault, type Clock, type Id, type Log } from '@anyseat/base';
import type { Cloud, CloudServer } from '../cloud/cloud.ts';
import { theHub } from '../domain/audit.ts';
import type { Desktop } from '../domain/desktop.ts';
import { readMetadata } from '../domain/naming.ts';
import type { Store } from '../store/store.ts';
import type { Problems } from './problems.ts';
import { Rounds } from './rounds.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';

export interface StraysDeps {
  store: Store;
  clouds: ReadonlyMap<string, Cloud>;
  snapshots: Snapshots;
  problems: Problems;
  clock: Clock;
  log: Log;
}

/** A server of ours that no desktop of ours needs. */
interface Stray {
  serverId: string;
  name: string;
  why: string;
}

const EVERY_MS = 30 * SECOND;
/** Between the two complete listings that a stray must be seen in. */
const SEEN_TWICE_AFTER = 2 * MINUTE;
const REMOVED_A_SWEEP = 10;
/** More strays than this share mean that the store is wrong, not the cloud: a restored or an empty one (rule 4). */
const STRAY_SHARE = 0.02;
const STRAYS_ALWAYS_ALLOWED = 2;

/**
 * Servers that carry our tag and that no row has. One whose row is missing altogether is adopted from its metadata,
 * in quarantine; one that belongs to a finished or repeated attempt is removed, but only when seen in two complete
 * listings, and not at all while there are suspiciously many.
 */
export class Strays implements AsyncDisposable {
  readonly #deps: StraysDeps;
  readonly #rounds: Rounds;

  constructor(deps: StraysDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      clock: deps.clock,
      log: deps.log,
      restMs: EVERY_MS,
      failed: 'the sweep for strays failed',
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
    const { snapshots, store, log, problems } = this.#deps;
    const listing = await snapshots.of(cloud);
    // What is not in a complete listing says nothing; what is in an incomplete one could still be a stray, but waits.
    if (!listing.complete) return;
    const rows = await store.desktops();
    const known = new Set(rows.filter((d) => d.cloud === cloud.name).map((d) => d.serverId));
    // Only of orders that are still being looked for: an order taken twice has a second server of the same name.
    const expected = new Set(rows.filter((d) => d.serverId === undefined).map((d) => d.serverName));
    const unknown = listing.servers.filter(
      (s) => !known.has(s.id) && !expected.has(s.name) && s.state !== 'leaving',
    );
    const strays = new Map<string, Stray>();
    for (const server of unknown) {
      const why = await this.#whyStray(cloud, server);
      if (why === undefined) continue;
      const { id: serverId, name } = server;
      strays.set(serverId, { serverId, name, why });
    }
    for (const [id, stray] of strays) {
      if (problems.ageMs('stray', id) === undefined)
        log.warn({ server: id, name: stray.name, why: stray.why }, 'a stray server of ours');
      problems.note('stray', id, { cloud: cloud.name, what: whatIs(stray), text: stray.why });
    }
    problems.onlyThese('stray', cloud.name, new Set(strays.keys()));
    await this.#remove(cloud, [...strays.values()], listing);
  }

  /** Why it is a stray; undefined when it is none, or has just been adopted. */
  async #whyStray(cloud: Cloud, server: CloudServer): Promise<string | undefined> {
    const { store, log } = this.#deps;
    const about = readMetadata(server.metadata);
    if (!about || about.installation !== store.installation.id) return undefined;
    const row = await store.desktop(about.desktop as Id<'desktop'>);
    // Of two servers of a row that is a guess itself nobody knows which one is worked on.
    if (row && !isGuess(row)) {
      return row.state === 'gone' ? 'its desktop is gone' : `desktop ${row.number} has another server by now`;
    }
    const adopted = await store.adoptDesktop({
      id: row ? newId('desktop', this.#deps.clock.now()) : (about.desktop as Id<'desktop'>),
      cloud: cloud.name,
      pool: about.pool,
      poolRevision: about.revision,
      serverId: server.id,
      serverName: server.name,
      why: 'found in the cloud with our tag and no row; after a restored backup somebody may be working on it. An operator decides.',
    });
    if (adopted)
      log.warn(
        { desktop: adopted.id, server: server.id },
        'a server without a row was adopted, in quarantine',
      );
    return undefined;
  }

  async #remove(
    cloud: Cloud,
    strays: readonly Stray[],
    { servers, askedAt }: Pick<Snapshot, 'servers' | 'askedAt'>,
  ): Promise<void> {
    const { log, store, problems } = this.#deps;
    const allowed = Math.max(STRAYS_ALWAYS_ALLOWED, servers.length * STRAY_SHARE);
    const what = `cloud ${cloud.name}`;
    if (strays.length > allowed && !problems.isAccepted('strays-many', cloud.name)) {
      const text = `${strays.length} of ${servers.length} servers of ours are strays: the store may be the wrong one`;
      return problems.note('strays-many', what, { cloud: cloud.name, what, text });
    }
    problems.solved('strays-many', what);
    const ripe = strays.filter(
      ({ serverId }) => problems.ageMs('stray', serverId, askedAt)! >= SEEN_TWICE_AFTER,
    );
    for (const stray of ripe.slice(0, REMOVED_A_SWEEP)) {
      await store.addAudit(theHub, 'stray.removed', stray.serverId, {
        cloud: cloud.name,
        name: stray.name,
        why: stray.why,
      });
      try {
        await cloud.remove(stray.serverId, this.#rounds.signal);
        problems.note('stray', stray.serverId, { cloud: cloud.name, what: whatIs(stray), tried: true });
        log.warn({ server: stray.serverId, why: stray.why }, 'removed a stray server');
      } catch (error) {
        if (this.#rounds.signal.aborted) return;
        // One that is locked is not to keep the others.
        const text = toFault(error).message;
        problems.note('stray', stray.serverId, { cloud: cloud.name, what: whatIs(stray), text, tried: true });
        log.warn(
          { server: stray.serverId, why: toFault(error).message },
          'a stray server could not be removed',
        );
      }
    }
  }
}

const whatIs = ({ name, serverId }: Stray): string => `server ${name} ${serverId}`;

/** Its row was adopted, or is as old as a backup: an operator is to decide about every server of it. */
const isGuess = ({ state, fault }: Desktop): boolean =>
  state === 'quarantined' && (fault?.code === 'adopted' || fault?.code === 'restored');
