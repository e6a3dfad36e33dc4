import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '@anyseat/base';
import { sessionMoves, type Session, type SessionState } from '../domain/session.ts';
import type { KnownLimit } from '../reconcile/sessionLimits.ts';
import { policyWords, sessionWords, type KnownSession } from './sessionWords.ts';

const NOW = Date.parse('2026-11-24T00:30:00Z');
const words = (session: Partial<Session>, more: Partial<KnownSession> = {}) =>
  sessionWords({
    session: { state: 'connected', graceUntil: undefined, ...session },
    online: true,
    unconfirmed: false,
    limits: [],
    now: NOW,
    ...more,
  });
const limit = (more: Partial<KnownLimit>): readonly KnownLimit[] => [
  { kind: 'idle', action: 'logOff', inMs: 12 * MINUTE, warned: false, ...more },
];

const cases: Record<SessionState, [what: string, said: string, words: string][]> = {
  waiting: [
    ['in the queue', words({ state: 'waiting' }), 'in the queue for a desktop'],
    [
      'after a swap',
      words({ state: 'waiting', swap: { at: NOW } }),
      'waits for another desktop, first in line',
    ],
  ],
  opening: [
    ['after a swap', words({ state: 'opening', swap: { at: NOW } }), 'on its way to another desktop'],
  ],
  connecting: [
    [
      'silent',
      words({ state: 'connecting' }, { online: false }),
      'its seat says nothing: it stays as it is, twelve hours at most',
    ],
  ],
  connected: [
    ['without limits', words({}), ''],
    [
      'silent',
      words({}, { online: false }),
      'its seat says nothing: it stays as it is, twelve hours at most',
    ],
    [
      'unconfirmed',
      words({}, { unconfirmed: true }),
      'as a backup has it: kept until its person logs in, twelve hours at most',
    ],
    [
      'idle, to be locked',
      words({}, { limits: limit({ action: 'lock' }) }),
      'locked in 12 min if nobody touches its seat',
    ],
    [
      'idle, told',
      words({}, { limits: limit({ inMs: 30_000, warned: true }) }),
      'ends in 30 s if nobody touches its seat; its person is told by now',
    ],
    [
      'near its length',
      words({}, { limits: limit({ kind: 'too-long', inMs: 2.5 * HOUR }) }),
      'ends in 2 h 30 min (its longest time)',
    ],
    [
      'out of hours',
      words({}, { limits: limit({ kind: 'hours-over', inMs: 0, warned: true }) }),
      'ends now (its hours are over); its person is told by now',
    ],
  ],
  away: [
    [
      '',
      words({ state: 'away', graceUntil: NOW + 10 * MINUTE }),
      'its desktop waits for another 10 min, then it ends',
    ],
  ],
  ended: [['', words({ state: 'ended' }, { limits: limit({}) }), '']],
};

test.each(Object.entries(cases).flatMap(([state, rows]) => rows.map((row) => [state, ...row] as const)))(
  'a session that is %s (%s) says what becomes of it',
  (_state, _what, said, expected) => expect(said).toBe(expected),
);

test('every state has a case', () => {
  expect(Object.keys(cases)).toEqual(Object.keys(sessionMoves));
});

test('what an allocator says of its sessions is told in sentences', () => {
  const idle = { afterMs: 30 * MINUTE, warnMs: 2 * MINUTE, action: 'lock' as const };
  const atMost = { ms: 12 * HOUR, hours: ['mon-sat 06:00-23:00'], warnMs: 10 * MINUTE };
  expect(policyWords({ queuePriority: 0, idle, atMost, graceMs: 90_000 })).toEqual([
    'Locked when nobody touches the seat for 30 min; told 2 min before.',
    'Ended 12 h after the login; told 10 min before.',
    'Ended when these hours are over: mon-sat 06:00-23:00; told 10 min before.',
    'When the viewer ends, the desktop waits for 90 s.',
  ]);
});
