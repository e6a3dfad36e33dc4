import { expect, test } from 'vitest';
import { seatState, type SeatSight } from './seatState.ts';

const sight = (more: Partial<SeatSight>): SeatSight => ({
  hasTc: true,
  online: true,
  session: undefined,
  desktop: undefined,
  ...more,
});
type Logged = NonNullable<SeatSight['session']>;
const session = (state: Logged['state'], viewerEnd?: Logged['viewerEnd']): Logged => ({ state, viewerEnd });

test.each<[string, Partial<SeatSight>, string]>([
  ['no thin client', { hasTc: false, online: false }, 'bare'],
  ['switched off', { online: false }, 'off'],
  ['nobody logged in', {}, 'free'],
  ['a session that is over', { session: session('ended') }, 'free'],
  ['in the queue', { session: session('waiting') }, 'waiting'],
  ['a desktop being proved', { session: session('opening') }, 'opening'],
  ['a viewer on its way', { session: session('connecting') }, 'opening'],
  ['the picture is there', { session: session('connected') }, 'working'],
  ['nothing touched for a moment', { session: session('connected'), idleMs: 299_999 }, 'working'],
  ['nothing touched for five minutes', { session: session('connected'), idleMs: 300_000 }, 'idle'],
  ['nothing touched in the queue', { session: session('waiting'), idleMs: 900_000 }, 'waiting'],
  ['the viewer was closed', { session: session('away', 'closed-by-person') }, 'away'],
  ['the guest was shut down', { session: session('away', 'closed-by-desktop') }, 'away'],
  ['left behind by the next person', { session: session('away') }, 'away'],
  [
    'closed, and the box switched off',
    { online: false, session: session('away', 'closed-by-person') },
    'away',
  ],
  ['the link was lost', { session: session('away', 'link-lost') }, 'fault'],
  ['the viewer crashed', { session: session('away', 'crashed') }, 'fault'],
  ['connected, and nothing heard', { online: false, session: session('connected') }, 'silent'],
  ['in the queue, and nothing heard', { online: false, session: session('waiting') }, 'silent'],
  ['a broken desktop', { session: session('connected'), desktop: { state: 'broken' } }, 'fault'],
  [
    'a broken desktop and nothing heard',
    { online: false, session: session('connected'), desktop: { state: 'broken' } },
    'fault',
  ],
  ['a sound desktop', { session: session('connected'), desktop: { state: 'leased' } }, 'working'],
])('a seat with %s', (_, more, state) => {
  expect(seatState(sight(more))).toBe(state);
});
