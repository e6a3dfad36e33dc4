import { messageOf, toFault, WorkQueue, type Clock, type Log, type Next } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import type { ArrivalWindow } from '../domain/pool/arrivals.ts';
import type { ImageRevision } from '../domain/pool/imageRevision.ts';
import type { FillPace, PoolSize } from '../domain/pool/size.ts';
import type { Boot } from '../domain/boot/bootRoom.ts';
import type { Refill } from '../domain/expectedWait.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { isFree, type Desktop, type DesktopId } from '../domain/desktop.ts';
import { neededForPeople } from '../domain/pool/boot.ts';
import { vanished } from '../domain/pool/missing.ts';
import { madeSince, staleCount } from '../domain/pool/renew.ts';
import { isForRebuild } from '../domain/pool/rebuild.ts';
import { nextLookMs, planPool } from '../domain/pool/planPool.ts';
import { bootsOf, hostOf, isRebuilt, kindOf, type PoolStep, type PoolWorld } from '../domain/pool/world.ts';
import type { Store } from '../store/store.ts';
import type { BootBudget } from './bootBudget.ts';
import type { Problems } from './problems.ts';
import type { Hosts } from './hosts.ts';
import { Lanes } from './lanes.ts';
import { perform, type DesktopStep, type PerformDeps } from './perform.ts';
import type { PoolHealth, PoolTrouble } from './poolHealth.ts';
import type { PoolImages } from './poolImages.ts';
import { PoolMemory } from './poolMemory.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';

export interface PoolsDeps {
  store: Store;
  clouds: ReadonlyMap<string, Cloud>;
  snapshots: Snapshots;
  catalogue: () => Catalogue;
  budget: BootBudget;
  hosts: Hosts;
  problems: Problems;
  clock: Clock;
  log: Log;
  /** People in the queue whom this pool serves first. */
  waitingFor: (pool: string) => number;
  /** Who is expected by rosters to sit down at its desktops; the same list until that changes. */
  arrivals?: (pool: string) => readonly ArrivalWindow[];
  /** Called when a desktop of this pool became ready, or may have. */
  onReady: (pool: string) => void;
}

/** What a pool is doing, for operators and for the wait that people are told. */
export interface PoolReport {
  trouble: PoolTrouble | undefined;
  /** Why the last look failed, if it did. */
  failure: string | undefined;
  /** Milliseconds from the order to the proof, of the last boots, newest last. */
  bootMs: readonly number[];
  /** Why nothing new may be created just now though there is room: a host has too many boots. */
  paused: string | undefined;
  /** After an outage: how long everything goes slowly still. */
  slowForMs: number;
  /** Ready desktops of another image or specification, or ready for too long, which are replaced little by little. */
  stale: number;
  /** Why used desktops are replaced though they are to be rebuilt; or why the last one that was tried was. */
  notRebuilt: string | undefined;
  /** What its image name ever stood for, newest first. */
  images: readonly ImageRevision[];
  /** What the name stands for now, and what desktops are made from: another one while that is frozen. */
  image: { current: string | undefined; use: string | undefined };
  /** How many are wanted now, and for when. */
  size: PoolSize;
  /** How fast it fills, as measured, or as is thought before anything was. */
  pace: FillPace;
  /** IANA name, of its site. */
  timeZone: string;
}

const LOOKS_AT_ONCE = 1000;
/** A look reads every row of its pool: one for each login of a storm would be most of what the hub does (measured). */
const SOON_MS = 1000;
const SOON_WHEN_WAITED_FOR_MS = 200;
/** The larger the site, the longer until the next: a look and its listing are a twentieth of what there is to do. */
const REST = 20;
const LONGEST_REST_MS = 5000;

/**
 * Keeps every pool at its specification. A queue of pool names: whoever knows of a change adds the name, a slow full
 * pass adds all, and a look decides by what is so now. Steps are taken beside the looks, one at a time for a desktop.
 */
export class Pools implements AsyncDisposable {
  readonly #deps: PoolsDeps;
  readonly #queue: WorkQueue<string>;
  readonly #stop = new AbortController();
  readonly #lanes = new Lanes();
  readonly #busy = new Set<DesktopId>();
  readonly #askedAt = new Map<DesktopId, number>();
  readonly #memories = new Map<string, PoolMemory>();
  /** Monotonic ms, by cloud: its pools share a listing, and the one that fetched it took longest. */
  readonly #restUntil = new Map<string, number>();
  readonly #soon = new Map<string, { at: number; timer: Disposable }>();

