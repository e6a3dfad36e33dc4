import { ask, giveUp, leave, logOff, say, withoutRetry } from './asking.ts';
import { welcomeOf } from './linkState.ts';
import { changePassword, openForm } from './newPassword.ts';
import { isAsked, keepDesktop, replace, wantReplacement } from './replacing.ts';
import { loggedOut, type Seat, type SeatIntent, type Stepped, type World } from './seat.ts';
import { sessionOf, type OnDesktop, type ViewerEnded } from './sessionState.ts';
import { noted } from './warning.ts';

/** The person wants something. What does not fit the state (a click that came too late) changes nothing. */
export function onIntent(seat: Seat, intent: SeatIntent, world: World): Stepped {
  const state = seat.session;
  switch (intent.type) {
    case 'login':
      if (state.kind !== 'login') return { seat, effects: [] };
      return ask(seat, { requestId: intent.requestId, user: intent.user }, world);
    case 'wantNewPassword':
      return { seat: openForm(seat, intent.user), effects: [] };
    case 'changePassword':
      return changePassword(seat, intent, world);
    case 'wantReplacement':
      return { seat: wantReplacement(seat), effects: [] };
    case 'cancel':
      if (isAsked(state)) return { seat: keepDesktop(seat), effects: [] };
      if (state.kind === 'newPassword') return { seat: { ...seat, session: loggedOut }, effects: [] };
      return giveUp(withoutRetry(seat), undefined);
    case 'confirm': {
      if (isAsked(state)) return replace(seat, world);
      if (state.kind !== 'questioned' || !welcomeOf(seat.link)) return { seat, effects: [] };
      const { ask: open } = state;
      const session = { kind: 'loggingIn', stage: 'desktop', ask: open } as const;
      return { seat: { ...seat, session }, effects: [say({ type: 'confirm', requestId: open.requestId })] };
    }
    case 'noted':
      return { seat: noted(seat, world), effects: [] };
    case 'backToDesktop': {
      if (state.kind !== 'viewerEnded' && state.kind !== 'onDesktop') return { seat, effects: [] };
      const from = withoutTries({ ...state, notice: undefined });
      return ask(seat, { requestId: world.newId(), user: state.session.person.user, from }, world);
    }
    case 'logOff': {
      const session = sessionOf(state);
      if (!session) return { seat, effects: [] };
      return logOff(leave(seat, { code: 'logged-off', fields: {} }), session, world);
    }
    default:
      return intent satisfies never;
  }
}

/** Somebody is there who waits for it: should it fail again, the next try of the seat's own comes soon. */
const withoutTries = <T extends OnDesktop | ViewerEnded>(state: T): T =>
  state.kind === 'viewerEnded' && state.retry ? { ...state, retry: { ...state.retry, tries: 0 } } : state;
