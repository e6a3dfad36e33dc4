import { expect, test } from 'vitest';
import type { DrainView, HostView } from '@anyseat/protocol';
import { hostWords } from './hostWords.ts';

const NOW = 1_000_000;
const none = { goes: 0, 'at-log-off': 0, moves: 0, 'seat-first': 0, belongs: 0, kept: 0 };
const drain = (left: Partial<DrainView['left']>): Pick<HostView, 'state' | 'drain'> => ({
  state: 'disabled',
  drain: { at: 0, by: 'li.na', reason: 'fan', people: true, bound: false, left: { ...none, ...left } },
});
type Busy = Parameters<typeof hostWords>[1];

test.each<[string, Partial<HostView>, Partial<Busy>, string]>([
  ['up', {}, {}, ''],
  [
    'disabled in the cloud',
    { state: 'disabled' },
    {},
    'disabled in the cloud: it is given nothing new. 3 leave a few at a time; 2 in use or somebody’s own: pooled ones leave when their people log off, the others stay',
  ],
  [
    'disabled and empty',
    { state: 'disabled', desktops: 0, inUse: 0 },
    {},
    'disabled in the cloud: it is given nothing new. Nothing of ours is there',
  ],
  [
    'down',
    { state: 'down' },
    {},
    'looks down: what is ready there is not handed out, others are made in its place. 2 in use stay with their people: they are moved only when their seats lose the picture, too',
  ],
  ['unknown', { state: 'unknown' }, {}, 'the cloud does not tell how it is: its desktops are handed out'],
  [
    'drained and empty',
    drain({}),
    {},
    'drained by li.na: fan. Nothing of ours is there any more: it can be switched off',
  ],
  [
    'drained, with some of everything',
    drain({ goes: 1, 'at-log-off': 2, 'seat-first': 3, belongs: 4, kept: 5 }),
    {},
    'drained by li.na: fan. 15 left: 1 that nobody is on go a few at a time, while the floor holds; 2 in use until their people log off; 3 are moved when their seats are connected and have the picture; 4 belong to somebody and stay (--move-bound replaces them); 5 in quarantine until an operator lets them go (anyseat desktop retire)',
  ],
  [
    'drained, and people are moved',
    drain({ moves: 7 }),
    { moving: 2, nextAt: NOW + 30_000 },
    'drained by li.na: fan. 7 left: 7 to be replaced, 2 of them told by now; the next goes in 30 s',
  ],
  [
    'drained, and the next goes now',
    drain({ moves: 7 }),
    { moving: 2, nextAt: NOW - 1 },
    'drained by li.na: fan. 7 left: 7 to be replaced, 2 of them told by now; the next goes now',
  ],
  [
    'drained, and all places are taken',
    drain({ moves: 1 }),
    { moving: 0 },
    'drained by li.na: fan. 1 left: 1 to be replaced, as soon as those before them have their pictures',
  ],
  [
    'drained, and nothing is ready',
    drain({ moves: 1 }),
    { held: 'no desktop is ready in pool p that nobody waits for' },
    'drained by li.na: fan. 1 left: 1 to be replaced, none just now: no desktop is ready in pool p that nobody waits for',
  ],
  [
    'drained, and enabled in the cloud',
    { ...drain({ goes: 1 }), state: 'up' },
    {},
    'drained by li.na: fan; but the cloud has it enabled, so its desktops are handed out and new ones come: drain it again, or resume it. 1 left: 1 that nobody is on go a few at a time, while the floor holds',
  ],
  [
    'drained just now',
    { ...drain({ goes: 1 }), state: 'up' },
    { now: 59_000 },
    'drained by li.na: fan. 1 left: 1 that nobody is on go a few at a time, while the floor holds',
  ],
])('a host that is %s says what happens to what is there', (_, host, busy, words) => {
  const up = { name: 'cn-1', cloud: 'c', state: 'up', desktops: 5, inUse: 2, booting: 0, allowed: 4 };
  expect(hostWords({ ...up, ...host }, { now: NOW, ...busy })).toBe(words);
});
