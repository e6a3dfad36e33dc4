import { MINUTE, type Clock } from '@anyseat/base';
import { bootRoom, type Boot, type BootRoom } from '../domain/boot/bootRoom.ts';
import {
  afterAbsence,
  afterBoot,
  allowedBy,
  newPace,
  type HostPace,
  type PaceLimits,
} from '../domain/boot/hostPace.ts';

export interface BootSettings {
  /** At once, in all pools. */
  most: number;
  /** At once on one host: where it begins, and the most it is ever given. */
  perHost: PaceLimits;
}

/** What a pool has on its way, and what it would begin at once for people if it had the room. */
export interface PoolBoots {
  boots: readonly Boot[];
  /** Of the pool's specification. */
  most: number;
  /** People for whom nothing boots yet. */
  needed: number;
}

/** A host as far as boots go, for operators. */
export interface HostBoots {
  /** `cloud/host` */
  host: string;
  booting: number;
  allowed: number;
  /** Undefined where the cloud does not tell. */
  up: boolean | undefined;
}

/** A cloud that does not answer for this long was away, and its guests most likely too. */
const OUTAGE_MS = MINUTE;
const SLOW_FOR_MS = 10 * MINUTE;
const SLOW_SHARE = 0.25;
const KNOWN_FOR_MS = 15 * MINUTE;
/** More hosts down than this is the message bus, and no host (rule 11). */
const DOWN_SHARE = 0.1;

interface HostSeen {
  up: boolean | undefined;
  /** Monotonic ms, of the last listing with a server of ours there. */
  at: number;
}

interface Watched {
  boot: Boot;
  /** Monotonic ms; undefined for those that had begun before this hub looked. */
  from: number | undefined;
  most: number;
}

/**
 * Everything that boots, in all pools together and on every host (rule 6): each round says what its pool has, and
 * reserves at once what it is about to begin, before anybody else can count. Learns each host's limit from how long boots
 * take there; after a start of the hub it learns anew.
 */
export class BootBudget {
  readonly #settings: BootSettings;
  readonly #clock: Clock;
  readonly #byPool = new Map<string, PoolBoots>();
  readonly #watched = new Map<string, Watched>();
  readonly #left = new Set<string>();
  readonly #paces = new Map<string, HostPace>();
  /** The quickest that is usual for a kind, on any host. */
  readonly #usual = new Map<string, number>();
  readonly #hosts = new Map<string, Map<string, HostSeen>>();
  readonly #failingSince = new Map<string, number>();
  readonly #slowUntil = new Map<string, number>();

