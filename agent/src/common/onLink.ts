import { attach, giveUp, leave, say, sayAsk } from './asking.ts';
import { comeBack, graceOver } from './comingBack.ts';
import { nextLink, welcomeOf, type LinkNews } from './linkState.ts';
import { changeLost } from './newPassword.ts';
import { loggedOut, PATIENCE_MS, type Effect, type Seat, type Stepped, type World } from './seat.ts';
import { askOf, type Ask } from './sessionState.ts';
import { turned, withoutWarning } from './warning.ts';

/** The connection to the hub has changed. */
export function onLink(before: Seat, news: LinkNews, world: World): Stepped {
  const seat: Seat = { ...before, link: nextLink(before.link, news) };
  switch (news.kind) {
    case 'welcome': {
      // Told anew on the same connection: the seat was placed or renamed; everything else goes on.
      const known = welcomeOf(before.link)?.epoch === news.welcome.epoch;
      return known ? { seat, effects: [] } : speakAll(seat, world);
    }
    case 'lost':
      return {
        seat: withoutWarning(
          withoutQuestion(
            changeLost(waitForHub({ ...seat, attaching: undefined, attachAt: undefined }, world)),
          ),
        ),
        effects: [],
      };
    case 'pending':
    case 'rejected':
      return { seat: withoutUnsaidLogin(seat), effects: [] };
    case 'dialing':
      return { seat, effects: [] };
    default:
      return news satisfies never;
  }
}

/** A time that was set has come. */
export function onTick(seat: Seat, world: World): Stepped {
  const open = askOf(seat.session);
  if (open?.giveUpAt !== undefined && open.giveUpAt <= world.monotonic) {
    return giveUp(seat, { code: 'no-hub', fields: {} });
  }
  const { session } = seat;
  if (session.kind === 'changingPassword' && session.giveUpAt <= world.monotonic)
    return { seat: changeLost(seat), effects: [] };
  const other = graceOver(seat, world) ?? turned(seat, world);
  if (other) return { seat: other, effects: [] };
  const back = comeBack(seat, world);
  if (back) return back;
  if (seat.attachAt !== undefined && seat.attachAt <= world.monotonic) {
    return attachRunning({ ...seat, attachAt: undefined }, world);
  }
  return { seat, effects: [] };
}

/** A new connection: what is owed first, so that a seat is free before somebody logs in at it; then what is going on. */
function speakAll(seat: Seat, world: World): Stepped {
  const owed: Effect[] = [
    ...seat.logoffs.map((logoff) => say({ type: 'logoff', ...logoff })),
    ...seat.cancels.map((requestId) => say({ type: 'cancel', requestId })),
  ];
  const clear: Seat = { ...seat, cancels: [] };
  const { seat: next, effects } = askAgain(clear) ?? comeBack(clear, world) ?? attachRunning(clear, world);
  return { seat: next, effects: [...owed, ...effects] };
}

/** The open question, for the first time or once more. */
function askAgain(seat: Seat): Stepped | undefined {
  const state = seat.session;
  if (state.kind !== 'loggingIn' && state.kind !== 'queued') return undefined;
  const asked: Ask = { ...state.ask, again: state.ask.sent, sent: true, giveUpAt: undefined };
  return { seat: { ...seat, session: { ...state, ask: asked } }, effects: [sayAsk(asked)] };
}

/** A running viewer's session is picked up on this connection. One whose viewer ended is reported, and comes back when it is time. */
function attachRunning(seat: Seat, world: World): Stepped {
  const state = seat.session;
  const running = state.kind === 'starting' || state.kind === 'onDesktop';
  return running && welcomeOf(seat.link) ? attach(seat, state.session, world) : { seat, effects: [] };
}

/** The hub's question went with its connection: the login has to be begun anew. */
function withoutQuestion(seat: Seat): Seat {
  return seat.session.kind === 'questioned' ? leave(seat, { code: 'login-interrupted', fields: {} }) : seat;
}

/** Somebody who waits in the queue waits on; somebody who waits for an answer waits for as long as people do. */
function waitForHub(seat: Seat, world: World): Seat {
  const state = seat.session;
  if (state.kind !== 'loggingIn' || state.ask.giveUpAt !== undefined) return seat;
  return {
    ...seat,
    session: { ...state, stage: 'hub', ask: { ...state.ask, giveUpAt: world.monotonic + PATIENCE_MS } },
  };
}

/** The hub does not serve this box: a login that was never said is taken back, the page says why. */
function withoutUnsaidLogin(seat: Seat): Seat {
  const open = askOf(seat.session);
  return open && !open.sent && !open.from ? { ...seat, session: loggedOut } : seat;
}
