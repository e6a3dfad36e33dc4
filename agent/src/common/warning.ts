import type { Warned } from '@anyseat/protocol';
import type { Seat, World } from './seat.ts';
import type { OnDesktop, Warning } from './sessionState.ts';

/** A warning of so little time stays above the desktop until the person has taken note of it. */
const SHORT_MS = 3 * 60_000;
/** One of more time stands there for so long, and comes back for the last minute. */
const SHOWN_MS = 30_000;
const LAST_MS = 60_000;

/** The hub warns of something, or takes it back. Only who is at work has something to lose. */
export function onWarning(seat: Seat, { sessionId, warning }: Warned, world: World): Seat {
  const state = seat.session;
  if (state.kind !== 'onDesktop' || state.session.id !== sessionId) return seat;
  if (!warning) return withoutWarning(seat);
  const { code, fields, inMs } = warning;
  const at = world.monotonic + inMs;
  const next: Warning = {
    code,
    fields,
    at,
    until: world.now + inMs,
    isAbove: true,
    ...(inMs <= SHORT_MS ? {} : { turnsAt: world.monotonic + SHOWN_MS }),
  };
  return { ...seat, session: { ...state, warning: next } };
}

/** A hub that is not there ends nothing, and may have forgotten what it warned of: it warns anew when it is back. */
export function withoutWarning(seat: Seat): Seat {
  if (seat.session.kind !== 'onDesktop' || !seat.session.warning) return seat;
  const { warning: _, ...rest } = seat.session;
  return { ...seat, session: rest };
}

/** The person has read it: their desktop is above again. */
export function noted(seat: Seat, world: World): Seat {
  const state = seat.session;
  if (state.kind !== 'onDesktop' || !state.warning?.isAbove) return seat;
  return withWarning(seat, state, hidden(state.warning, world));
}

/** The time has come for it to go below the desktop, or above. */
export function turned(seat: Seat, world: World): Seat | undefined {
  const state = seat.session;
  if (state.kind !== 'onDesktop') return undefined;
  const { warning } = state;
  if (warning?.turnsAt === undefined || warning.turnsAt > world.monotonic) return undefined;
  const { turnsAt: _, ...rest } = warning;
  return withWarning(seat, state, warning.isAbove ? hidden(warning, world) : { ...rest, isAbove: true });
}

function hidden(warning: Warning, { monotonic }: World): Warning {
  const { turnsAt: _, ...rest } = warning;
  const last = warning.at - LAST_MS;
  return { ...rest, isAbove: false, ...(last > monotonic ? { turnsAt: last } : {}) };
}

const withWarning = (seat: Seat, state: OnDesktop, warning: Warning): Seat => ({
  ...seat,
  session: { ...state, warning },
});

/** The warning that is to be above the desktop now. */
export const warningAbove = ({ session }: Seat): Warning | undefined =>
  session.kind === 'onDesktop' && session.warning?.isAbove ? session.warning : undefined;
