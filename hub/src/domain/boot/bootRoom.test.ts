import { expect, test } from 'vitest';
import { bootRoom, type Boot, type BootState } from './bootRoom.ts';
import { newPace } from './hostPace.ts';

let ids = 0;
const boots = (count: number, pool: string, host?: string): Boot[] =>
  Array.from({ length: count }, () => ({ id: `d${ids++}`, pool, host }));
const state = (more: Partial<BootState>): BootState => ({
  boots: [],
  most: 50,
  poolMost: 10,
  hosts: ['c/h1', 'c/h2', 'c/h3'],
  paceOf: () => newPace({ start: 4 }),
  hostStart: 4,
  neededElsewhere: 0,
  share: 1,
  ...more,
});

interface Expected {
  forPeople: number;
  forSpares: number;
  unplaced: number;
  paused?: string;
  onH1?: number;
}
const cases: [what: string, given: Partial<BootState>, room: Expected][] = [
  ['an idle cloud', {}, { forPeople: 10, forSpares: 10, unplaced: 12 }],
  [
    'of a cloud of which nothing is known one host’s worth begins',
    { hosts: [] },
    { forPeople: 10, forSpares: 10, unplaced: 4 },
  ],
  [
    'the pool has its own limit',
    { boots: boots(8, 'p', 'c/h1'), paceOf: () => newPace({ start: 8 }) },
    { forPeople: 2, forSpares: 2, unplaced: 16, onH1: 0 },
  ],
  [
    'other pools take of the same in all',
    { boots: boots(3, 'q', 'c/h1'), most: 5 },
    { forPeople: 2, forSpares: 2, unplaced: 9, onH1: 1 },
  ],
  [
    'people who wait elsewhere come before spares here, and not before people here',
    { most: 10, neededElsewhere: 7 },
    { forPeople: 10, forSpares: 3, unplaced: 12 },
  ],
  [
    'a host over its limit pauses creation everywhere, and no start elsewhere',
    { boots: boots(5, 'q', 'c/h2') },
    {
      forPeople: 10,
      forSpares: 10,
      unplaced: 0,
      paused: '5 desktops boot on host h2, where 4 may',
      onH1: 4,
    },
  ],
  [
    'a host at its limit does not',
    { boots: boots(4, 'q', 'c/h2') },
    { forPeople: 10, forSpares: 10, unplaced: 8 },
  ],
  [
    'those whose host is not known yet take a place somewhere',
    { boots: boots(6, 'q') },
    { forPeople: 10, forSpares: 10, unplaced: 6 },
  ],
  [
    'after an outage a quarter of everything, and never nothing',
    { share: 0.25 },
    { forPeople: 2, forSpares: 2, unplaced: 3, onH1: 1 },
  ],
];

test.each(cases)('%s', (_what, given, { onH1 = 4, ...expected }) => {
  const { on, ...room } = bootRoom('p', state(given));
  expect({ ...room, onH1: on('c/h1') }).toEqual({ paused: undefined, ...expected, onH1 });
});
