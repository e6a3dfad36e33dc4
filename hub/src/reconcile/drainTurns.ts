import { MINUTE, messageOf, type Clock, type Log } from '@anyseat/base';
import type { Actor } from '../domain/audit.ts';
import type { Desktop, DesktopId } from '../domain/desktop.ts';
import type { Drain } from '../domain/drain.ts';
import type { Session, SessionId, TcId } from '../domain/session.ts';
import type { SwapOrder, Swapped } from '../store/store.ts';

export interface DrainTurnsDeps {
  /** The connection of a TC; undefined while there is none. */
  epochOf: (tc: TcId) => number | undefined;
  swap: (order: SwapOrder, by: Actor) => Promise<Swapped>;
  /** On the screen of the seat, or taken back. `at` is monotonic. */
  warn: (session: Session, warning: { code: string; at: number } | undefined) => void;
  atOnce: number;
  warnMs: number;
  clock: Clock;
  log: Log;
}

/** A desktop that another one is to take the place of, and who is on it. */
export interface ToMove {
  drain: Drain;
  desktop: Desktop;
  session: Session | undefined;
}

interface Turn extends ToMove {
  /** Which grant on which connection was warned. */
  of: string;
  /** Monotonic ms. */
  at: number;
  /** The pool that has one ready for it by this look; undefined while none has. */
  pool: string | undefined;
}

/** So long after a swap its person counts as being moved; a seat that does not come for its desktop holds up nobody else. */
const ON_THE_WAY_MS = 2 * MINUTE;

/**
 * Who is taken off a host that is drained, and when: a few at a time, each warned on the screen first, and only where a desktop is
 * ready that nobody waits for. Whoever logs off, loses the line or is granted anew meanwhile has no turn any more, and a new warning
 * with the next one. In memory: a hub that starts warns anew.
 */
export class DrainTurns {
  readonly #deps: DrainTurnsDeps;
  readonly #turns = new Map<DesktopId, Turn>();
  /** Whose swap is open, whoever wanted it, and since when this hub has seen that; monotonic ms. */
  readonly #between = new Map<SessionId, number>();

  constructor(deps: DrainTurnsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#turns.size;
  }

