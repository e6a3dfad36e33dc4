import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, newId } from '@anyseat/base';
import { planSessions, type SessionWorld } from './planSessions.ts';
import type { Session, SessionEnd, SessionState, TcId } from './session.ts';

let count = 0;

function session(state: SessionState, more: Partial<Session> = {}): Session {
  const number = ++count;
  return {
    id: newId('session', number),
    state,
    stateSince: 0,
    requestId: `request-${number}`,
    tc: `tc_${number}` as TcId,
    seat: `s${number}`,
    site: 'nt',
    person: `file:${number}`,
    user: `u${number}`,
    displayName: '',
    allocator: 'all',
    pools: ['p'],
    binding: 'none',
    desktop: state === 'waiting' ? undefined : newId('desktop', number),
    generation: 1,
    secretHash: undefined,
    viewer: undefined,
    viewerEnd: undefined,
    graceUntil: undefined,
    stages: {},
    startedAt: 0,
    heardAt: 0,
    endedAt: undefined,
    end: undefined,
    ...more,
  };
}

interface Given {
  online: boolean;
  answered?: boolean;
  inStateMs: number;
  silentMs?: number;
  unconfirmed?: boolean;
}

function ends(sessions: Session[], given: Given): (SessionEnd | undefined)[] {
  const world: SessionWorld = {
    sessions,
    online: new Set(given.online ? sessions.map((s) => s.tc) : []),
    isBeingAnswered: () => given.answered ?? false,
    inStateMs: () => given.inStateMs,
    silentMs: () => given.silentMs ?? (given.online ? 0 : given.inStateMs),
    graceMs: () => 5 * MINUTE,
    isUnconfirmed: () => given.unconfirmed ?? false,
  };
  const planned = planSessions(world);
  return sessions.map((s) => planned.find((p) => p.session.id === s.id)?.end);
}

type Case = [
  what: string,
  state: SessionState,
  given: Given,
  end: SessionEnd | undefined,
  more?: Partial<Session>,
];

const cases: Case[] = [
  ['somebody who works, seen', 'connected', { online: true, inStateMs: 99 * HOUR }, undefined],
  ['somebody who works, unseen', 'connected', { online: false, inStateMs: 11 * HOUR }, undefined],
  ['somebody unseen for half a day', 'connected', { online: false, inStateMs: 12 * HOUR }, 'silent-too-long'],
  ['a viewer that ended a while ago', 'away', { online: true, inStateMs: 4 * MINUTE }, undefined],
  ['a viewer that ended, and nobody came', 'away', { online: true, inStateMs: 5 * MINUTE }, 'grace-over'],
  ['a place in the queue', 'waiting', { online: true, answered: true, inStateMs: HOUR }, undefined],
  ['a place whose box went dark', 'waiting', { online: false, inStateMs: 2 * MINUTE }, 'cancelled'],
  ['a place that nobody asks for', 'waiting', { online: true, inStateMs: 5 * MINUTE }, 'cancelled'],
  ['a desktop on its way to a seat', 'opening', { online: true, inStateMs: MINUTE }, undefined],
  ['one that takes long', 'opening', { online: true, answered: true, inStateMs: HOUR }, undefined],
  ['one that nobody opened', 'opening', { online: true, inStateMs: 10 * MINUTE }, 'cancelled'],
  [
    'one that nobody opened again',
    'opening',
    { online: true, inStateMs: 10 * MINUTE },
    'grace-over',
    { generation: 2 },
  ],
  ['one at a seat that is silent', 'opening', { online: false, inStateMs: HOUR }, undefined],
  // Restored: its person may be at another seat by now (seed 355 of the simulation).
  [
    'one of a backup, left behind at its seat of yesterday',
    'away',
    { unconfirmed: true, online: true, inStateMs: 11 * HOUR },
    undefined,
  ],
  [
    'one of a backup, of which nobody heard for half a day',
    'away',
    { unconfirmed: true, online: true, inStateMs: 12 * HOUR },
    'silent-too-long',
  ],
];

describe('whether a session is over', () => {
  test.each(cases)('%s', (_what, state, given, end, more) => {
    expect(ends([session(state, more)], given)).toEqual([end]);
  });

  test('while a quarter of a site is silent, silence ends nothing there', () => {
    const many = Array.from({ length: 5 }, () => session('connected'));
    const elsewhere = session('connected', { site: 'sh' });
    const silent = { online: false, inStateMs: 13 * HOUR };
    expect(ends([...many, elsewhere], silent)).toEqual([...many.map(() => undefined), 'silent-too-long']);
  });
});
