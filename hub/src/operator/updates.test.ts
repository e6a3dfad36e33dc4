import { expect, test } from 'vitest';
import { MINUTE } from '@anyseat/base';
import type { RolledOut, Rollout, RolloutTc } from '../domain/rollout.ts';
import type { TcId } from '../domain/session.ts';
import { updateView } from './updates.ts';

const NOW = 1_800_000_000_000;
const rollout: Rollout = {
  id: 1,
  version: '0.2.0',
  state: 'running',
  rings: ['pilot', 'rest'],
  ring: 0,
  throughAt: undefined,
  atOnce: 20,
  soakMs: 60 * MINUTE,
  mostFailed: 1,
  startedAt: NOW,
  why: undefined,
};
const says = { running: '0.1.0', arch: 'amd64', state: 'idle' } as const;
const box = (name: string, ring: string, more: Partial<RolloutTc> = {}): RolloutTc => ({
  tc: { id: name as TcId, tags: { ring }, fingerprint: name, seat: `seat-${name}` },
  online: true,
  says,
  inUse: false,
  was: undefined,
  ...more,
});
const was = (state: RolledOut['state'], text = ''): RolledOut => ({
  tc: 'x' as TcId,
  state,
  text,
  at: NOW,
  tries: 1,
});
const ready = { ...says, state: 'ready', version: '0.2.0' } as const;
const view = (tcs: RolloutTc[], more: Partial<Rollout> = {}) =>
  updateView({ rollout: { ...rollout, ...more }, tcs, now: NOW });

test('an update is told by its rings, in words, and with those who did not take it', () => {
  const tcs = [
    box('a', 'pilot', { says: { ...says, running: '0.2.0' } }),
    box('b', 'pilot', { was: was('rolledBack', 'no page') }),
    box('c', 'pilot', { was: was('offered'), says: ready, inUse: true }),
    box('d', 'pilot', { was: was('offered'), says: ready }),
    box('e', 'pilot', { online: false, says: undefined }),
    box('f', 'pilot', { says: undefined }),
    box('g', 'pilot'),
    box('h', 'elsewhere'),
  ];
  expect(view(tcs)).toEqual({
    version: '0.2.0',
    state: 'running',
    startedAt: NOW,
    atOnce: 20,
    soakMinutes: 60,
    mostFailed: 1,
    rings: [
      { name: 'pilot', all: 7, updated: 1, underWay: 3, failed: 1, offline: 2 },
      { name: 'rest', all: 1, updated: 0, underWay: 1, failed: 0, offline: 0 },
    ],
    words: [
      'Ring pilot is under way.',
      'Fetching it: 1.',
      'Being started with it: 1.',
      'With it, and waiting until nobody is logged in: 1.',
      'Not connected: 1; they get it when they are.',
      'Not installed so that they can be updated from here: 1.',
    ],
    failures: [{ tc: 'b', seat: 'seat-b', state: 'rolledBack', text: 'no page' }],
  });
});

test.each<[Partial<Rollout>, string[]]>([
  [
    { throughAt: NOW - 20 * MINUTE },
    ['Ring pilot is under way.', 'It is through; ring rest begins in 40 min.'],
  ],
  [{ state: 'paused', why: 'li.na paused it' }, ['It is paused: li.na paused it.']],
  [{ state: 'stopped' }, ['It was stopped: whoever has it keeps it.']],
  [{ state: 'done' }, ['It is over: 1 of 2 thin clients have it.']],
])('%j in words', (more, words) => {
  expect(
    view([box('a', 'pilot', { says: { ...says, running: '0.2.0' } }), box('z', 'rest')], more).words,
  ).toEqual(words);
});
