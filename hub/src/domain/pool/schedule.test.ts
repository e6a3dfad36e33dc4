import { expect, test } from 'vitest';
import { MINUTE } from '@anyseat/base';
import { demandOf } from './schedule.ts';

const BERLIN = 'Europe/Berlin';
const spec = {
  floor: 5,
  ceiling: 500,
  floors: [
    { hours: 'mon-fri 08:00-18:00', floor: 40 },
    { hours: 'mon-fri 09:00-09:30', floor: 60 },
    { hours: '2026-12-24..2026-12-26', floor: 10 },
    { hours: '2026-12-24 08:00-12:00', floor: 20 },
  ],
  arrivals: [
    { hours: 'mon-fri 08:30-09:30', people: 200 },
    { hours: 'mon-fri 22:00-02:00', people: 30 },
    { hours: '2026-12-24 08:00-09:00', people: 12 },
  ],
};
const utc = (text: string) => Date.parse(`${text}:00Z`);
const floorAt = (text: string, zone = BERLIN) => demandOf(spec, zone, utc(text)).floorAt(utc(text));

test.each([
  ['2026-11-24T06:59', 5, 'before the table'],
  ['2026-11-24T07:00', 40, 'eight o’clock in Berlin'],
  ['2026-11-24T08:00', 60, 'a later line for half an hour of it'],
  ['2026-11-24T08:30', 40, 'and after it the earlier one again'],
  ['2026-11-24T17:00', 5, 'six in the evening'],
  ['2026-11-29T10:00', 5, 'a Sunday'],
  ['2026-12-25T10:00', 10, 'a dated exception on a Friday'],
  ['2026-12-24T10:00', 20, 'an exception to the exception'],
  ['2026-06-24T05:59', 5, 'in summer the same hours of the wall'],
  ['2026-06-24T06:00', 40, 'are an hour earlier'],
])('the floor at %s UTC is %i: %s', (at, floor) => {
  expect(floorAt(at)).toBe(floor);
});

test('another site has another clock', () => {
  expect(floorAt('2026-11-24T00:00', 'Asia/Shanghai')).toBe(40);
});

const windows = (text: string) =>
  demandOf(spec, BERLIN, utc(text))
    .arrivals.map(({ from, to, people }) => [
      new Date(from).toISOString().slice(0, 16),
      (to - from) / MINUTE,
      people,
    ])
    .sort(([a], [b]) => String(a).localeCompare(String(b)));

test('windows of people are those of yesterday, today and tomorrow, over midnight too', () => {
  expect(windows('2026-11-24T12:00')).toEqual([
    ['2026-11-23T07:30', 60, 200],
    ['2026-11-23T21:00', 240, 30],
    ['2026-11-24T07:30', 60, 200],
    ['2026-11-24T21:00', 240, 30],
    ['2026-11-25T07:30', 60, 200],
    ['2026-11-25T21:00', 240, 30],
  ]);
});

test('on a day with a date of its own the week’s people do not come', () => {
  expect(windows('2026-12-24T12:00').filter(([from]) => String(from).startsWith('2026-12-24'))).toEqual([
    ['2026-12-24T07:00', 60, 12],
  ]);
});

test('a window over the night in which the clocks go back is an hour longer', () => {
  const night = { ...spec, arrivals: [{ hours: 'sat 22:00-06:00', people: 1 }] };
  const hours = (text: string) =>
    demandOf(night, BERLIN, utc(text)).arrivals.map(({ from, to }) => (to - from) / MINUTE / 60);
  expect([hours('2026-10-24T12:00'), hours('2026-03-28T12:00')]).toEqual([[9], [7]]);
});

test('people known from elsewhere come on top', () => {
  const more = { from: 1, to: 2, people: 3 };
  expect(demandOf({ ...spec, arrivals: [] }, BERLIN, 0, [more]).arrivals).toEqual([more]);
});
