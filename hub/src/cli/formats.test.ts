import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '@anyseat/base';
import { age, count, duration, moment, size } from './formats.ts';

test('an age is one number with its unit', () => {
  expect(
    [-5, 0, 12 * SECOND, 119 * SECOND, 3 * MINUTE, 119 * MINUTE, 5 * HOUR, 47 * HOUR, 12 * DAY].map(age),
  ).toEqual(['0 s', '0 s', '12 s', '119 s', '3 min', '119 min', '5 h', '47 h', '12 d']);
});

test('what something took is as exact as it is short', () => {
  expect([0, 850.4, 1849, 42_000, 59_999, 185_000, 120_000].map(duration)).toEqual([
    '0 ms',
    '850 ms',
    '1.8 s',
    '42 s',
    '1 min',
    '3 min 5 s',
    '2 min',
  ]);
});

test('a moment is told by the clock of the place', () => {
  const at = Date.UTC(2026, 10, 23, 15, 55, 28);
  expect([moment(at, 'Asia/Shanghai'), moment(at, 'UTC')]).toEqual([
    '2026-11-23 23:55:28',
    '2026-11-23 15:55:28',
  ]);
});

test('sizes and counts', () => {
  expect([0, 999, 1000, 151_552, 999_960, 5_300_000_000].map(size)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '151.6 kB',
    '1.0 MB',
    '5.3 GB',
  ]);
  expect([count(1, 'seat'), count(2, 'seat'), count(0, 'person', 'people')]).toEqual([
    '1 seat',
    '2 seats',
    '0 people',
  ]);
});
