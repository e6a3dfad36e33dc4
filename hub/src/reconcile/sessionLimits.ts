import { HOUR, MINUTE, SECOND, type Clock, type Log } from '@anyseat/base';
import { theHub } from '../domain/audit.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { hoursLeftMs, limitsNear, type NearLimit } from '../domain/sessionLimits.ts';
import type { Session, SessionEnd, SessionId, TcId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';

export interface SessionLimitsDeps {
  store: Pick<Store, 'endSession' | 'lockSession'>;
  catalogue: () => Catalogue;
  clock: Clock;
  log: Log;
  /** The connection of a TC, by its epoch; undefined while there is none. */
  epochOf: (tc: TcId) => number | undefined;
  /** Since anything was touched at the seat of a session; undefined where nobody knows. */
  idleMs: (session: Session) => number | undefined;
  graceMs: (session: Session) => number;
  /** On the screen of the seat, or taken back. `at` is monotonic. */
  warn: (session: Session, warning: { code: string; at: number } | undefined) => void;
  /** After each round: the sessions that there are. */
  onLooked: (live: ReadonlySet<SessionId>) => void;
  onEnded: (session: Session, end: SessionEnd) => void;
  onLocked: (session: Session) => void;
}

/** A seat says four times a minute what was touched: whoever moved the mouse at the last moment is not ended for that. */
const LAST_WORD_MS = 20 * SECOND;

const ends = { idle: 'idle-too-long', 'too-long': 'session-too-long', 'hours-over': 'hours-over' } as const;
const soon = {
  lock: { idle: 'idle-lock-soon', 'too-long': 'session-time-soon', 'hours-over': 'hours-over-soon' },
  logOff: { idle: 'idle-logoff-soon', 'too-long': 'session-time-soon', 'hours-over': 'hours-over-soon' },
} as const;

/** The end of hours is told so long before. */
const TOLD_BEFORE_MS = 12 * HOUR;

/** When a session reaches a limit of its allocator, if nothing changes. */
export interface KnownLimit extends Pick<NearLimit, 'kind' | 'action' | 'inMs'> {
  /** It stands on the screen. */
  warned: boolean;
}

interface Seen {
  /** What the age was by the wall clock when this hub first saw the session; from there on it is counted by the other. */
  ageMs: number;
  from: number;
  /** Which grant on which connection was warned, and when each limit is reached then, monotonic. */
  warned: { of: string; ends: Map<NearLimit['kind'], number> } | undefined;
}

/**
 * Ends sessions that have lasted, or were left idle, for longer than their allocator lets them: after the whole warning has
 * stood on the screen of a seat that was there all the time. So a hub that starts, a clock that is set and a line that is
 * broken end nobody's work: whoever comes back is warned anew. Silence is not idleness.
 */
export class SessionLimits {
  readonly #deps: SessionLimitsDeps;
  readonly #seen = new Map<SessionId, Seen>();
  #hoursAt: { minute: number; left: Map<string, number | undefined> } = { minute: 0, left: new Map() };

  constructor(deps: SessionLimitsDeps) {
    this.#deps = deps;
  }

  /** One look at all live sessions. To be called every few seconds. */
  async look(sessions: readonly Session[]): Promise<void> {
    const live = new Set(sessions.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!live.has(id)) this.#seen.delete(id);
    for (const session of sessions)
      if (session.policy?.idle || session.policy?.atMost) await this.#lookAt(session);
    this.#deps.onLooked(live);
  }

  /** When a session reaches the limits of its allocator, the nearest first; those that nobody can tell now are left out. */
  known(session: Session): KnownLimit[] {
    const { clock, catalogue, idleMs, epochOf } = this.#deps;
    const { idle, atMost } = session.policy ?? {};
    const now = clock.monotonic();
    const seen = this.#seen.get(session.id);
    const warned = seen?.warned?.ends;
    const limits: KnownLimit[] = [];
    // Nothing ends without its whole warning, whatever time it is.
    const add = ({ kind, action, warnMs }: Omit<NearLimit, 'inMs'>, inMs: number | undefined) => {
      const end = warned?.get(kind);
      if (end !== undefined) limits.push({ kind, action, inMs: Math.max(0, end - now), warned: true });
      else if (inMs !== undefined) limits.push({ kind, action, inMs: Math.max(warnMs, inMs), warned: false });
    };
    const isThere = session.state === 'connected' && epochOf(session.tc) !== undefined;
    const idleFor = idle && isThere ? idleMs(session) : undefined;
    if (idle && idleFor !== undefined) add({ kind: 'idle', ...idle }, idle.afterMs - idleFor);
    const { warnMs = 0 } = atMost ?? {};
    const logOff = { action: 'logOff', warnMs } as const;
    const age = seen ? seen.ageMs + now - seen.from : clock.now() - session.startedAt;
    if (atMost?.ms !== undefined) add({ kind: 'too-long', ...logOff }, atMost.ms - age);
    const timeZone = catalogue().sites.get(session.site)?.spec.timeZone;
    if (atMost?.hours && timeZone)
      add({ kind: 'hours-over', ...logOff }, this.#hoursLeft(atMost.hours, timeZone));
    return limits.sort((a, b) => a.inMs - b.inMs);
  }

  /** The same for all sessions of an allocator at a site: reckoned once a minute. */
  #hoursLeft(hours: readonly string[], timeZone: string): number | undefined {
    const now = this.#deps.clock.now();
    const minute = Math.floor(now / MINUTE);
    if (this.#hoursAt.minute !== minute) this.#hoursAt = { minute, left: new Map() };
    const key = JSON.stringify([timeZone, hours]);
    const { left } = this.#hoursAt;
    if (!left.has(key)) left.set(key, hoursLeftMs(hours, now, timeZone, TOLD_BEFORE_MS));
    return left.get(key);
  }

  async #lookAt(session: Session): Promise<void> {
    const { clock, epochOf, warn } = this.#deps;
    const seen = this.#seenOf(session);
    const epoch = epochOf(session.tc);
    const works = session.state === 'connected';
    const near = epoch !== undefined && works ? this.#near(session, seen) : [];
    if (near.length === 0) {
      if (seen.warned) warn(session, undefined);
      seen.warned = undefined;
      return;
    }
    const of = `${session.generation}@${epoch}`;
    const before = seen.warned?.of === of ? seen.warned.ends : undefined;
    const now = clock.monotonic();
    const ends = new Map(
      near.map(({ kind, inMs, warnMs }) => [kind, before?.get(kind) ?? now + Math.max(inMs, warnMs)]),
    );
    seen.warned = { of, ends };
    const over = near.find(({ kind }) => now >= ends.get(kind)! + (kind === 'idle' ? LAST_WORD_MS : 0));
    if (over) return this.#end(session, over);
    const [first] = near.toSorted((a, b) => ends.get(a.kind)! - ends.get(b.kind)!);
    warn(session, { code: soon[first!.action][first!.kind], at: ends.get(first!.kind)! });
  }

  #near(session: Session, seen: Seen): NearLimit[] {
    const { catalogue, clock, idleMs } = this.#deps;
    const policy = session.policy!;
    const timeZone = catalogue().sites.get(session.site)?.spec.timeZone;
    const { hours, warnMs = 0 } = policy.atMost ?? {};
    return limitsNear(policy, {
      ageMs: seen.ageMs + clock.monotonic() - seen.from,
      idleMs: idleMs(session),
      hoursLeftMs: hours && timeZone ? hoursLeftMs(hours, clock.now(), timeZone, warnMs) : undefined,
    });
  }

  async #end(session: Session, { kind, action }: NearLimit): Promise<void> {
    const { store, log, clock, graceMs, onEnded, onLocked } = this.#deps;
    const { id, tc, generation, user } = session;
    if (action === 'lock') {
      const locked = await store.lockSession(id, clock.now() + graceMs(session), theHub, { tc, generation });
      if (!locked) return;
      log.info({ session: id, user }, 'session locked: nobody touched its seat');
      onLocked(locked);
      return;
    }
    const ended = await store.endSession(id, ends[kind], theHub, { tc, generation });
    if (!ended) return;
    log.info({ session: id, user, end: ends[kind] }, 'session ended');
    onEnded(ended, ends[kind]);
  }

  #seenOf({ id, startedAt }: Session): Seen {
    const { clock } = this.#deps;
    let seen = this.#seen.get(id);
    if (!seen) {
      seen = { ageMs: Math.max(0, clock.now() - startedAt), from: clock.monotonic(), warned: undefined };
      this.#seen.set(id, seen);
    }
    return seen;
  }
}