  /** Everybody who has no picture for a swap counts as being moved. */
  countBetween(live: readonly Session[]): void {
    const now = this.#deps.clock.monotonic();
    const open = new Set(live.filter(({ swap }) => swap !== undefined).map(({ id }) => id));
    for (const id of this.#between.keys()) if (!open.has(id)) this.#between.delete(id);
    for (const id of open) if (!this.#between.has(id)) this.#between.set(id, now);
  }

  /**
   * Those that have a turn come first to what is ready, then the others in their order. Whoever is not to be moved any more
   * loses their turn.
   * @param free ready desktops by pool, which this counts down
   * @returns those that none is ready for
   */
  admit(wanted: readonly ToMove[], free: Map<string, number>): ToMove[] {
    const of = new Map(wanted.map((one) => [one.desktop.id, this.#grantOf(one)]));
    this.forget(({ desktop }) => !of.has(desktop.id));
    // Told to an older grant, or on a connection that is gone: not told.
    const old = [...this.#turns.values()].filter((turn) => of.get(turn.desktop.id) !== turn.of);
    for (const { desktop } of old) this.#turns.delete(desktop.id);
    for (const turn of this.#turns.values()) turn.pool = takeOne(turn, free);
    const none = [...this.#turns.values()]
      .filter(({ pool }) => pool === undefined)
      .map((turn): ToMove => turn);
    for (const one of wanted.filter(({ desktop }) => !this.#turns.has(desktop.id))) {
      const pool = takeOne(one, free);
      if (pool === undefined) none.push(one);
      else this.#begin({ ...one, of: of.get(one.desktop.id)!, at: 0, pool });
    }
    for (const { desktop, session } of old)
      if (session && !this.#turns.has(desktop.id)) this.#deps.warn(session, undefined);
    return none;
  }

  #grantOf({ session }: ToMove): string {
    return session ? `${session.id}/${session.generation}@${this.#deps.epochOf(session.tc)}` : '';
  }

  /** Its turn, with its whole warning, unless enough are moved just now. */
  #begin(turn: Turn): void {
    const { clock, warn, warnMs, atOnce } = this.#deps;
    const { desktop, session } = turn;
    if (this.#turns.size + this.#underWay() >= atOnce) return;
    const at = clock.monotonic() + (session ? warnMs : 0);
    this.#turns.set(desktop.id, { ...turn, at });
    if (session && warnMs > 0) warn(session, { code: 'desktop-moves-soon', at });
  }

  /** Takes turns back, and the warnings with them. */
  forget(which: (turn: ToMove) => boolean): void {
    for (const turn of this.#turns.values()) if (which(turn)) this.#drop(turn);
  }

  /**
   * Moves whose time has come. Who cannot be, because nothing is ready, stays where they are, and has no turn any more: they hold
   * up nobody of another pool, and are told anew before it happens after all.
   * @param standing what operators want by now: it may have changed while the one before was moved
   * @param noneReady told of each of those
   */
  async take(
    standing: (turn: ToMove) => Drain | undefined,
    noneReady: (turn: ToMove) => void,
  ): Promise<void> {
    for (const turn of this.#turns.values()) {
      const drain = standing(turn);
      if (drain && this.#deps.clock.monotonic() >= turn.at) await this.#move(turn, drain, noneReady);
    }
  }

  /** How many of a host's have their turn, and when the next of them goes, epoch ms. */
  report({ cloud, host }: Pick<Drain, 'cloud' | 'host'>): { moving: number; nextAt: number | undefined } {
    const { clock } = this.#deps;
    const own = [...this.#turns.values()].filter(({ drain }) => drain.cloud === cloud && drain.host === host);
    if (own.length === 0) return { moving: 0, nextAt: undefined };
    const next = Math.min(...own.map(({ at }) => at));
    return { moving: own.length, nextAt: Math.round(clock.now() + next - clock.monotonic()) };
  }

  async #move(turn: Turn, { host, reason, by }: Drain, noneReady: (turn: ToMove) => void): Promise<void> {
    const { clock, swap, log } = this.#deps;
    const { desktop, session, pool } = turn;
    const seen = session && { state: session.state, generation: session.generation, tc: session.tc };
    const was = { session: session?.id, ...seen };
    const why = `its host ${host} is drained: ${reason}`;
    try {
      if (pool === undefined) return noneReady(turn);
      const order = { desktop: desktop.id, origin: 'drain' as const, reason: why, was, pool };
      const done = await swap(order, { kind: 'operator', name: by });
      if (done.kind === 'none-ready') return noneReady(turn);
      if (session && done.kind === 'swapped') this.#between.set(session.id, clock.monotonic());
    } catch (error) {
      log.warn({ desktop: desktop.id, why: messageOf(error) }, 'a desktop could not be taken off its host');
    } finally {
      if (this.#turns.get(desktop.id) === turn) this.#drop(turn);
    }
  }

  #drop({ desktop, session }: ToMove): void {
    this.#turns.delete(desktop.id);
    if (session) this.#deps.warn(session, undefined);
  }

  #underWay(): number {
    const now = this.#deps.clock.monotonic();
    return [...this.#between.values()].filter((from) => now - from < ON_THE_WAY_MS).length;
  }
}

/** Its own pool first, if its allocator gives it still; a binding stays in its pool. */
const poolsFor = ({ desktop: { state, pool }, session }: ToMove): readonly string[] =>
  state === 'leased' && session
    ? [pool, ...session.pools].filter((name) => session.pools.includes(name))
    : [pool];

/** Sets one aside for it. @returns of which pool; undefined where none is ready that nobody waits for */
function takeOne(one: ToMove, free: Map<string, number>): string | undefined {
  const pool = poolsFor(one).find((name) => (free.get(name) ?? 0) > 0);
  if (pool !== undefined) free.set(pool, free.get(pool)! - 1);
  return pool;
}
