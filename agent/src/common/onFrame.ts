import type { Grant, Refused } from '@anyseat/protocol';
import { leave, logOff, noticeOf } from './asking.ts';
import { refusedBack } from './comingBack.ts';
import { afterChange, changesPasswords, onChanged } from './newPassword.ts';
import { onSwapped, withoutPicture } from './replacing.ts';
import type { AnswerFrame, Seat, Stepped, World } from './seat.ts';
import { askOf, sessionOf, type HeldSession, type SessionState, type Starting } from './sessionState.ts';
import { onWarning } from './warning.ts';

type Release = Extract<AnswerFrame, { type: 'release' }>;
type Queue = Extract<AnswerFrame, { type: 'queued' }>;

/** The hub answered, or wants something. Answers to questions that nobody asks any more change nothing. */
export function onFrame(seat: Seat, frame: AnswerFrame, world: World): Stepped {
  switch (frame.type) {
    case 'progress': {
      const open = askOf(seat.session);
      if (open?.requestId !== frame.requestId) return same(seat);
      return same({ ...seat, session: { kind: 'loggingIn', ask: open, stage: frame.stage } });
    }
    case 'queued':
      return same(inQueue(seat, frame, world));
    case 'question': {
      const open = askOf(seat.session);
      if (open?.requestId !== frame.requestId) return same(seat);
      const { code, fields } = frame;
      return same({ ...seat, session: { kind: 'questioned', ask: open, question: { code, fields } } });
    }
    case 'grant':
      return onGrant(seat, frame, world);
    case 'attached':
      if (seat.attaching !== frame.requestId) return same(seat);
      return same(withGeneration({ ...seat, attaching: undefined }, frame.generation));
    case 'refused':
      if (seat.attaching === frame.requestId && frame.code === 'swapped')
        return onSwapped({ ...seat, attaching: undefined }, world);
      return same(onRefused(withNewerProof(seat, frame), frame, world));
    case 'release':
      if (frame.code === 'swapped')
        return sessionOf(seat.session)?.id === frame.sessionId ? onSwapped(seat, world) : same(seat);
      return same(onRelease(seat, frame));
    case 'warning':
      return same(onWarning(seat, frame, world));
    case 'passwordChanged':
      return same(onChanged(seat, frame.requestId));
    default:
      return frame satisfies never;
  }
}

const same = (seat: Seat): Stepped => ({ seat, effects: [] });

function inQueue(seat: Seat, { requestId, place, waitMs }: Queue, world: World): Seat {
  const open = askOf(seat.session);
  if (open?.requestId !== requestId) return seat;
  const waitUntil = waitMs === undefined ? undefined : world.now + waitMs;
  return { ...seat, session: { kind: 'queued', ask: withoutPicture(open), place, waitUntil } };
}

function onGrant(seat: Seat, grant: Grant, world: World): Stepped {
  const session: HeldSession = {
    id: grant.sessionId,
    generation: grant.generation,
    secret: grant.resumeSecret,
    person: grant.person,
    desktop: grant.desktop,
    graceMs: grant.graceMs,
    ...(grant.mayReplace ? { mayReplace: true } : {}),
  };
  const open = askOf(seat.session);
  if (open?.requestId === grant.requestId) {
    const run = `${session.id}/${session.generation}`;
    const was = open.from?.kind === 'viewerEnded' && open.from.retry?.tries ? open.from : undefined;
    const starting: Starting = {
      kind: 'starting',
      session,
      run,
      phase: 'starting',
      ...(was ? { tries: was.retry!.tries, lastEnd: was.end } : {}),
    };
    return {
      seat: { ...seat, session: starting },
      effects: [{ do: 'open', run, display: grant.display, viewer: grant.viewer, session }],
    };
  }
  if (!seat.dropped.includes(grant.requestId)) return same(seat);
  // It crossed our cancel. The way back to a session that we hold: the session's proof is now the new one. A login:
  // somebody holds a desktop at a seat where nobody is.
  if (sessionOf(seat.session)?.id === session.id) return same(withProof(seat, session));
  return logOff(seat, session, world);
}

