import type { Refused } from '@anyseat/protocol';
import { welcomeOf } from './linkState.ts';
import {
  loggedOut,
  MOST_REMEMBERED,
  PATIENCE_MS,
  type Effect,
  type Saying,
  type Seat,
  type Stepped,
  type World,
} from './seat.ts';
import { askOf, type Ask, type HeldSession, type Notice } from './sessionState.ts';

/** Puts a question to the hub: now, or as soon as there is one within the person's patience. */
export function ask(seat: Seat, question: Omit<Ask, 'sent' | 'giveUpAt'>, world: World): Stepped {
  const online = welcomeOf(seat.link) !== undefined;
  const asked: Ask = online
    ? { ...question, sent: true }
    : { ...question, sent: false, giveUpAt: world.monotonic + PATIENCE_MS };
  return {
    seat: { ...seat, session: { kind: 'loggingIn', stage: 'hub', ask: asked } },
    effects: online ? [sayAsk(asked)] : [],
  };
}

/** The frame of a question: for somebody's way back it proves the session, else it is a login. */
export function sayAsk({ requestId, user, from, replaces, byItself }: Ask): Effect {
  if (!from) return say({ type: 'login', requestId, user });
  if (replaces === 'asked') return say({ type: 'replace', requestId, ...proofOf(from.session) });
  const how = byItself ? { byItself } : {};
  return say({ type: 'resume', requestId, want: 'display', ...how, ...proofOf(from.session) });
}

/** Asks whether the session that runs here is still ours. */
export function attach(seat: Seat, session: HeldSession, world: World): Stepped {
  const requestId = world.newId();
  return {
    seat: { ...seat, attaching: requestId, attachAt: undefined },
    effects: [say({ type: 'resume', requestId, want: 'attach', ...proofOf(session) })],
  };
}

/** Whoever cancels the way back does not want it to begin again by itself. */
export function withoutRetry(seat: Seat): Seat {
  const state = seat.session;
  const open = askOf(state);
  if (open?.from?.kind !== 'viewerEnded' || !open.from.retry) return seat;
  const { retry: _, ...from } = open.from;
  return { ...seat, session: { ...state, ask: { ...open, from } } as Seat['session'] };
}

/**
 * Gives up the open question: the state that it set out from comes back (the form, or the desktop's), and the hub is
 * told if it can have heard of it.
 */
export function giveUp(seat: Seat, notice: Notice | undefined): Stepped {
  const given = askOf(seat.session);
  if (!given) return { seat, effects: [] };
  const { requestId, from, sent } = given;
  const back = from ? { ...from, notice } : { ...loggedOut, notice };
  const next: Seat = { ...seat, session: back, dropped: remember(seat.dropped, requestId) };
  if (!sent) return { seat: next, effects: [] };
  return welcomeOf(seat.link)
    ? { seat: next, effects: [say({ type: 'cancel', requestId })] }
    : { seat: { ...next, cancels: remember(seat.cancels, requestId) }, effects: [] };
}

/** Ends the session from this side. The hub hears of it now, and again at each connection until it has answered. */
export function logOff(seat: Seat, session: Pick<HeldSession, 'id' | 'secret'>, world: World): Stepped {
  const logoff = { requestId: world.newId(), sessionId: session.id, secret: session.secret };
  return {
    seat: { ...seat, logoffs: remember(seat.logoffs, logoff) },
    effects: welcomeOf(seat.link) ? [say({ type: 'logoff', ...logoff })] : [],
  };
}

/** The session is over; whatever was asked about it is dropped, its viewer has no right to run any more. */
export function leave(seat: Seat, notice: Notice | undefined): Seat {
  const open = askOf(seat.session)?.requestId;
  return {
    ...seat,
    session: { ...loggedOut, notice },
    attaching: undefined,
    attachAt: undefined,
    dropped: open === undefined ? seat.dropped : remember(seat.dropped, open),
  };
}

export const say = (frame: Saying): Effect => ({ do: 'say', frame });

/** A refusal as something to tell the person. */
export function noticeOf({ code, fields, retryAfterMs }: Refused): Notice {
  return { code, fields: retryAfterMs === undefined ? fields : { retryAfterMs, ...fields } };
}

export function remember<T>(list: readonly T[], one: T): readonly T[] {
  return [...list, one].slice(-MOST_REMEMBERED);
}

const proofOf = (session: HeldSession) => ({
  sessionId: session.id,
  secret: session.secret,
  generation: session.generation,
});