  constructor(settings: BootSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** At once in all. */
  get most(): number {
    return this.#settings.most;
  }

  /** What this pool has on its way now, as the store and the listing say. */
  count(pool: string, has: PoolBoots): void {
    const before = this.#byPool.get(pool)?.boots ?? [];
    this.#forgetLeft(pool);
    const now = new Set(has.boots.map(({ id }) => id));
    this.#byPool.set(pool, has);
    for (const boot of has.boots) this.#watch(boot, undefined);
    for (const { id } of before) if (!now.has(id)) this.#left.add(id);
    this.#markLoads();
  }

  forget(pool: string): void {
    this.count(pool, { boots: [], most: 0, needed: 0 });
    this.#byPool.delete(pool);
  }

  /** These begin now. */
  reserve(pool: string, more: readonly Boot[]): void {
    const has = this.#byPool.get(pool);
    if (!has || more.length === 0) return;
    this.#byPool.set(pool, { ...has, boots: [...has.boots, ...more] });
    for (const boot of more) this.#watch(boot, this.#clock.monotonic());
    this.#markLoads();
  }

  room(pool: string, cloud: string): BootRoom {
    const { most, perHost } = this.#settings;
    let neededElsewhere = 0;
    for (const [name, { boots, most, needed }] of this.#byPool)
      if (name !== pool) neededElsewhere += Math.min(needed, Math.max(0, most - boots.length));
    return bootRoom(pool, {
      boots: this.#all(),
      most,
      poolMost: this.#byPool.get(pool)?.most ?? Infinity,
      hosts: [...(this.#hosts.get(cloud)?.keys() ?? [])],
      paceOf: (host) => this.#paceOf(host),
      hostStart: perHost.start,
      neededElsewhere,
      share: this.slowForMs(cloud) > 0 ? SLOW_SHARE : 1,
    });
  }

  /**
   * Proved ready, or given up for being too slow: what it took says something about its host.
   * @returns milliseconds from the order, where this hub saw its beginning
   */
  ended(id: string, kind: string): number | undefined {
    const watched = this.#watched.get(id);
    this.#watched.delete(id);
    this.#left.delete(id);
    if (watched?.from === undefined) return undefined;
    const tookMs = this.#clock.monotonic() - watched.from;
    const { host } = watched.boot;
    if (host === undefined) return tookMs;
    const boot = { kind, tookMs, most: watched.most };
    const pace = afterBoot(this.#paceOf(host), boot, this.#settings.perHost, this.#usual.get(kind));
    this.#paces.set(host, pace);
    const usualHere = pace.usual.get(kind)!.ms;
    this.#usual.set(kind, Math.min(this.#usual.get(kind) ?? Infinity, usualHere));
    return tookMs;
  }

  /** A listing came in: the cloud answers, and these are its hosts, and whether they are up. */
  listed(cloud: string, hosts: ReadonlyMap<string, boolean | undefined>): void {
    const now = this.#clock.monotonic();
    const failingSince = this.#failingSince.get(cloud);
    this.#failingSince.delete(cloud);
    if (failingSince !== undefined && now - failingSince >= OUTAGE_MS)
      this.#slowUntil.set(cloud, now + SLOW_FOR_MS);
    const before = this.#hosts.get(cloud) ?? new Map<string, HostSeen>();
    const wereDown = [...before.values()].filter(({ up }) => up === false).length;
    const oneByOne = wereDown <= Math.max(1, before.size * DOWN_SHARE);
    // A host without any server of ours left is a host still, but not for ever: some are taken away, or told by another name.
    const seen = new Map([...before].filter(([, { at }]) => now - at < KNOWN_FOR_MS));
    for (const [name, up] of hosts) {
      const host = `${cloud}/${name}`;
      if (up === true && before.get(host)?.up === false && oneByOne)
        this.#paces.set(host, afterAbsence(this.#paceOf(host)));
      seen.set(host, { up, at: now });
    }
    this.#hosts.set(cloud, seen);
  }

  /** The cloud could not be listed. */
  failed(cloud: string): void {
    if (!this.#failingSince.has(cloud)) this.#failingSince.set(cloud, this.#clock.monotonic());
  }

  /** How long this cloud's pools go slowly still, after an outage. */
  slowForMs(cloud: string): number {
    return Math.max(0, (this.#slowUntil.get(cloud) ?? 0) - this.#clock.monotonic());
  }

  /** Every host of ours, and what boots there. */
  report(): HostBoots[] {
    const loads = this.#loads();
    return [...this.#hosts.values()].flatMap((hosts) =>
      [...hosts].map(([host, { up }]) => ({
        host,
        booting: loads.get(host) ?? 0,
        allowed: allowedBy(this.#paceOf(host)),
        up,
      })),
    );
  }

  /** Those that are counted no more are remembered for one round: `ended` may come after the count that saw the end. */
  #forgetLeft(pool: string): void {
    for (const id of this.#left) {
      if (this.#watched.get(id)?.boot.pool !== pool) continue;
      this.#watched.delete(id);
      this.#left.delete(id);
    }
  }

  #watch(boot: Boot, from: number | undefined): void {
    const watched = this.#watched.get(boot.id);
    this.#left.delete(boot.id);
    this.#watched.set(boot.id, { boot, from: watched?.from ?? from, most: watched?.most ?? 0 });
  }

  #markLoads(): void {
    const loads = this.#loads();
    for (const watched of this.#watched.values())
      watched.most = Math.max(watched.most, loads.get(watched.boot.host ?? '') ?? 0);
  }

  #loads(): Map<string, number> {
    const loads = new Map<string, number>();
    for (const { host } of this.#all()) if (host !== undefined) loads.set(host, (loads.get(host) ?? 0) + 1);
    return loads;
  }

  #all(): Boot[] {
    return [...this.#byPool.values()].flatMap(({ boots }) => boots);
  }

  #paceOf(host: string): HostPace {
    return this.#paces.get(host) ?? newPace(this.#settings.perHost);
  }
}
