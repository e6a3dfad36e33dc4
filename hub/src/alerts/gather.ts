import { MINUTE, type Clock } from '@anyseat/base';
import type { Abilities, Cloud } from '../cloud/cloud.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type {
  CloudEvidence,
  Evidence,
  PoolEvidence,
  SeatEvidence,
  TcEvidence,
} from '../domain/alert/evidence.ts';
import { timesOf } from '../domain/hostRoom.ts';
import type { Session, TcId } from '../domain/session.ts';
import { tcTroubles, type TcHealth } from '../domain/tcHealth.ts';
import { troubleRules } from '../domain/pool/trouble.ts';
import type { Directory } from '../directory/directory.ts';
import type { CloudRooms } from '../reconcile/cloudRooms.ts';
import type { Hosts } from '../reconcile/hosts.ts';
import type { PoolReport } from '../reconcile/pools.ts';
import type { Problems } from '../reconcile/problems.ts';
import type { Snapshots } from '../reconcile/snapshots.ts';
import type { DesktopCount, Store } from '../store/store.ts';
import type { Deliveries } from './deliveries.ts';

export interface GatherDeps {
  store: Pick<Store, 'health' | 'desktopCounts' | 'missingParts' | 'tcs'>;
  catalogue: () => Catalogue;
  directories: readonly Pick<Directory, 'name' | 'health'>[];
  clouds: ReadonlyMap<string, Cloud>;
  abilities: ReadonlyMap<string, Abilities | string>;
  snapshots: Pick<Snapshots, 'latest' | 'failed'>;
  hosts: Pick<Hosts, 'latest'>;
  rooms: Pick<CloudRooms, 'of'>;
  problems: Pick<Problems, 'list'>;
  poolReport: (pool: string) => Pick<PoolReport, 'trouble' | 'failure'>;
  waitingFor: (pool: string) => number;
  online: () => ReadonlySet<TcId>;
  healthOf: (tc: TcId) => TcHealth | undefined;
  deliveries: Pick<Deliveries, 'failing'>;
  /** Epoch ms of their ends. */
  certificates: readonly { name: string; endsAt: number }[];
  /** Where the store lives; undefined where that cannot be told. */
  disk: () => { freeMb: number; totalMb: number } | undefined;
  clock: Clock;
}

/** Ten thousand thin clients are back within this after a start of the hub; until then nobody is held to be silent. */
const COMING_BACK_MS = 3 * MINUTE;
const TCS_EVERY_MS = MINUTE;
const GUESSED_FOR_MS = 10 * MINUTE;

/** What alerts are made of, taken off what the hub knows anyway. */
export class Gathering {
  readonly #deps: GatherDeps;
  readonly #startedAt: number;
  readonly #guessed = new Map<string, number>();
  #live: readonly Session[] | undefined;
  #tcs: { at: number; tcs: readonly TcEvidence[] } | undefined;

  constructor(deps: GatherDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.monotonic();
  }

  /** Sessions as somebody read them: ten thousand are not read twice. */
  see(live: readonly Session[]): void {
    this.#live = live;
  }

  /** So many passwords are wrong at a site that somebody may be guessing. */
  guessed(site: string): void {
    this.#guessed.set(site, this.#deps.clock.monotonic() + GUESSED_FOR_MS);
  }

