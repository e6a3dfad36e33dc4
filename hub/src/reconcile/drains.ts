import { MINUTE, messageOf, type Clock, type Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { Actor } from '../domain/audit.ts';
import { isFree, type Desktop, type DesktopId } from '../domain/desktop.ts';
import { drainFate, type Drain } from '../domain/drain.ts';
import { areManyDown, type CloudHost } from '../domain/hosts.ts';
import type { Session, SessionId, TcId } from '../domain/session.ts';
import type { Store, SwapOrder, Swapped } from '../store/store.ts';

export interface DrainsDeps {
  store: Pick<Store, 'drains' | 'drainHost' | 'drainIsTold' | 'endDrain' | 'desktops'>;
  clouds: ReadonlyMap<string, Cloud>;
  /** As last seen; undefined while nothing is known. */
  hostsOf: (cloud: string) => readonly CloudHost[] | undefined;
  /** Where a server is by the last listing; undefined where that is not told. */
  hostOf: (desktop: Desktop) => string | undefined;
  online: () => ReadonlySet<TcId>;
  /** The connection of a TC; undefined while there is none. */
  epochOf: (tc: TcId) => number | undefined;
  waitingFor: (pool: string) => number;
  swap: (order: SwapOrder, by: Actor) => Promise<Swapped>;
  /** On the screen of the seat, or taken back. `at` is monotonic. */
  warn: (session: Session, warning: { code: string; at: number } | undefined) => void;
  atOnce: number;
  warnMs: number;
  clock: Clock;
  log: Log;
}

/** What a drain is busy with, for operators. */
export interface DrainReport {
  /** Who is being moved: warned by now, and when the next of them goes (epoch ms). */
  moving: number;
  nextAt: number | undefined;
  /** Why nobody is moved just now, though somebody is to be. */
  held: string | undefined;
}

interface Turn {
  drain: string;
  desktop: Desktop;
  session: Session | undefined;
  /** Which grant on which connection was warned. */
  of: string;
  /** Monotonic ms. */
  at: number;
}

/** So long after a swap its person counts as being moved; a seat that does not come for its desktop holds up nobody else. */
const ON_THE_WAY_MS = 2 * MINUTE;

/**
 * Empties compute hosts as operators said, level by level: what is written in the store is what is wanted, and every look does what is
 * missing still, after any crash. A person is warned on the screen first, is moved only to a desktop that is ready, and never
 * more than `atOnce` at once, over all hosts. Nothing is asked of anybody while no host is drained.
 */
export class Drains implements AsyncDisposable {
  readonly #deps: DrainsDeps;
  #drains: readonly Drain[] = [];
  readonly #turns = new Map<DesktopId, Turn>();
  /** Whose swap is open, and since when this hub has seen that; monotonic ms. */
  readonly #between = new Map<SessionId, number>();
  readonly #reports = new Map<string, DrainReport>();
  readonly #stop = new AbortController();
  /** Those that an operator's own request tells the cloud of just now. */
  readonly #beginning = new Set<string>();
  #telling: Promise<void> | undefined;

  constructor(deps: DrainsDeps) {
    this.#deps = deps;
  }

  async load(): Promise<void> {
    this.#drains = await this.#deps.store.drains();
  }

  /** As they stand now. */
  get all(): readonly Drain[] {
    return this.#drains;
  }

  report(drain: Pick<Drain, 'cloud' | 'host'>): DrainReport {
    return this.#reports.get(keyOf(drain)) ?? { moving: 0, nextAt: undefined, held: undefined };
  }

  /** Written first, then told to the cloud; one that the cloud refuses is none. */
  async begin(
    wanted: Parameters<Store['drainHost']>[0],
    by: Actor,
    cloud: Cloud,
    signal: AbortSignal,
  ): Promise<void> {
    const { store } = this.#deps;
    const key = keyOf(wanted);
    const isNew = !this.#drains.some((one) => keyOf(one) === key);
    this.#beginning.add(key);
    try {
      await store.drainHost(wanted, by);
      await this.load();
      await cloud.enableHost(wanted.host, false, wanted.reason, signal);
      await store.drainIsTold(wanted);
    } catch (error) {
      if (isNew) await store.endDrain(wanted, by, `the cloud was told, and it failed: ${messageOf(error)}`);
      throw error;
    } finally {
      this.#beginning.delete(key);
      await this.load();
    }
  }

  /** Nobody is moved any more from here on, whatever the cloud says to the rest. */
  async end(
    host: Pick<Drain, 'cloud' | 'host'>,
    by: Actor,
    cloud: Cloud,
    signal: AbortSignal,
  ): Promise<boolean> {
    const was = await this.#deps.store.endDrain(host, by, 'resumed');
    await this.load();
    this.#forgetTurns((turn) => turn.drain === keyOf(host));
    await cloud.enableHost(host.host, true, '', signal);
    return was;
  }

  /** One look, with the live sessions of which nothing is in doubt. To be called every few seconds. */
  async look(live: readonly Session[]): Promise<void> {
    if (this.#drains.length === 0 && this.#turns.size === 0) return;
    const drains = this.#drains;
    // Beside it: a cloud that hangs holds up nothing else.
    if (drains.some(({ told }) => !told)) this.#telling ??= this.#tellAll(drains);
    this.#countBetween(live);
    const bySession = new Map(live.map((session) => [session.id, session]));
    const free = await this.#freeByPool();
    const wanted = new Set<DesktopId>();
    this.#reports.clear();
    for (const drain of drains) {
      const held = this.#whyHeld(drain);
      const moving = held === undefined ? await this.#toMove(drain, bySession) : [];
      for (const { desktop } of moving) wanted.add(desktop.id);
      this.#reports.set(keyOf(drain), { moving: 0, nextAt: undefined, held });
      for (const turn of moving) this.#admit(turn, free);
    }
    this.#forgetTurns(({ desktop }) => !wanted.has(desktop.id));
    for (const turn of this.#turns.values()) await this.#take(turn, drains);
    this.#reportTurns();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the hub stops'));
    await this.#telling;
  }

  /** What a hub that died said to the store, and not to the cloud any more. Never throws. */
  async #tellAll(drains: readonly Drain[]): Promise<void> {
    const { clouds, store, log } = this.#deps;
    for (const drain of drains) {
      const cloud = clouds.get(drain.cloud);
      if (drain.told || !cloud || this.#beginning.has(keyOf(drain))) continue;
      try {
        await cloud.enableHost(drain.host, false, drain.reason, this.#stop.signal);
        await store.drainIsTold(drain);
        await this.load();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        log.warn({ host: drain.host, why: messageOf(error) }, 'the cloud could not be told of a drain');
      }
    }
    this.#telling = undefined;
  }

  #whyHeld({ cloud, host, told, people, bound }: Drain): string | undefined {
    if (!people && !bound) return undefined;
    const hosts = this.#deps.hostsOf(cloud);
    const seen = hosts?.find(({ name }) => name === host);
    if (!told) return 'the cloud has not been told yet';
    if (!hosts || !seen) return 'the cloud has not said yet how the host is';
    if (areManyDown(hosts)) return 'more than a tenth of the hosts look down';
    if (seen.enabled) return 'the cloud has the host enabled, and may give it new ones';
    return undefined;
  }

  /** Its desktops that another one is to take the place of, those that nobody sits at first. */
  async #toMove(drain: Drain, sessions: ReadonlyMap<SessionId, Session>): Promise<Turn[]> {
    const { store, hostOf, online, epochOf } = this.#deps;
    const here = online();
    const { cloud, host } = drain;
    const there = (await store.desktops({ cloud, host })).filter((d) => (hostOf(d) ?? host) === host);
    return there
      .map((desktop) => ({ desktop, session: desktop.session && sessions.get(desktop.session) }))
      .filter(({ desktop, session }) => drainFate(desktop, session, drain, here) === 'moves')
      .sort((a, b) => Number(a.session !== undefined) - Number(b.session !== undefined))
      .map(({ desktop, session }) => ({
        drain: keyOf(drain),
        desktop,
        session,
        of: session ? `${session.id}/${session.generation}@${epochOf(session.tc)}` : '',
        at: 0,
      }));
  }

  /** Gives it a turn, with its whole warning; or keeps the one that it has. */
  #admit(wanted: Turn, free: Map<string, number>): void {
    const { clock, warn, warnMs, atOnce } = this.#deps;
    const { desktop, session } = wanted;
    const before = this.#turns.get(desktop.id);
    const pool = poolsFor(wanted).find((name) => (free.get(name) ?? 0) > 0);
    if (pool !== undefined) free.set(pool, free.get(pool)! - 1);
    else this.#reports.get(wanted.drain)!.held ??= noneReady(desktop.pool);
    if (before?.of === wanted.of) return;
    this.#turns.delete(desktop.id);
    if (pool === undefined || this.#turns.size + this.#underWay() >= atOnce) return;
    const at = clock.monotonic() + (session ? warnMs : 0);
    this.#turns.set(desktop.id, { ...wanted, at });
    if (session && warnMs > 0) warn(session, { code: 'desktop-moves-soon', at });
  }

  async #take(turn: Turn, drains: readonly Drain[]): Promise<void> {
    const { clock, swap, log, warn } = this.#deps;
    const { desktop, session, at } = turn;
    const drain = drains.find((one) => keyOf(one) === turn.drain);
    // Ended while the one before was moved.
    if (clock.monotonic() < at || !drain || this.#turns.get(desktop.id) !== turn) return;
    const seen = session && { state: session.state, generation: session.generation, tc: session.tc };
    const was = { session: session?.id, ...seen };
    const reason = `its host ${drain.host} is drained: ${drain.reason}`;
    try {
      const done = await swap(
        { desktop: desktop.id, origin: 'drain', reason, was },
        { kind: 'operator', name: drain.by },
      );
      // It waits for one, and stands where it is.
      if (done.kind === 'none-ready') {
        this.#reports.get(turn.drain)!.held ??= noneReady(desktop.pool);
        return;
      }
      this.#turns.delete(desktop.id);
      if (session) warn(session, undefined);
      if (session && done.kind === 'swapped') this.#between.set(session.id, clock.monotonic());
    } catch (error) {
      log.warn({ desktop: desktop.id, why: messageOf(error) }, 'a desktop could not be taken off its host');
    }
  }

  /** What is ready, and nobody waits for. */
  async #freeByPool(): Promise<Map<string, number>> {
    const { store, waitingFor } = this.#deps;
    const free = new Map<string, number>();
    for (const desktop of await store.desktops({ state: 'ready' })) {
      const { pool, cloud, host } = desktop;
      const goes = this.#drains.some((one) => one.cloud === cloud && one.host === host);
      if (isFree(desktop) && !goes) free.set(pool, (free.get(pool) ?? 0) + 1);
    }
    for (const [pool, count] of free) free.set(pool, count - waitingFor(pool));
    return free;
  }

  /** Everybody who has no picture for a swap, whoever wanted it. */
  #countBetween(live: readonly Session[]): void {
    const now = this.#deps.clock.monotonic();
    const open = new Set(live.filter(({ swap }) => swap !== undefined).map(({ id }) => id));
    for (const id of this.#between.keys()) if (!open.has(id)) this.#between.delete(id);
    for (const id of open) if (!this.#between.has(id)) this.#between.set(id, now);
  }

  #underWay(): number {
    const now = this.#deps.clock.monotonic();
    return [...this.#between.values()].filter((from) => now - from < ON_THE_WAY_MS).length;
  }

  #forgetTurns(which: (turn: Turn) => boolean): void {
    for (const [id, turn] of this.#turns) {
      if (!which(turn)) continue;
      this.#turns.delete(id);
      if (turn.session) this.#deps.warn(turn.session, undefined);
    }
  }

  #reportTurns(): void {
    const { clock } = this.#deps;
    for (const { drain, at } of this.#turns.values()) {
      const report = this.#reports.get(drain);
      if (!report) continue;
      const epoch = Math.round(clock.now() + at - clock.monotonic());
      report.moving++;
      report.nextAt = Math.min(report.nextAt ?? Infinity, epoch);
    }
  }
}

const keyOf = ({ cloud, host }: Pick<Drain, 'cloud' | 'host'>): string => `${cloud}/${host}`;

const noneReady = (pool: string): string => `no desktop is ready in pool ${pool} that nobody waits for`;

/** A binding stays in its pool. */
const poolsFor = ({ desktop, session }: Turn): readonly string[] =>
  desktop.state === 'leased' && session ? [...new Set([desktop.pool, ...session.pools])] : [desktop.pool];