  constructor(deps: PoolsDeps) {
    this.#deps = deps;
    this.#queue = new WorkQueue({
      clock: deps.clock,
      // Looks wait for their cloud's one listing and for nothing else: a cloud that hangs holds up its own pools alone.
      concurrency: LOOKS_AT_ONCE,
      work: (pool) => this.#lookAndRest(pool),
      onFailure: (pool, error) => {
        const { code, message, retry } = toFault(error);
        this.#memoryOf(pool).failure = message;
        deps.log[retry === 'bug' ? 'error' : 'warn'](
          { pool, code, err: retry === 'bug' ? error : undefined },
          message,
        );
      },
    });
  }

  /** Counts what every pool has on its way, before the first order: the budget is one for all. */
  async start(): Promise<void> {
    const desktops = await this.#deps.store.desktops();
    for (const name of new Set(desktops.map((d) => d.pool))) {
      const pool = this.#poolOf(name);
      const own = desktops.filter((d) => d.pool === name);
      const nothingSeen = {
        desktops: own,
        pool,
        busy: this.#busy,
        inStateMs: () => 0,
        seen: { byId: new Map() },
      };
      this.#deps.budget.count(name, { boots: bootsOf(nothingSeen), most: mostOf(pool), needed: 0 });
      this.#memoryOf(name).recall(own);
    }
    await this.lookAll();
  }

  /** Something about this pool may have changed. */
  look(pool: string): void {
    this.#queue.add(pool);
  }

  /** Somebody has taken a desktop of this pool, waits for one or gave one back: one look for all who do so meanwhile. */
  lookSoon(pool: string): void {
    const { clock, waitingFor } = this.#deps;
    const now = clock.monotonic();
    const rest = (this.#restUntil.get(this.#cloudOf(pool)) ?? 0) - now;
    const ms = waitingFor(pool) > 0 ? SOON_WHEN_WAITED_FOR_MS : Math.max(SOON_MS, rest);
    const at = now + ms;
    const planned = this.#soon.get(pool);
    if (planned && planned.at <= at) return;
    planned?.timer[Symbol.dispose]();
    const timer = clock.after(ms, () => {
      this.#soon.delete(pool);
      this.look(pool);
    });
    this.#soon.set(pool, { at, timer });
  }

  /** The full pass: a lost message costs a delay, never correctness. Pools that were deleted are looked at too. */
  async lookAll(): Promise<void> {
    const desktops = await this.#deps.store.desktops();
    const names = new Set([...this.#deps.catalogue().pools.keys(), ...desktops.map((d) => d.pool)]);
    for (const name of names) this.look(name);
  }

  /** How it fills up, for the wait that people are told. */
  refill(pool: string): Refill {
    const { refill, bootMs } = this.#memoryOf(pool);
    return refill.refill(bootMs);
  }

  report(pool: string): PoolReport {
    const { health, failure, bootMs, paused, stale, sizes, images } = this.#memoryOf(pool);
    const spec = this.#deps.catalogue().pools.get(pool)?.spec;
    return {
      trouble: health.trouble,
      failure,
      bootMs,
      paused,
      slowForMs: this.#deps.budget.slowForMs(spec?.cloud ?? ''),
      stale,
      notRebuilt: (spec && images.whyNotRebuilt(spec)) ?? health.rebuildFault,
      images: images.revisions,
      image: {
        current: images.current,
        use: images.use(this.#deps.catalogue().pools.get(pool)?.revision ?? 0),
      },
      size: sizes.size ?? { floor: spec?.floor ?? 0, for: { at: 0, desktops: spec?.floor ?? 0 } },
      pace: this.#paceOf(pool),
      timeZone: this.#timeZoneOf(pool),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the hub stops'));
    for (const { timer } of this.#soon.values()) timer[Symbol.dispose]();
    await this.#queue[Symbol.asyncDispose]();
    await this.#lanes[Symbol.asyncDispose]();
  }

  async #lookAndRest(name: string): Promise<Next> {
    const { clock } = this.#deps;
    const from = clock.monotonic();
    const next = await this.#look(name);
    const to = clock.monotonic();
    const cloud = this.#cloudOf(name);
    const until = to + Math.min(REST * (to - from), LONGEST_REST_MS);
    this.#restUntil.set(cloud, Math.max(this.#restUntil.get(cloud) ?? 0, until));
    return next;
  }

  #cloudOf(pool: string): string {
    return this.#deps.catalogue().pools.get(pool)?.spec.cloud ?? '';
  }

  async #look(name: string): Promise<Next> {
    const { store, clouds, catalogue, budget, clock } = this.#deps;
    const resource = catalogue().pools.get(name);
    const cloudName = resource?.spec.cloud ?? (await store.desktops({ pool: name }))[0]?.cloud;
    if (cloudName === undefined) {
      this.#memories.delete(name);
      budget.forget(name);
      return { again: 'whenTold' };
    }
    const cloud = clouds.get(cloudName);
    if (!cloud) {
      this.#memoryOf(name).failure = `hub.yaml names no cloud “${cloudName}”`;
      return { againInMs: 60_000 };
    }
    // Cloud first: a server made after this line is seen next time, never mistaken for a stray.
    const seen = await this.#listing(cloud);
    await this.#learnMadeSince(name);
    const desktops = await store.desktops({ pool: name });
    const memory = this.#memoryOf(name);
    const { health, sizes, images } = memory;
    memory.listed(desktops, seen);
    const pool = this.#poolOf(name);
    memory.refill.looked(desktops, pool.spec?.ceiling ?? 0, this.#paceOf(name).atOnce);
    if (pool.spec) {
      const deps = { store, clock, log: this.#deps.log, signal: this.#stop.signal };
      const { spec } = pool;
      const wantsRebuild = spec.afterUse === 'rebuild' || desktops.some((d) => isForRebuild(d, spec));
      images.refresh({ name, spec, wantsRebuild }, cloud, () => this.look(name), deps);
    }
    health.specIs(pool.revision);
    const seenNow: Omit<PoolWorld, 'boot'> = {
      pool,
      desktops,
      image: { use: images.use(pool.revision), rebuild: mayRebuild(pool.spec, images) },
      missingSince: memory.missingSince,
      mayLose: this.#deps.problems.isAccepted('vanished', cloud.name),
      hosts: this.#deps.hosts.doubts(cloud),
      closed: pool.spec?.closed,
      seen,
      waiting: this.#deps.waitingFor(name),
      mayCreate: pool.spec?.closed === undefined ? health.mayCreate() : 0,
      busy: this.#busy,
      askedAt: this.#askedAt,
      now: clock.now(),
      monotonic: clock.monotonic(),
      inStateMs: memory.ages.of(desktops),
      size: this.#sizeOf(pool, desktops),
    };
    // From here to the reservation nothing else may run: two pools would count the same room.
    budget.count(name, { boots: bootsOf(seenNow), most: mostOf(pool), needed: neededForPeople(seenNow) });
    const world = { ...seenNow, boot: budget.room(name, cloud.name) };
    const steps = planPool(world);
    budget.reserve(name, begun(steps, world));
    if (steps.some((step) => step.do === 'create')) health.ordered();
    if (steps.some((step) => step.do === 'retire' && step.desktop.state === 'ready')) sizes.shrunk();
    memory.paused = world.boot.paused;
    memory.stale = staleCount(world);
    this.#noteVanished(world, cloud);
    await this.#begin(steps, cloud, pool, health);
    memory.failure = undefined;
    return { againInMs: nextLookMs(world, steps) };
  }

  async #listing(cloud: Cloud): Promise<Snapshot> {
    const { snapshots, budget } = this.#deps;
    try {
      const seen = await snapshots.of(cloud);
      budget.listed(cloud.name, seen.hosts);
      return seen;
    } catch (error) {
      budget.failed(cloud.name);
      throw error;
    }
  }

  #poolOf(name: string): PoolWorld['pool'] {
    const resource = this.#deps.catalogue().pools.get(name);
    const { since } = this.#memoryOf(name).madeSince;
    return { name, revision: resource?.revision ?? 0, madeSince: since, spec: resource?.spec };
  }

  /** Read once a revision: most changes of a pool change its numbers, and not how its desktops are made. */
  async #learnMadeSince(name: string): Promise<void> {
    const { catalogue, store } = this.#deps;
    const memory = this.#memoryOf(name);
    const revision = catalogue().pools.get(name)?.revision;
    if (revision === undefined || memory.madeSince.of === revision) return;
    const history = await store.history('pools', name);
    await memory.images.reload(name, store);
    memory.madeSince = {
      of: revision,
      since: madeSince(history.filter((one) => one.revision <= revision)),
    };
  }

  async #begin(
    steps: readonly PoolStep[],
    cloud: Cloud,
    pool: PoolWorld['pool'],
    health: PoolHealth,
  ): Promise<void> {
    const { store, clock, log, budget } = this.#deps;
    const deps: PerformDeps = {
      budget,
      store,
      cloud,
      clock,
      log: log.child({ pool: pool.name }),
      health,
      problems: this.#deps.problems,
      images: this.#memoryOf(pool.name).images,
      installation: store.installation.id,
      pool,
      askedAt: this.#askedAt,
      signal: this.#stop.signal,
    };
    for (const step of steps) {
      if (step.do === 'want') {
        await store.wantDesktops({ name: pool.name, cloud: cloud.name, revision: pool.revision }, step.count);
        this.look(pool.name);
      } else this.#take(step, deps);
    }
  }

  /** Takes a step beside the look, in its own lane: removals are never starved by creations, nor the other way round. */
  #take(step: DesktopStep, deps: PerformDeps): void {
    const { desktop } = step;
    this.#busy.add(desktop.id);
    const pool = deps.pool.name;
    this.#lanes.run(laneOf(step), async () => {
      try {
        await perform(step, deps);
        if (step.do === 'prove' || step.do === 'watch') await this.#afterProof(desktop);
        if (step.do === 'hold-back' && step.why === undefined) this.#deps.onReady(pool);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const fault = toFault(error);
        const level = fault.retry === 'bug' ? 'error' : 'warn';
        deps.log[level]({ desktop: desktop.id, step: step.do, why: messageOf(error) }, 'a step failed');
      } finally {
        this.#busy.delete(desktop.id);
      }
      // Looks that keep a boot waiting are paced by `nextLookMs`; a state that changed is looked at at once.
      if (!LOOKS.has(step.do)) this.look(pool);
    });
  }

  async #afterProof(before: Desktop): Promise<void> {
    const after = await this.#deps.store.desktop(before.id);
    if (!after || after.readyAt === undefined || after.readyAt === before.readyAt) return;
    const tookMs = this.#deps.budget.ended(after.id, kindOf(after));
    if (before.readyAt === undefined && tookMs !== undefined && !isRebuilt(after))
      this.#memoryOf(after.pool).booted(tookMs);
    this.#memoryOf(after.pool).refill.becameReady();
    this.#deps.onReady(after.pool);
    this.look(after.pool);
  }

  #noteVanished(world: PoolWorld, { name: cloud }: Cloud): void {
    const { problems } = this.#deps;
    const { lost, of, frozen } = vanished(world);
    const what = `pool ${world.pool.name}`;
    if (!frozen) return problems.solved('vanished', what);
    const text = `${lost.length} of its ${of} servers are in no listing any more, all at once`;
    return problems.note('vanished', what, { cloud, what, text });
  }

  #memoryOf(pool: string): PoolMemory {
    let memory = this.#memories.get(pool);
    if (!memory) {
      memory = new PoolMemory(this.#deps.clock);
      this.#memories.set(pool, memory);
    }
    return memory;
  }

  #paceOf(pool: string): FillPace {
    const boots = this.#deps.catalogue().pools.get(pool)?.spec.boots ?? 1;
    return this.#memoryOf(pool).pace(Math.min(boots, this.#deps.budget.most));
  }

  #timeZoneOf(pool: string): string {
    const { pools, sites } = this.#deps.catalogue();
    return sites.get(pools.get(pool)?.spec.site ?? '')?.spec.timeZone ?? 'UTC';
  }

  #sizeOf({ name, revision, spec }: PoolWorld['pool'], desktops: readonly Desktop[]): PoolWorld['size'] {
    if (!spec || spec.closed !== undefined) return { floor: 0, keep: 0, shrink: Infinity };
    const ready = desktops.filter(isFree).length;
    return this.#memoryOf(name).sizes.now(
      { revision, spec },
      this.#timeZoneOf(name),
      this.#paceOf(name),
      ready,
      this.#deps.arrivals?.(name),
    );
  }
}

/** Steps that are repeated until something has come of them. */
const LOOKS: ReadonlySet<PoolStep['do']> = new Set(['prove', 'watch', 'confirm-gone', 'confirm-rebuilt']);

/** Undefined while it is not known. */
function mayRebuild(spec: PoolSpec | undefined, images: PoolImages): boolean | undefined {
  const why = spec && images.whyNotRebuilt(spec);
  return why === undefined ? undefined : why === null;
}

const mostOf = (pool: PoolWorld['pool']): number => pool.spec?.boots ?? Infinity;

/** The boots that these steps begin. */
const begun = (steps: readonly PoolStep[], { seen }: Pick<PoolWorld, 'seen'>): Boot[] =>
  steps.flatMap((step) =>
    step.do === 'create' || step.do === 'rebuild' || (step.do === 'start' && !step.again)
      ? [{ id: step.desktop.id, pool: step.desktop.pool, host: hostOf(step.desktop, seen) }]
      : [],
  );

const laneOf = (step: DesktopStep): 'create' | 'remove' | 'look' =>
  step.do === 'create' || step.do === 'start' || step.do === 'rebuild'
    ? 'create'
    : step.do === 'remove' || step.do === 'unstick'
      ? 'remove'
      : 'look';
