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
   * Gives it a turn, with its whole warning; or keeps the one that it has.
   * @param free ready desktops by pool, of which this takes one
   * @returns whether there was one
   */
  admit(one: ToMove, free: Map<string, number>): boolean {
    const { clock, warn, warnMs, atOnce, epochOf } = this.#deps;
    const { desktop, session } = one;
    const of = session ? `${session.id}/${session.generation}@${epochOf(session.tc)}` : '';
    const before = this.#turns.get(desktop.id);
    const pool = poolsFor(one).find((name) => (free.get(name) ?? 0) > 0);
    if (pool !== undefined) free.set(pool, free.get(pool)! - 1);
    if (before?.of === of) return pool !== undefined;
    this.#turns.delete(desktop.id);
    if (pool === undefined || this.#turns.size + this.#underWay() >= atOnce) return pool !== undefined;
    const at = clock.monotonic() + (session ? warnMs : 0);
    this.#turns.set(desktop.id, { ...one, of, at });
    if (session && warnMs > 0) warn(session, { code: 'desktop-moves-soon', at });
    return true;
  }

  /** Takes turns back, and the warnings with them. */
  forget(which: (turn: ToMove) => boolean): void {
    for (const [id, turn] of this.#turns) {
      if (!which(turn)) continue;
      this.#turns.delete(id);
      if (turn.session) this.#deps.warn(turn.session, undefined);
    }
  }

  /**
   * Moves whose time has come. Who cannot be, because nothing is ready, stands where they are, and has their turn still.
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
    const { clock, swap, log, warn } = this.#deps;
    const { desktop, session } = turn;
    const seen = session && { state: session.state, generation: session.generation, tc: session.tc };
    const was = { session: session?.id, ...seen };
    const why = `its host ${host} is drained: ${reason}`;
    try {
      const order = { desktop: desktop.id, origin: 'drain' as const, reason: why, was };
      const done = await swap(order, { kind: 'operator', name: by });
      if (done.kind === 'none-ready') return noneReady(turn);
      this.#turns.delete(desktop.id);
      if (session) warn(session, undefined);
      if (session && done.kind === 'swapped') this.#between.set(session.id, clock.monotonic());
    } catch (error) {
      log.warn({ desktop: desktop.id, why: messageOf(error) }, 'a desktop could not be taken off its host');
    }
  }

  #underWay(): number {
    const now = this.#deps.clock.monotonic();
    return [...this.#between.values()].filter((from) => now - from < ON_THE_WAY_MS).length;
  }
}

/** A binding stays in its pool. */
const poolsFor = ({ desktop, session }: ToMove): readonly string[] =>
  desktop.state === 'leased' && session ? [...new Set([desktop.pool, ...session.pools])] : [desktop.pool];
