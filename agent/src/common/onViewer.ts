import { endedAt } from './comingBack.ts';
import type { Seat, ViewerNews, World } from './seat.ts';
import { askOf, runOf, type OnDesktop, type SessionState, type Starting } from './sessionState.ts';

/** The viewer has something to tell. A run that is no longer wanted is not listened to. */
export function onViewer(seat: Seat, run: string, news: ViewerNews, world: World): Seat {
  if (runOf(seat.session) !== run) return seat;
  return { ...seat, session: moved(seat.session, news, world) };
}

function moved(state: SessionState, news: ViewerNews, world: World): SessionState {
  if (state.kind === 'starting' || state.kind === 'onDesktop') return shown(state, news, world);
  // On the way back with the old picture still there: only its end matters.
  const open = askOf(state);
  if (open?.from?.kind !== 'onDesktop' || news.state !== 'ended') return state;
  const from = endedAt(open.from, news.end, world);
  return { ...state, ask: { ...open, from } } as SessionState;
}

function shown(state: Starting | OnDesktop, news: ViewerNews, world: World): SessionState {
  switch (news.state) {
    case 'connecting':
      return state.kind === 'starting' ? { ...state, phase: 'connecting' } : state;
    case 'connected': {
      if (state.kind === 'onDesktop') return state;
      const { session, run, tries } = state;
      return {
        kind: 'onDesktop',
        session,
        run,
        since: world.now,
        openedAt: world.monotonic,
        tookMs: news.tookMs,
        ...(tries ? { tries } : {}),
      };
    }
    case 'ended':
      return endedAt(state, news.end, world);
    default:
      return news satisfies never;
  }
}