  async evidence(): Promise<Evidence> {
    const { store, catalogue, directories, clouds, problems, deliveries, certificates, clock } = this.#deps;
    const now = clock.monotonic();
    for (const [site, until] of this.#guessed) if (until <= now) this.#guessed.delete(site);
    const { sites } = catalogue();
    const isSettled = now - this.#startedAt >= COMING_BACK_MS;
    return {
      now: clock.now(),
      store: store.health(),
      disk: this.#deps.disk(),
      certificates,
      directories: directories.map((one) => ({ name: one.name, ...one.health() })),
      guessed: [...this.#guessed.keys()],
      clouds: [...clouds.values()].map((cloud) => this.#cloud(cloud.name)),
      pools: this.#pools(await store.desktopCounts()),
      problems: problems.list(),
      seats: isSettled && this.#live ? this.#seats(this.#live) : undefined,
      tcs: isSettled ? await this.#troubledTcs(now) : undefined,
      titleOf: (site) => sites.get(site)?.spec.title ?? site,
      channels: deliveries.failing(),
    };
  }

  #cloud(name: string): CloudEvidence {
    const { abilities, snapshots, hosts, rooms } = this.#deps;
    const room = rooms.of(name);
    const snapshot = snapshots.latest(name);
    const tried = abilities.get(name);
    const hasFailed = snapshots.failed(name) || (!snapshot && typeof tried === 'string');
    return {
      name,
      untried: !snapshot && !hasFailed && tried === undefined,
      failure: hasFailed ? this.#whyAway(name, tried) : undefined,
      complete: snapshot?.complete,
      lookMs: snapshot?.tookMs,
      failed: snapshot?.servers.flatMap((server) => (server.state === 'failed' ? [server.name] : [])),
      hosts: hosts.latest(name),
      crowding: room.hosts?.map(({ host, memoryMb, cpus }) => ({
        host,
        memory: timesOf(memoryMb),
        cpu: timesOf(cpus),
      })),
      quotas: room.quotas,
      services: room.services,
    };
  }

  /** In the cloud's words, where a pool has heard them. */
  #whyAway(cloud: string, tried: Abilities | string | undefined): string {
    const pools = [...this.#deps.catalogue().pools.values()].filter(({ spec }) => spec.cloud === cloud);
    const heard = pools
      .map(({ name }) => this.#deps.poolReport(name).failure)
      .find((why) => why !== undefined);
    return heard ?? (typeof tried === 'string' ? tried : 'its servers could not be listed');
  }

  #pools(counts: readonly DesktopCount[]): PoolEvidence[] {
    const { catalogue, poolReport, waitingFor } = this.#deps;
    return [...catalogue().pools.values()].map(({ name, spec }) => {
      const of = (state: DesktopCount['state']) =>
        counts
          .filter((one) => one.pool === name && one.state === state && !one.heldBack)
          .reduce((sum, { count }) => sum + count, 0);
      const { trouble } = poolReport(name);
      return {
        name,
        cloud: spec.cloud,
        closed: spec.closed !== undefined,
        ceiling: spec.ceiling,
        ready: of('ready'),
        broken: of('broken'),
        quarantined: of('quarantined'),
        waiting: waitingFor(name),
        trouble: trouble && `${troubleRules[trouble.kind].words}: ${trouble.text}`,
      };
    });
  }

  #seats(live: readonly Session[]): SeatEvidence[] {
    const here = this.#deps.online();
    const { seats } = this.#deps.catalogue();
    return live.flatMap(({ seat, site, user, state, tc }) => {
      if (state === 'away' || state === 'waiting' || state === 'ended') return [];
      const spec = seats.get(seat)?.spec;
      const room = spec?.tags['floor'] ?? spec?.tags['room'];
      const row = spec?.tags['row'] ?? spec?.row?.toString();
      const path = row === undefined ? undefined : [room, row].filter((one) => one !== undefined).join(' ');
      return [{ seat, site, row: path, user, silent: !here.has(tc) }];
    });
  }

  /** Ten thousand thin clients are not gone through at every look, nor are their rows read while all are well. */
  async #troubledTcs(now: number): Promise<readonly TcEvidence[]> {
    if (this.#tcs && now - this.#tcs.at < TCS_EVERY_MS) return this.#tcs.tcs;
    const { store, online, healthOf, catalogue, clock } = this.#deps;
    const missing = await store.missingParts();
    const troubled = new Map<TcId, readonly string[]>();
    for (const tc of online()) {
      const troubles = tcTroubles(healthOf(tc), missing.get(tc) ?? [], clock.now());
      if (troubles.length > 0) troubled.set(tc, troubles);
    }
    const rows = troubled.size === 0 ? [] : await store.tcs();
    const { seats } = catalogue();
    const tcs = rows.flatMap(({ id, fingerprint, seat }): TcEvidence[] => {
      const troubles = troubled.get(id);
      const site = seat === undefined ? undefined : seats.get(seat)?.spec.site;
      return troubles && seat !== undefined && site !== undefined
        ? [{ fingerprint, seat, site, troubles }]
        : [];
    });
    this.#tcs = { at: now, tcs };
    return tcs;
  }
}
