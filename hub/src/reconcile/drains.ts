import { MINUTE, messageOf, toFault } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { Actor } from '../domain/audit.ts';
import { isFree, type Desktop } from '../domain/desktop.ts';
import { drainFate, type Drain } from '../domain/drain.ts';
import { areManyDown, type CloudHost } from '../domain/hosts.ts';
import type { Session, SessionId, TcId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { DrainTurns, type DrainTurnsDeps, type ToMove } from './drainTurns.ts';

export interface DrainsDeps extends DrainTurnsDeps {
  store: Pick<Store, 'drains' | 'drainHost' | 'drainIsTold' | 'endDrain' | 'desktops'>;
  clouds: ReadonlyMap<string, Cloud>;
  /** As last seen; undefined while nothing is known. */
  hostsOf: (cloud: string) => readonly CloudHost[] | undefined;
  /** Where a server is by the last listing; undefined where that is not told. */
  hostOf: (desktop: Desktop) => string | undefined;
  online: () => ReadonlySet<TcId>;
  waitingFor: (pool: string) => number;
}

/** What a drain is busy with, for operators. */
export interface DrainReport {
  /** Who is being moved: warned by now, and when the next of them goes (epoch ms). */
  moving: number;
  nextAt: number | undefined;
  /** Why nobody is moved just now, though somebody is to be. */
  held: string | undefined;
}

/** A cloud that cannot be told now is asked again so long after. */
const TELL_AGAIN_MS = MINUTE;

/**
 * Empties compute hosts as operators said, level by level: what is written in the store is what is wanted, and every look does what is
 * missing still, after any crash. A person is warned on the screen first, is moved only to a desktop that is ready, and never
 * more than `atOnce` at once, over all hosts. Nothing is asked of anybody while no host is drained.
 */
export class Drains implements AsyncDisposable {
  readonly #deps: DrainsDeps;
  #drains: readonly Drain[] = [];
  readonly #turns: DrainTurns;
  /** Why nobody is moved off a host just now. */
  readonly #held = new Map<string, string>();
  readonly #stop = new AbortController();
  /** Those that an operator's own request tells the cloud of just now, of either. */
  readonly #beginning = new Set<string>();
  #telling: Promise<void> | undefined;
  /** Which host it is telling the cloud of just now. */
  #tellingOf: string | undefined;
  #tellAgainAt = -Infinity;

  constructor(deps: DrainsDeps) {
    this.#deps = deps;
    this.#turns = new DrainTurns(deps);
  }

  async load(): Promise<void> {
    this.#drains = await this.#deps.store.drains();
  }

  /** As they stand now. */
  get all(): readonly Drain[] {
    return this.#drains;
  }

  report(drain: Pick<Drain, 'cloud' | 'host'>): DrainReport {
    const turns = this.#turns.report(drain);
    return { ...turns, held: turns.moving > 0 ? undefined : this.#held.get(keyOf(drain)) };
  }

  /**
   * Written first, then told to the cloud; one that the cloud refuses is none, and one that is said again then moves nobody whom it
   * did not move before.
   */
  async begin(
    wanted: Parameters<Store['drainHost']>[0],
    by: Actor,
    cloud: Cloud,
    signal: AbortSignal,
  ): Promise<void> {
    const { store } = this.#deps;
    const key = keyOf(wanted);
    const before = this.#drains.find((one) => keyOf(one) === key);
    const { people, bound } = before ?? wanted;
    const first = { ...wanted, people: people && wanted.people, bound: bound && wanted.bound };
    this.#beginning.add(key);
    try {
      await store.drainHost(first, by);
      await this.load();
      await cloud.enableHost(wanted.host, false, wanted.reason, signal);
      await store.drainIsTold(wanted);
      if (first.people !== wanted.people || first.bound !== wanted.bound) await store.drainHost(wanted, by);
    } catch (error) {
      if (!before) await store.endDrain(wanted, by, `the cloud was told, and it failed: ${messageOf(error)}`);
      throw error;
    } finally {
      this.#beginning.delete(key);
      await this.load();
    }
  }

  /**
   * Nobody is moved any more from here on, whatever the cloud says to the rest. The drain itself is over once the cloud has the host
   * enabled: a hub that dies before that, or a cloud that is down, leaves one that everybody sees, and that is ended by saying so again.
   */
  async end(
    host: Pick<Drain, 'cloud' | 'host'>,
    by: Actor,
    cloud: Cloud,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { store } = this.#deps;
    const key = keyOf(host);
    const drain = this.#drains.find((one) => keyOf(one) === key);
    this.#beginning.add(key);
    try {
      if (drain?.people || drain?.bound) await store.drainHost({ ...drain, people: false, bound: false }, by);
      await this.load();
      this.#turns.forget((turn) => keyOf(turn.drain) === key);
      // What is being said of this host is said before.
      if (this.#tellingOf === key) await this.#telling;
      await cloud.enableHost(host.host, true, '', signal);
      return await store.endDrain(host, by, 'resumed');
    } catch (error) {
      // It will never take it: there is no such host any more, or somebody has to enable it by hand.
      const { retry, message } = toFault(error);
      if (retry === 'terminal' || retry === 'refused')
        await store.endDrain(host, by, `resumed, and the cloud does not enable it: ${message}`);
      throw error;
    } finally {
      this.#beginning.delete(key);
      await this.load();
    }
  }

  /** One look, with the live sessions of which nothing is in doubt. To be called every few seconds. */
  async look(live: readonly Session[]): Promise<void> {
    if (this.#drains.length === 0 && this.#turns.size === 0) return;
    const drains = this.#drains;
    this.#tellWhatIsUntold(drains);
    this.#turns.countBetween(live);
    const bySession = new Map(live.map((session) => [session.id, session]));
    const free = await this.#freeByPool();
    const wanted: ToMove[] = [];
    this.#held.clear();
    for (const drain of drains) {
      const held = this.#whyHeld(drain);
      if (held !== undefined) this.#held.set(keyOf(drain), held);
      if (held === undefined) wanted.push(...(await this.#toMove(drain, bySession)));
    }
    for (const one of this.#turns.admit(wanted, free)) this.#noteNoneReady(one);
    await this.#turns.take(
      (turn) => this.#standing(turn),
      (turn) => this.#noteNoneReady(turn),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the hub stops'));
    await this.#telling;
  }

  /** The drain of a turn as it stands now; undefined: nobody wants that move any more. */
  #standing({ drain, desktop, session }: ToMove): Drain | undefined {
    const now = this.#drains.find((one) => keyOf(one) === keyOf(drain));
    const mayMove = now && (!session || now.people) && (desktop.state === 'leased' || now.bound);
    return mayMove ? now : undefined;
  }

  #noteNoneReady({ drain, desktop: { pool } }: ToMove): void {
    const text = `no desktop is ready in pool ${pool} that nobody waits for`;
    if (!this.#held.has(keyOf(drain))) this.#held.set(keyOf(drain), text);
  }

  /** Beside the look: a cloud that hangs holds up nothing else. */
  #tellWhatIsUntold(drains: readonly Drain[]): void {
    const now = this.#deps.clock.monotonic();
    const untold = drains.some((drain) => !drain.told && !this.#beginning.has(keyOf(drain)));
    if (!untold || this.#telling || now < this.#tellAgainAt) return;
    this.#tellAgainAt = now + TELL_AGAIN_MS;
    this.#telling = this.#tellAll(drains);
  }

  /** What a hub that died said to the store, and not to the cloud any more. Never throws. */
  async #tellAll(drains: readonly Drain[]): Promise<void> {
    const { clouds, store, log } = this.#deps;
    for (const drain of drains) {
      const cloud = clouds.get(drain.cloud);
      const isStill = this.#drains.some((one) => keyOf(one) === keyOf(drain));
      if (drain.told || !cloud || !isStill || this.#beginning.has(keyOf(drain))) continue;
      try {
        this.#tellingOf = keyOf(drain);
        await cloud.enableHost(drain.host, false, drain.reason, this.#stop.signal);
        await store.drainIsTold(drain);
        await this.load();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        log.warn({ host: drain.host, why: messageOf(error) }, 'the cloud could not be told of a drain');
      }
    }
    this.#telling = undefined;
    this.#tellingOf = undefined;
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
  async #toMove(drain: Drain, sessions: ReadonlyMap<SessionId, Session>): Promise<ToMove[]> {
    const { store, hostOf, online } = this.#deps;
    const here = online();
    const { cloud, host } = drain;
    const there = (await store.desktops({ cloud, host })).filter((d) => (hostOf(d) ?? host) === host);
    return there
      .map((desktop) => ({ drain, desktop, session: desktop.session && sessions.get(desktop.session) }))
      .filter(({ desktop, session }) => drainFate(desktop, session, drain, here) === 'moves')
      .sort((a, b) => Number(a.session !== undefined) - Number(b.session !== undefined));
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
}

const keyOf = ({ cloud, host }: Pick<Drain, 'cloud' | 'host'>): string => `${cloud}/${host}`;
