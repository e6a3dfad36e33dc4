import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWithin, timeText } from './hours.ts';
import { dayBefore, readWallTime, wallTime } from './wallClock.ts';

/** 2026-11-23 is a Monday. */
test.each([
  ['mon-fri 08:00-20:00', '2026-11-23 08:00', true],
  ['mon-fri 08:00-20:00', '2026-11-23 07:59', false],
  ['mon-fri 08:00-20:00', '2026-11-23 20:00', false],
  ['mon-fri 08:00-20:00', '2026-11-28 12:00', false],
  ['fri 22:00-06:00', '2026-11-27 23:30', true],
  ['fri 22:00-06:00', '2026-11-28 05:59', true],
  ['fri 22:00-06:00', '2026-11-28 06:00', false],
  ['fri 22:00-06:00', '2026-11-27 03:00', false],
  ['sun 22:00-06:00', '2026-11-23 03:00', true],
  ['2026-12-31 22:00-06:00', '2027-01-01 05:00', true],
  ['2026-12-31', '2027-01-01 00:00', false],
  ['2026-12-24..2027-01-02 fri', '2027-01-01 10:00', true],
  ['2026-12-24..2027-01-02 fri', '2026-12-26 10:00', false],
  ['00:00-24:00', '2026-11-23 23:59', true],
  ['no hours at all', '2026-11-23 23:59', false],
])('%s at %s: %s', (hours, at, within) => {
  expect(isWithin(hours, readWallTime(at))).toBe(within);
});

test('the clock on the wall is the site’s, daylight saving and all', () => {
  const at = Date.parse('2026-10-25T00:59:00Z');
  const hour = 3_600_000;
  expect([
    timeText(wallTime(at, 'Europe/Berlin')),
    timeText(wallTime(at + hour, 'Europe/Berlin')),
    timeText(wallTime(at, 'Asia/Shanghai')),
    timeText(wallTime(Date.parse('2026-11-22T16:00:00Z'), 'Asia/Shanghai')),
    timeText(wallTime(Date.parse('2026-11-22T16:00:00Z'), 'UTC')),
  ]).toEqual([
    'sun 2026-10-25 02:59',
    'sun 2026-10-25 02:59',
    'sun 2026-10-25 08:59',
    'mon 2026-11-23 00:00',
    'sun 2026-11-22 16:00',
  ]);
});

test('what a clock shows is read as it is written', () => {
  const minutes = fc.integer({ min: 0, max: 40_000_000 }).map((n) => n * 60_000);
  fc.assert(
    fc.property(minutes, (at) => {
      const time = wallTime(at, 'UTC');
      expect(readWallTime(timeText(time).slice(4))).toEqual(time);
      expect(dayBefore(time.date)).toBe(wallTime(at - 86_400_000, 'UTC').date);
    }),
  );
  for (const bad of ['2026-02-30 24:00', '2026-11-23 10:60', 'now'])
    expect(() => readWallTime(bad)).toThrow('is no time in the calendar');
});

test('hours and the hours beside them never hold together, and one of the two always does', () => {
  const two = (n: number) => String(n).padStart(2, '0');
  const text = (m: number) => `${two(Math.floor(m / 60))}:${two(m % 60)}`;
  const minute = fc.integer({ min: 0, max: 1439 });
  fc.assert(
    fc.property(minute, minute, minute, (from, to, now) => {
      fc.pre(from !== to);
      const at = { date: '2026-11-24', day: 1, minute: now };
      expect(isWithin(`${text(from)}-${text(to)}`, at)).toBe(!isWithin(`${text(to)}-${text(from)}`, at));
    }),
  );
});
