import type { SeatState } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';

/** In the order in which an operator wants to know of them. */
export const states = [
  'fault',
  'silent',
  'waiting',
  'opening',
  'away',
  'idle',
  'working',
  'free',
  'off',
  'bare',
] as const satisfies readonly SeatState[];

export const stateNames = {
  bare: 'stateBare',
  off: 'stateOff',
  free: 'stateFree',
  waiting: 'stateWaiting',
  opening: 'stateOpening',
  working: 'stateWorking',
  idle: 'stateIdle',
  away: 'stateAway',
  silent: 'stateSilent',
  fault: 'stateFault',
} as const satisfies Record<SeatState, ConsoleKey>;

/** What is wrong now, and for whom: these are listed beside the map. */
export const urgent: ReadonlySet<SeatState> = new Set(['fault', 'silent', 'waiting']);

/**
 * Colours that stay apart for people who do not see red and green apart (after Okabe and Ito), on a light and a dark ground.
 * What is wrong is strong, what is usual is quiet; `fault` and `silent` also have a mark of their own.
 */
export const colours: Readonly<Record<'light' | 'dark', Readonly<Record<SeatState, string>>>> = {
  light: {
    fault: '#d1242f',
    silent: '#e0711a',
    waiting: '#e3b505',
    opening: '#56b4e9',
    away: '#b497d6',
    working: '#2b8a6f',
    idle: '#6fae55',
    free: '#a9c6bd',
    off: '#9aa0a6',
    bare: '#dcdfe3',
  },
  dark: {
    fault: '#ff5d5d',
    silent: '#ff9d42',
    waiting: '#f4d03f',
    opening: '#6cc5f5',
    away: '#a58bd0',
    working: '#2f9e7e',
    idle: '#8fb34a',
    free: '#3d5a52',
    off: '#5c6269',
    bare: '#34383d',
  },
};
