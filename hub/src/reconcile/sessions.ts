import type { Clock, Log } from '@anyseat/base';
import { theHub } from '../domain/audit.ts';
import { planSessions } from '../domain/planSessions.ts';
import type { Session, SessionEnd, SessionId, TcId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { Rounds } from './rounds.ts';

export interface SessionsDeps {
  store: Store;
  clock: Clock;
  log: Log;
  online: () => ReadonlySet<TcId>;
  isBeingAnswered: (session: Session) => boolean;
  /** Looks at what is live and confirmed too: reading ten thousand sessions is most of a look. */
  also?: (live: readonly Session[]) => Promise<void>;
  /**
   * A session is over: its TC is told, its pool is looked at. One that was unconfirmed is not told of: whoever is at that TC
   * may have had a later grant of it, and be at work.
   */
  onEnded: (session: Session, end: SessionEnd, wasUnconfirmed: boolean) => void;
}

const EVERY_MS = 5000;
/** Of the time between two looks no more than this counts: a hub that stood still has heard nobody, and nobody could speak. */
const LOOKED_AWAY_MS = 3 * EVERY_MS;

/**
 * Ends the sessions that are over. Durations are counted on the monotonic clock from when this hub first saw the
 * session as it is: a jump of the wall clock, or a hub that was away, ends nobody's work.
 */
export class Sessions implements AsyncDisposable {
  readonly #deps: SessionsDeps;
  readonly #rounds: Rounds;
  readonly #seen = new Map<SessionId, { stateSince: number; stateFrom: number; heardFrom: number }>();
  #lookedAt: number | undefined;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      clock: deps.clock,
      log: deps.log,
      restMs: EVERY_MS,
      atOnce: true,
      failed: 'the look at the sessions failed',
      round: () => this.look(),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#rounds[Symbol.asyncDispose]();
  }

  /** One look at all live sessions. */
  async look(): Promise<void> {
    const { store, clock, online, isBeingAnswered, log, onEnded, also } = this.#deps;
    const sessions = await store.sessions({ live: true });
    const unconfirmed = await store.unconfirmedDesktops();
    const isUnconfirmed = ({ desktop }: Session) => desktop !== undefined && unconfirmed.has(desktop);
    const now = clock.monotonic();
    const here = online();
    this.#remember(sessions, here, now);
    const over = planSessions({
      sessions,
      online: here,
      isBeingAnswered,
      isUnconfirmed,
      inStateMs: (s) => now - this.#seen.get(s.id)!.stateFrom,
      silentMs: (s) => now - this.#seen.get(s.id)!.heardFrom,
      graceMs: (s) => (s.graceUntil ?? s.stateSince) - s.stateSince,
    });
    for (const { session, end } of over) {
      // Its person may have come back while the ones before it were ended.
      const ended = await store.endSession(session.id, end, theHub, session);
      if (!ended) continue;
      log.info({ session: session.id, end }, 'session ended');
      onEnded(ended, end, isUnconfirmed(session));
    }
    await also?.(sessions.filter((session) => !isUnconfirmed(session)));
  }

  #remember(sessions: readonly Session[], online: ReadonlySet<TcId>, now: number): void {
    const live = new Set(sessions.map((s) => s.id));
    const unseenMs = Math.max(0, now - (this.#lookedAt ?? now) - LOOKED_AWAY_MS);
    this.#lookedAt = now;
    for (const [id, seen] of this.#seen) {
      if (!live.has(id)) this.#seen.delete(id);
      seen.stateFrom += unseenMs;
      seen.heardFrom += unseenMs;
    }
    for (const session of sessions) {
      const seen = this.#seen.get(session.id);
      if (!seen) {
        this.#seen.set(session.id, { stateSince: session.stateSince, stateFrom: now, heardFrom: now });
        continue;
      }
      if (seen.stateSince !== session.stateSince) {
        seen.stateSince = session.stateSince;
        seen.stateFrom = now;
        seen.heardFrom = now;
      }
      if (online.has(session.tc)) seen.heardFrom = now;
    }
  }
}
