import { CHANGE_PASSWORD, type Refused } from '@anyseat/protocol';
import { noticeOf, say } from './asking.ts';
import { welcomeOf, type LinkState } from './linkState.ts';
import { CHANGE_PATIENCE_MS, loggedOut, type Seat, type Stepped, type World } from './seat.ts';
import type { LoggedOut, NewPassword } from './sessionState.ts';

/** Whether the hub that is there takes new passwords; none is there, none does. */
export const changesPasswords = (link: LinkState): boolean =>
  welcomeOf(link)?.capabilities.includes(CHANGE_PASSWORD) === true;

/** Somebody at the form wants another password. */
export function openForm(seat: Seat, user: string): Seat {
  if (seat.session.kind !== 'login' || !changesPasswords(seat.link)) return seat;
  return { ...seat, session: { kind: 'newPassword', user } };
}

/** The form is filled in. A hub that is away is not waited for: what was typed would have to be kept. */
export function changePassword(
  seat: Seat,
  { user, requestId }: { user: string; requestId: string },
  world: World,
): Stepped {
  if (seat.session.kind !== 'newPassword') return { seat, effects: [] };
  if (!changesPasswords(seat.link)) {
    const notice = { code: 'no-hub', fields: {} };
    return { seat: { ...seat, session: { kind: 'newPassword', user, notice } }, effects: [] };
  }
  const giveUpAt = world.monotonic + CHANGE_PATIENCE_MS;
  return {
    seat: { ...seat, session: { kind: 'changingPassword', requestId, user, giveUpAt } },
    effects: [say({ type: 'changePassword', requestId, user })],
  };
}

export function onChanged(seat: Seat, requestId: string): Seat {
  const state = seat.session;
  if (state.kind !== 'changingPassword' || state.requestId !== requestId) return seat;
  return { ...seat, session: { ...loggedOut, notice: { code: 'password-changed', fields: {} } } };
}

/** The answer can no longer come, or has not: nobody here knows which password holds now. */
export function changeLost(seat: Seat): Seat {
  if (seat.session.kind !== 'changingPassword') return seat;
  return { ...seat, session: { ...loggedOut, notice: { code: 'password-change-unknown', fields: {} } } };
}

/** What the person can mend is told beside the form for it; the rest at the login. */
const mendable: ReadonlySet<string> = new Set([
  'wrong-password',
  'empty-password',
  'password-too-short',
  'password-too-simple',
  'password-used-before',
  'password-not-accepted',
  'directory-unavailable',
  'hub-busy',
]);

export function afterChange(user: string, refused: Refused): NewPassword | LoggedOut {
  const notice = noticeOf(refused);
  return mendable.has(refused.code) ? { kind: 'newPassword', user, notice } : { ...loggedOut, notice };
}
