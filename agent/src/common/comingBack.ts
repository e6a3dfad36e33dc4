import type { ViewerEnd } from '@anyseat/protocol';
import { ask } from './asking.ts';
import { graceFrom, loggedOut, retryAt, type Seat, type Stepped, type World } from './seat.ts';
import type { OnDesktop, Retry, Starting, ViewerEnded } from './sessionState.ts';

/**
 * The pause before the seat comes back to its desktop by itself, by the viewer's end. What is not in here waits for its person:
 * they closed it themselves, or trying again changes nothing. A desktop that closed the connection may be starting anew.
 */
const FIRST_PAUSE_MS: Partial<Record<ViewerEnd, number>> = {
  'link-lost': 1000,
  crashed: 1000,
  'ticket-refused': 1000,
  unreachable: 2000,
  'timed-out': 2000,
  'closed-by-desktop': 4000,
};
const USUAL_PAUSE_MS = 2000;
const MOST_PAUSE_MS = 30_000;
/** A picture that stayed for so long was a good one: what happens to it next is told and tried as for the first time. */
const GOOD_PICTURE_MS = 10_000;
/** Refusals after which the seat waits for its person. */
const waitsForPerson: ReadonlySet<string> = new Set(['desktop-off', 'login-cancelled']);

/** The picture is gone. Comes back by itself where that may help, within the grace. */
export function endedAt(
  { session, tries = 0, ...was }: Starting | OnDesktop,
  end: ViewerEnd,
  world: World,
): ViewerEnded {
  const good = was.kind === 'onDesktop' && world.monotonic - was.openedAt >= GOOD_PICTURE_MS;
  const first = FIRST_PAUSE_MS[end];
  return {
    kind: 'viewerEnded',
    session,
    end,
    ...graceFrom(session, world),
    ...(first === undefined ? {} : { retry: nextRetry(good ? 0 : tries, first, world) }),
  };
}

/** Twice as long each time, and never the same for two seats: those of one host or one room lost theirs together. */
function nextRetry(tries: number, firstMs: number, world: World, leastMs = 0): Retry {
  const ceiling = Math.min(MOST_PAUSE_MS, firstMs * 2 ** Math.min(tries, 20));
  const pauseMs = Math.max(leastMs, Math.round(ceiling * (0.75 + world.random() / 2)));
  return { tries, at: world.monotonic + pauseMs, until: world.now + pauseMs };
}

/** The way back was refused for now: it is tried again by itself, if it was begun so or would have been. */
export function refusedBack(
  from: ViewerEnded,
  { code, retryAfterMs }: { code: string; retryAfterMs?: number | undefined },
  world: World,
): ViewerEnded {
  const { retry, ...rest } = from;
  if (!retry || waitsForPerson.has(code)) return rest;
  const first = FIRST_PAUSE_MS[from.end] ?? USUAL_PAUSE_MS;
  return { ...rest, retry: nextRetry(retry.tries, first, world, retryAfterMs) };
}

/** The seat comes back by itself, if it is time. */
export function comeBack(seat: Seat, world: World): Stepped | undefined {
  const at = retryAt(seat);
  if (seat.session.kind !== 'viewerEnded' || at === undefined || at > world.monotonic) return undefined;
  const { retry, session } = seat.session;
  const from = { ...seat.session, retry: { ...retry!, tries: retry!.tries + 1 } };
  // Nothing is running any more that could be picked up.
  const clear: Seat = { ...seat, attachAt: undefined };
  return ask(clear, { requestId: world.newId(), user: session.person.user, from, byItself: true }, world);
}

/**
 * The grace is over by this seat's own clock, and the hub has not said so: it may be away. Whoever comes now logs in, and finds
 * their desktop if the hub still has it: it is told of the viewer's end, as long as nobody has logged in here.
 */
export function graceOver(seat: Seat, world: World): Seat | undefined {
  const state = seat.session;
  if (state.kind !== 'viewerEnded' || state.overAt === undefined || state.overAt > world.monotonic)
    return undefined;
  const { id, generation } = state.session;
  return {
    ...seat,
    attachAt: undefined,
    session: {
      ...loggedOut,
      notice: { code: 'grace-over', fields: {} },
      left: { sessionId: id, generation, end: state.end },
    },
  };
}
