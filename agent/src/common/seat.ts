import type { Display, ViewerSettings, FromTc, ToTc, ViewerEnd, ViewerReport } from '@anyseat/protocol';
import type { Intent } from './bridge.ts';
import { firstLink, welcomeOf, type LinkNews, type LinkState } from './linkState.ts';
import {
  askOf,
  sessionOf,
  type HeldSession,
  type LoggedOut,
  type SessionState,
  type ViewerEnded,
} from './sessionState.ts';

/** A session that is over here, and of which the hub has to be told. */
export interface Logoff {
  requestId: string;
  sessionId: string;
  secret: string;
}

/** All that the agent knows, in one value; `step` moves it. */
export interface Seat {
  link: LinkState;
  session: SessionState;
  /** The request by which a running session is picked up on a new connection. */
  attaching?: string | undefined;
  /** When to ask that again after the hub was too busy for it, monotonic ms. */
  attachAt?: number | undefined;
  /** Said to the hub as soon as there is one, again at each connection until it is answered. */
  logoffs: readonly Logoff[];
  /** Requests to take back as soon as there is a hub. */
  cancels: readonly string[];
  /** Requests that nobody waits for any more: a grant that still comes for one is given back. */
  dropped: readonly string[];
}

/** What happened. */
export type SeatEvent =
  | { kind: 'link'; news: LinkNews }
  | { kind: 'frame'; frame: AnswerFrame }
  | { kind: 'intent'; intent: SeatIntent }
  | { kind: 'viewer'; run: string; news: ViewerNews }
  | { kind: 'tick' };

/** Frames that speak of people and sessions; those that speak of the connection are `LinkNews`. */
export type AnswerFrame = Exclude<
  ToTc,
  { type: 'challenge' | 'welcome' | 'pending' | 'rejected' | 'command' }
>;

/** Passwords go past this state: they are in the core's hands from the keyboard to the socket. */
export type SeatIntent =
  | { type: 'login'; user: string; requestId: string }
  | { type: 'changePassword'; user: string; requestId: string }
  | Exclude<
      Intent,
      { type: 'login' | 'changePassword' | 'setLanguage' | 'readMessage' | 'denyMessage' | 'closeMenu' }
    >;

export type ViewerNews =
  { state: 'connecting' } | { state: 'connected'; tookMs: number } | { state: 'ended'; end: ViewerEnd };

/** What to do about it. Everything else follows from the state: the report, what is kept on disk, which viewer may run. */
export type Effect =
  | { do: 'say'; frame: Saying }
  | { do: 'open'; run: string; display: Display; viewer?: ViewerSettings | undefined; session: HeldSession };

/** A frame to the hub; a login and a change still without their passwords and language, a resume without its language. */
export type Saying =
  | { type: 'login'; requestId: string; user: string }
  | { type: 'changePassword'; requestId: string; user: string }
  | Omit<Extract<FromTc, { type: 'resume' }>, 'language'>
  | Omit<Extract<FromTc, { type: 'replace' }>, 'language'>
  | Extract<FromTc, { type: 'cancel' | 'confirm' | 'logoff' }>;

export interface Stepped {
  seat: Seat;
  effects: readonly Effect[];
}

/** What a step may ask of the world. */
export interface World {
  /** Epoch ms, for what people read. */
  now: number;
  /** Ms since an arbitrary start, for deadlines: the clock of a box without a battery jumps at its first NTP answer. */
  monotonic: number;
  /** A fresh request id. */
  newId(): string;
  /** From 0 to 1. */
  random(): number;
}

/** What outlives the agent, in memory-backed storage: enough to be back on the same desktop, or to say that it is over. */
export interface Kept {
  session?: HeldSession | undefined;
  logoffs: readonly Logoff[];
}

/** A directory answers within five seconds, or is told to be down. */
export const CHANGE_PATIENCE_MS = 20_000;
/** How long a person waits for a hub that is away before the form comes back. */
export const PATIENCE_MS = 60_000;
/** More are not remembered; one box never has so many open. */
export const MOST_REMEMBERED = 8;

export const loggedOut: LoggedOut = { kind: 'login' };

/** The agent at its start. A kept session means that an earlier run was killed under it: it goes straight back. */
export function firstSeat(kept: Kept, world: World): Seat {
  const { session } = kept;
  return {
    link: firstLink,
    session: session
      ? {
          kind: 'loggingIn',
          stage: 'hub',
          ask: {
            requestId: world.newId(),
            user: session.person.user,
            sent: false,
            giveUpAt: world.monotonic + PATIENCE_MS,
            from: {
              kind: 'viewerEnded',
              session,
              end: 'stopped-by-agent',
              ...graceFrom(session, world),
              // Killed while the hub is away, it goes back as soon as there is one.
              retry: { tries: 0, at: world.monotonic, until: world.now },
            },
          },
        }
      : loggedOut,
    logoffs: kept.logoffs,
    cancels: [],
    dropped: [],
  };
}

export function keptOf(seat: Seat): Kept {
  return { session: sessionOf(seat.session), logoffs: seat.logoffs };
}

/** What the hub is told of the viewer: state, never a delta. Nothing while a question is open that will change it. */
export function reportOf(seat: Seat): Omit<ViewerReport, 'type' | 'epoch'> | undefined {
  const state = seat.session;
  if (state.kind === 'login') return state.left && { ...state.left, state: 'ended' };
  const session = sessionOf(state);
  if (!session) return undefined;
  const of = { sessionId: session.id, generation: session.generation };
  switch (state.kind) {
    case 'starting':
      return { ...of, state: state.phase };
    case 'onDesktop':
      return { ...of, state: 'connected', tookMs: state.tookMs };
    case 'viewerEnded':
      return { ...of, state: 'ended', end: state.end };
    case 'newPassword':
    case 'changingPassword':
    case 'loggingIn':
    case 'questioned':
    case 'queued':
      return undefined;
    default:
      return state satisfies never;
  }
}

/** For how long the hub keeps a desktop once it hears that its viewer ended. */
export const graceFrom = (
  { graceMs }: HeldSession,
  world: World,
): Pick<ViewerEnded, 'keptUntil' | 'overAt'> =>
  graceMs === undefined
    ? { keptUntil: undefined }
    : { keptUntil: world.now + graceMs, overAt: world.monotonic + graceMs };

/** When the next try to come back is due, monotonic ms: none without a hub, and none while the person is asked something. */
export const retryAt = ({ link, session }: Seat): number | undefined =>
  session.kind === 'viewerEnded' && session.isSure === undefined && welcomeOf(link)
    ? session.retry?.at
    : undefined;

/** When a `tick` is due, monotonic ms. */
export function tickAt(seat: Seat): number | undefined {
  const { session } = seat;
  const change = session.kind === 'changingPassword' ? session.giveUpAt : undefined;
  const turns = session.kind === 'onDesktop' ? session.warning?.turnsAt : undefined;
  const over = session.kind === 'viewerEnded' ? session.overAt : undefined;
  const times = [askOf(session)?.giveUpAt, change, turns, over, retryAt(seat), seat.attachAt].filter(
    (at) => at !== undefined,
  );
  return times.length === 0 ? undefined : Math.min(...times);
}
