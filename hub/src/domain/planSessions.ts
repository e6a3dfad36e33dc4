import { HOUR, MINUTE } from '@anyseat/base';
import type { Session, SessionEnd, TcId } from './session.ts';

/** A session as the hub knows it beyond its row: who is connected, and how long ago things were by a clock that never jumps. */
export interface SessionWorld {
  sessions: readonly Session[];
  online: ReadonlySet<TcId>;
  /** Whether somebody at its TC waits for an answer of this hub. */
  isBeingAnswered: (session: Session) => boolean;
  /** Milliseconds for which a session has been in its state, or for which its TC has been silent: monotonic. */
  inStateMs: (session: Session) => number;
  silentMs: (session: Session) => number;
  graceMs: (session: Session) => number;
  /** It is as it stood in a backup, and its seat has not shown since that it is so. */
  isUnconfirmed: (session: Session) => boolean;
}

/** How long a place in the queue survives a TC that is not there. */
const QUEUE_PATIENCE = 2 * MINUTE;
/** And a place that nobody asks for any more, at a TC that is there. */
const FORGOTTEN_PLACE = 5 * MINUTE;
/** A seat that is there starts its viewer at once and says so; one that does not was given up by its person. */
const UNOPENED = 10 * MINUTE;
/** Silence never ends a session, but for this long limit (rule 10). */
export const SILENCE_LIMIT = 12 * HOUR;
/** So much of a site silent at once is a broken line, not people who went home: the limit stands still. */
const MASS_SILENCE = 0.25;
const MASS_SILENCE_LEAST = 5;

/** Which sessions are over, and why. Pure. */
export function planSessions(world: SessionWorld): { session: Session; end: SessionEnd }[] {
  const frozen = silentSites(world);
  return world.sessions.flatMap((session): { session: Session; end: SessionEnd }[] => {
    const end = whyOver(session, world, frozen);
    return end ? [{ session, end }] : [];
  });
}

function whyOver(session: Session, world: SessionWorld, frozen: ReadonlySet<string>): SessionEnd | undefined {
  // Its person may be at another seat by now: neither grace nor a seat that knows nothing of it says anything.
  if (world.isUnconfirmed(session))
    return world.inStateMs(session) >= SILENCE_LIMIT ? 'silent-too-long' : undefined;
  if (session.state === 'away')
    return world.inStateMs(session) >= world.graceMs(session) ? 'grace-over' : undefined;
  const inStateMs = world.inStateMs(session);
  if (session.state === 'waiting') {
    if (world.isBeingAnswered(session)) return undefined;
    const gone = world.silentMs(session) >= QUEUE_PATIENCE || inStateMs >= FORGOTTEN_PLACE;
    return gone ? 'cancelled' : undefined;
  }
  if (world.online.has(session.tc)) {
    const unopened = session.state === 'opening' && !world.isBeingAnswered(session) && inStateMs >= UNOPENED;
    if (!unopened) return undefined;
    return session.generation > 1 ? 'grace-over' : 'cancelled';
  }
  if (frozen.has(session.site)) return undefined;
  return world.silentMs(session) >= SILENCE_LIMIT ? 'silent-too-long' : undefined;
}

/** Sites of which so many seats are silent together that it is the line, or the hub itself. */
function silentSites({ sessions, online }: SessionWorld): ReadonlySet<string> {
  const counts = new Map<string, { silent: number; all: number }>();
  for (const session of sessions) {
    if (session.state === 'away' || session.state === 'waiting') continue;
    const count = counts.get(session.site) ?? { silent: 0, all: 0 };
    count.all++;
    if (!online.has(session.tc)) count.silent++;
    counts.set(session.site, count);
  }
  const silent = [...counts].filter(
    ([, { silent, all }]) => silent >= MASS_SILENCE_LEAST && silent / all >= MASS_SILENCE,
  );
  return new Set(silent.map(([site]) => site));
}
