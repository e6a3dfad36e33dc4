import type { Session, TcId } from './session.ts';

/** Somebody logs in at this TC and seat. */
export interface Arrival {
  tc: TcId | undefined;
  seat: string;
  /** How many sessions their allocator lets them have at once. */
  most: number;
  /** TCs that are connected; without them every session counts as one that is not in use. */
  online: ReadonlySet<TcId> | undefined;
}

/**
 * Which of a person's live sessions a login takes up; undefined: it opens a new one. The one that is here already; else one
 * that nobody is at, since who comes back finds their desktop; else, when they have as many as they may, the one that began
 * first. A desktop that belongs to a seat or a TC is taken to another only when there is no room for a new session.
 *
 * @param live of this person, any order
 */
export function takenUp(live: readonly Session[], { tc, seat, most, online }: Arrival): Session | undefined {
  const inOrder = live.toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
  const here = inOrder.find((session) => session.tc === tc);
  if (here) return here;
  const idle = inOrder.filter((session) => !isInUse(session, online));
  const free = idle.find((session) => !staysAtItsPlace(session, { tc, seat }));
  if (free) return free;
  return inOrder.length < most ? undefined : (idle[0] ?? inOrder[0]);
}

/** Somebody works with it, or waits, at a TC that is there. */
const isInUse = (session: Session, online: ReadonlySet<TcId> | undefined): boolean =>
  session.state !== 'away' && online?.has(session.tc) === true;

/** A desktop that belongs to a seat or a TC does not follow the person to another one. */
export const staysAtItsPlace = (
  session: Pick<Session, 'binding' | 'seat' | 'tc'>,
  there: { seat: string; tc: TcId | undefined },
): boolean =>
  (session.binding === 'seat' && session.seat !== there.seat) ||
  (session.binding === 'tc' && session.tc !== there.tc);
