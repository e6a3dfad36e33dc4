import type { Id } from '@anyseat/base';
import type { ViewerEnd, ViewerState } from '@anyseat/protocol';
import type { BindingKind } from './binding.ts';
import type { DesktopId, SessionId } from './desktop.ts';
import type { SessionPolicy } from './sessionPolicy.ts';
import type { OpenSwap } from './swap.ts';

export type { SessionId } from './desktop.ts';

export type TcId = Id<'tc'>;

/**
 * One person at one seat on one desktop, from login to end.
 *
 * - `waiting`: logged in, no desktop ready yet; has a place in the queue.
 * - `opening`: has a desktop; it is being proved, nothing has been granted yet.
 * - `connecting`: granted; the viewer is on its way.
 * - `connected`: the seat reported the picture.
 * - `away`: the seat reported that the viewer ended; the desktop waits for the person until the grace is over.
 * - `ended`: over, with the reason. The row is history.
 *
 * Silence is not a state here: a seat that says nothing keeps its session as it was (rule 10).
 */
export type SessionState = 'waiting' | 'opening' | 'connecting' | 'connected' | 'away' | 'ended';

export const sessionMoves: Readonly<Record<SessionState, readonly SessionState[]>> = {
  waiting: ['opening', 'ended'],
  opening: ['connecting', 'connected', 'away', 'waiting', 'ended'],
  // To `waiting`: its desktop was lost, and it is to have another.
  connecting: ['connected', 'away', 'opening', 'waiting', 'ended'],
  connected: ['away', 'connecting', 'opening', 'waiting', 'ended'],
  away: ['connecting', 'connected', 'opening', 'waiting', 'ended'],
  ended: [],
};

/** Why a session ended. */
export type SessionEnd =
  | 'logged-off'
  | 'cancelled'
  | 'grace-over'
  | 'silent-too-long'
  | 'ended-by-operator'
  | 'desktop-lost'
  | 'superseded'
  | 'no-desktop'
  /** Nobody touched its seat for as long as its allocator allows. */
  | 'idle-too-long'
  /** It lasted for as long as its allocator allows. */
  | 'session-too-long'
  /** The hours of its allocator are over. */
  | 'hours-over'
  /** The directory took away what it was given by. */
  | 'access-ended';

export interface Session {
  id: SessionId;
  state: SessionState;
  stateSince: number;
  /** The agent's request that began it; asking again gives the same answer. */
  requestId: string;
  tc: TcId;
  seat: string;
  site: string;
  /** `directory:key`, never the login name. */
  person: string;
  user: string;
  displayName: string;
  allocator: string;
  /** Pools to take a desktop from, in order of preference, as the allocator said at the login. */
  pools: readonly string[];
  binding: 'none' | BindingKind;
  /** As the allocator said at the login. */
  policy?: SessionPolicy;
  desktop: DesktopId | undefined;
  /** Grows with every grant; reports of an older one are dropped. 0 before the first. */
  generation: number;
  /** SHA-256 of the resume secret, hex. */
  secretHash: string | undefined;
  viewer: ViewerState | undefined;
  viewerEnd: ViewerEnd | undefined;
  /** While `away`: when the desktop is given up, epoch ms. */
  graceUntil: number | undefined;
  /** Milliseconds per stage of the login. */
  stages: Readonly<Record<string, number>>;
  startedAt: number;
  /** Its desktop was taken for a broken one, and the picture of the next is not there yet. */
  swap?: OpenSwap | undefined;
  /** Last word of the seat about this session, epoch ms. */
  heardAt: number;
  endedAt: number | undefined;
  end: SessionEnd | undefined;
}

/**
 * How a session came by its desktop just now: `new`: from the ready ones, nobody has seen it; `bound`: its own, and nobody
 * had it open; `held`: it had it all the time.
 */
export type Claim = 'new' | 'bound' | 'held';

export const isLive = (s: Pick<Session, 'state'>): boolean => s.state !== 'ended';

/** Its desktop was swapped, and no seat was told yet: it waits for another one, or has it and nobody has seen that. */
export const isUntold = ({
  swap,
  desktop,
  generation,
}: Pick<Session, 'swap' | 'desktop' | 'generation'>): boolean =>
  swap !== undefined && (desktop === undefined || (swap.untold === true && generation === swap.first));

/** Somebody works with it at another TC, which is there to say so; one that is silent or away is nobody's to keep. */
export const isUsedElsewhere = (
  session: Pick<Session, 'tc' | 'desktop' | 'state'>,
  tc: TcId | undefined,
  online: ReadonlySet<TcId>,
): boolean =>
  session.tc !== tc &&
  session.desktop !== undefined &&
  (session.state === 'connected' || session.state === 'connecting' || session.state === 'opening') &&
  online.has(session.tc);
