import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '@anyseat/base';
import { hoursLeftMs, limitsNear, type LimitSight, type NearLimit } from './sessionLimits.ts';
import type { SessionPolicy } from './sessionPolicy.ts';

const idle = { afterMs: 30 * MINUTE, warnMs: 2 * MINUTE, action: 'lock' as const };
const atMost = { ms: 10 * HOUR, hours: ['mon-fri 08:00-20:00'], warnMs: 10 * MINUTE };
const fresh: LimitSight = { ageMs: HOUR, idleMs: 0, hoursLeftMs: undefined };

type Case = [
  what: string,
  policy: Partial<SessionPolicy>,
  sight: Partial<LimitSight>,
  near: NearLimit['kind'][],
];

describe('a session is near', () => {
  const cases: Case[] = [
    ['no limit when there is none', {}, { idleMs: 99 * HOUR, ageMs: 99 * HOUR }, []],
    ['no limit while it is used', { idle, atMost }, {}, []],
    ['its idle time, from the warning on', { idle }, { idleMs: 28 * MINUTE }, ['idle']],
    ['no idle time that nobody knows of', { idle }, { idleMs: undefined, ageMs: 99 * HOUR }, []],
    ['its length, from the warning on', { atMost }, { ageMs: 9 * HOUR + 50 * MINUTE }, ['too-long']],
    ['the end of its hours', { atMost }, { hoursLeftMs: 9 * MINUTE }, ['hours-over']],
    ['several', { idle, atMost }, { idleMs: 29 * MINUTE, hoursLeftMs: 2 * MINUTE }, ['idle', 'hours-over']],
  ];
  test.each(cases)('%s', (_, policy, sight, kind) => {
    const near = limitsNear({ queuePriority: 0, ...policy }, { ...fresh, ...sight });
    expect(near.map((limit) => limit.kind)).toEqual(kind);
  });

  test('and what is long over is over now, with the whole warning to come', () => {
    expect(limitsNear({ queuePriority: 0, idle }, { ...fresh, idleMs: HOUR })).toEqual([
      { kind: 'idle', inMs: 0, action: 'lock', warnMs: 2 * MINUTE },
    ]);
  });
});

test.each([
  ['2026-11-23T11:49:30Z', undefined],
  ['2026-11-23T11:50:30Z', 9.5 * MINUTE],
  ['2026-11-23T11:59:59Z', SECOND],
  ['2026-11-23T12:00:00Z', 0],
  ['2026-11-22T03:00:00Z', 0],
])('at %s, in Shanghai, hours to 20:00 last for %s ms', (at, left) => {
  expect(hoursLeftMs(atMost.hours, Date.parse(at), 'Asia/Shanghai', 10 * MINUTE)).toBe(left);
});

test('hours that follow each other have no end between them', () => {
  const at = Date.parse('2026-11-23T19:55:00Z');
  const hours = ['mon 08:00-20:00', 'mon 20:00-22:00'];
  expect(hoursLeftMs(hours, at, 'UTC', 30 * MINUTE)).toBeUndefined();
});