/** Codes after which the session cannot be had again. */
const over = new Set(['session-over', 'session-unknown', 'desktop-lost', 'moved']);

function onRefused(seat: Seat, refused: Refused, world: World): Seat {
  const { requestId, code } = refused;
  if (seat.attaching === requestId) return onAttachRefused(seat, refused, world);
  const logoffs = seat.logoffs.filter((logoff) => logoff.requestId !== requestId);
  if (logoffs.length < seat.logoffs.length) return { ...seat, logoffs };
  const state = seat.session;
  if (state.kind === 'changingPassword' && state.requestId === requestId)
    return { ...seat, session: afterChange(state.user, refused) };
  const open = askOf(state);
  if (open?.requestId !== requestId) return seat;
  const { from } = open;
  if (!from) {
    if (code === 'login-cancelled') return leave(seat, undefined);
    // Asked again without the password, the hub did not know the question: it never heard the first.
    if (refused.fields['changeable'] === true && changesPasswords(seat.link))
      return { ...seat, session: { kind: 'newPassword', user: open.user, notice: noticeOf(refused) } };
    const lost = code === 'empty-password' && open.again === true;
    return leave(seat, lost ? { code: 'login-interrupted', fields: {} } : noticeOf(refused));
  }
  const keepsWorking = from.kind === 'onDesktop' && code === 'session-unknown';
  if (over.has(code) && !keepsWorking) return leave(seat, noticeOf(refused));
  const back = from.kind === 'viewerEnded' ? refusedBack(from, refused, world) : from;
  return { ...seat, session: { ...back, notice: noticeOf(refused) } };
}

/** A way back that is refused for now has made the session's proof a new one: what is reported and asked next has to have it. */
function withNewerProof(seat: Seat, { proof }: Refused): Seat {
  const session = sessionOf(seat.session);
  if (!proof || session?.id !== proof.sessionId || session.generation >= proof.generation) return seat;
  const next = withProof(seat, { ...session, generation: proof.generation, secret: proof.resumeSecret });
  const open = askOf(next.session);
  // It is of the other desktop by now: the picture of the old one is not to be reported under it.
  return open?.replaces
    ? { ...next, session: { ...next.session, ask: withoutPicture(open) } as SessionState }
    : next;
}

/**
 * A hub that says the session is over ends it here too. One that does not know it (its store is an older copy) does
 * not: the person who works goes on working, and logs in again afterwards.
 */
function onAttachRefused(seat: Seat, refused: Refused, world: World): Seat {
  const answered: Seat = { ...seat, attaching: undefined };
  if (refused.code === 'session-over' || refused.code === 'desktop-lost')
    return leave(answered, noticeOf(refused));
  if (refused.retryAfterMs === undefined) return answered;
  return { ...answered, attachAt: world.monotonic + refused.retryAfterMs };
}

function onRelease(seat: Seat, { sessionId, code, fields }: Release): Seat {
  const logoffs = seat.logoffs.filter((logoff) => logoff.sessionId !== sessionId);
  const known: Seat = { ...seat, logoffs };
  return sessionOf(seat.session)?.id === sessionId ? leave(known, { code, fields }) : known;
}

function withGeneration(seat: Seat, generation: number): Seat {
  const session = sessionOf(seat.session);
  return session ? withProof(seat, { ...session, generation }) : seat;
}

/** The same state with the session's newer proof in it. */
function withProof(seat: Seat, session: HeldSession): Seat {
  const state = seat.session;
  switch (state.kind) {
    case 'login':
    case 'newPassword':
    case 'changingPassword':
      return seat;
    case 'loggingIn':
    case 'questioned':
    case 'queued': {
      const { from } = state.ask;
      const ask = from ? { ...state.ask, from: { ...from, session } } : state.ask;
      return { ...seat, session: { ...state, ask } };
    }
    case 'starting':
    case 'onDesktop':
    case 'viewerEnded':
      return { ...seat, session: { ...state, session } };
    default:
      return state satisfies never;
  }
}
