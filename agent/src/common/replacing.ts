import { ask } from './asking.ts';
import type { Seat, Stepped, World } from './seat.ts';
import {
  askOf,
  sessionOf,
  type Ask,
  type HeldSession,
  type SessionState,
  type ViewerEnded,
} from './sessionState.ts';

/** The person says that their desktop is broken: they are asked once whether they mean it. */
export function wantReplacement(seat: Seat): Seat {
  const state = seat.session;
  if (state.kind !== 'starting' && state.kind !== 'onDesktop' && state.kind !== 'viewerEnded') return seat;
  if (state.session.mayReplace !== true) return seat;
  const asked = state.kind === 'starting' ? offScreen(state.session) : state;
  return { ...seat, session: { ...asked, isSure: false } };
}

/** Whether the question stands. */
export const isAsked = (state: SessionState): boolean =>
  (state.kind === 'onDesktop' || state.kind === 'viewerEnded') && state.isSure === false;

/** Yes: the hub is asked for another one. */
export function replace(seat: Seat, world: World): Stepped {
  const state = seat.session;
  if (state.kind !== 'onDesktop' && state.kind !== 'viewerEnded') return { seat, effects: [] };
  const from = { ...state, isSure: undefined, notice: undefined };
  const { user } = state.session.person;
  return ask(seat, { requestId: world.newId(), user, from, replaces: 'asked' }, world);
}

/** No: everything is as it was. */
export function keepDesktop(seat: Seat): Seat {
  const state = seat.session;
  if (state.kind !== 'onDesktop' && state.kind !== 'viewerEnded') return seat;
  return { ...seat, session: { ...state, isSure: undefined } };
}

/** The hub has taken the desktop away, and has another one: the picture goes, and the way to the other begins by itself. */
export function onSwapped(seat: Seat, world: World): Stepped {
  const state = seat.session;
  const session = sessionOf(state);
  if (!session) return { seat, effects: [] };
  const open = askOf(state);
  if (open) {
    // On the way back to it already: that question is answered with the other one.
    const told: Ask = { ...open, from: comingBack(session, world), replaces: open.replaces ?? 'told' };
    return { seat: { ...seat, session: { ...state, ask: told } as SessionState }, effects: [] };
  }
  const { user } = session.person;
  const from = comingBack(session, world);
  return ask(seat, { requestId: world.newId(), user, from, replaces: 'told' }, world);
}

/** Of somebody who waits for another desktop nothing is to be seen of the old one. */
export const withoutPicture = (open: Ask): Ask =>
  open.replaces && open.from ? { ...open, from: offScreen(open.from.session) } : open;

/** Its person did nothing for it, and need not: refused for now, the seat asks again. */
const comingBack = (session: HeldSession, { monotonic, now }: World): ViewerEnded => ({
  ...offScreen(session),
  retry: { tries: 0, at: monotonic, until: now },
});

const offScreen = (session: HeldSession): ViewerEnded => ({
  kind: 'viewerEnded',
  session,
  end: 'stopped-by-agent',
});
