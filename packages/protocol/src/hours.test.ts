import { expect, test } from 'vitest';
import { parseHours, type Hours } from './hours.ts';

const all: Hours = { dates: undefined, days: undefined, time: undefined };

test.each<[string, Hours]>([
  ['mon-fri 08:00-20:00', { ...all, days: [0, 1, 2, 3, 4], time: { from: 480, to: 1200 } }],
  ['Sat,Sun', { ...all, days: [5, 6] }],
  ['fri-mon', { ...all, days: [0, 4, 5, 6] }],
  ['22:00-6:30', { ...all, time: { from: 1320, to: 390 } }],
  ['18:00-24:00', { ...all, time: { from: 1080, to: 1440 } }],
  ['2028-02-29', { ...all, dates: { from: '2028-02-29', to: '2028-02-29' } }],
  [
    '2026-12-24..2027-01-02  fri 18:00-02:00',
    { dates: { from: '2026-12-24', to: '2027-01-02' }, days: [4], time: { from: 1080, to: 120 } },
  ],
])('%s are hours', (text, hours) => {
  expect(parseHours(text)).toEqual(hours);
});

test.each([
  [
    'mo-fr 08:00-20:00',
    '“mo-fr” is no weekday; they are mon, tue, wed, thu, fri, sat, sun, as in mon-fri or sat,sun',
  ],
  ['8-20', '“8-20” is no date, no weekday and no time'],
  ['08:00-08:00', 'begins when it ends'],
  ['08:60-09:00', 'between 00:00 and 24:00'],
  ['24:00-06:00', 'between 00:00 and 24:00'],
  ['2026-02-29', 'there is no 2026-02-29 in the calendar'],
  ['2026-13-01', 'there is no 2026-13-01 in the calendar'],
  ['2027-01-02..2026-12-24', '2026-12-24 is before 2027-01-02'],
  ['08:00-20:00 mon', 'a date, then weekdays, then a time, each once at most'],
  ['mon tue', 'a date, then weekdays, then a time, each once at most'],
  ['', 'is no date, no weekday and no time'],
])('%j is told what is wrong with it', (text, problem) => {
  expect(parseHours(text)).toEqual({ problem: expect.stringContaining(problem) as string });
});
