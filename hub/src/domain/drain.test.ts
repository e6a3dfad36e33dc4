import { expect, test } from 'vitest';
import type { Desktop, SessionId } from './desktop.ts';
import { countFates, drainFate, type Drain, type DrainFate } from './drain.ts';
import type { Session, TcId } from './session.ts';

type On = Pick<Desktop, 'state' | 'session' | 'fault' | 'unconfirmedSince'>;
const at = 'tc_1' as TcId;
const used = (state: Desktop['state']): On => ({ ...free(state), session: 'ses_1' as SessionId });
const free = (state: Desktop['state']): On => ({
  state,
  session: undefined,
  fault: undefined,
  unconfirmedSince: undefined,
});
const fault = (code: string): On => ({ ...free('quarantined'), fault: { code, text: '', at: 0 } });
const connected: Pick<Session, 'state' | 'tc' | 'swap'> = { state: 'connected', tc: at };

const waits = { people: false, bound: false };
const people = { people: true, bound: false };
const bound = { people: false, bound: true };
const all = { people: true, bound: true };

test.each<[string, On, Partial<Session> | undefined, Pick<Drain, 'people' | 'bound'>, DrainFate]>([
  ['a ready one', free('ready'), undefined, all, 'goes'],
  ['one that boots', free('booting'), undefined, all, 'goes'],
  ['one that was given back', free('returning'), undefined, all, 'goes'],
  ['a pooled one in use', used('leased'), connected, waits, 'at-log-off'],
  ['the same, when only what belongs to somebody is moved', used('leased'), connected, bound, 'at-log-off'],
  ['the same, when people are moved', used('leased'), connected, people, 'moves'],
  ['one whose viewer ended', used('leased'), { ...connected, state: 'away' }, people, 'seat-first'],
  ['one that is being opened', used('leased'), { ...connected, state: 'opening' }, people, 'seat-first'],
  ['one whose seat is silent', used('leased'), { ...connected, tc: 'tc_2' as TcId }, people, 'seat-first'],
  [
    'one that was swapped a moment ago',
    used('leased'),
    { ...connected, swap: { at: 1 } },
    people,
    'seat-first',
  ],
  ['one of a session that nobody knows', used('leased'), undefined, people, 'seat-first'],
  ['one as a backup has it', { ...used('leased'), unconfirmedSince: 1 }, connected, people, 'seat-first'],
  [
    'the same, when nobody is moved',
    { ...used('leased'), unconfirmedSince: 1 },
    undefined,
    waits,
    'at-log-off',
  ],
  ['somebody’s own', free('bound'), undefined, people, 'belongs'],
  ['somebody’s own in use', used('bound'), connected, people, 'belongs'],
  ['somebody’s own that is to be moved', free('bound'), undefined, bound, 'moves'],
  ['the same, switched off', free('parked'), undefined, bound, 'moves'],
  ['the same as a backup has it', { ...free('parked'), unconfirmedSince: 1 }, undefined, bound, 'seat-first'],
  ['the same, with its person on it', used('bound'), connected, bound, 'at-log-off'],
  ['the same, when people are moved too', used('bound'), connected, all, 'moves'],
  ['one that was swapped', fault('swapped'), undefined, all, 'kept'],
  ['one that was moved', fault('drained'), undefined, all, 'goes'],
])('%s', (_, desktop, session, drain, fate) => {
  const whole = session && { ...connected, ...session };
  expect(drainFate(desktop, whole, drain, new Set([at]))).toBe(fate);
});

test('fates are counted, those that none has too', () => {
  expect(countFates(['moves', 'goes', 'moves'])).toEqual({
    goes: 1,
    'at-log-off': 0,
    moves: 2,
    'seat-first': 0,
    belongs: 0,
    kept: 0,
  });
});
