import { expect, test } from 'vitest';
import { epochOf } from './epochOf.ts';

const cases: [date: string, hour: number, minute: number, zone: string, utc: string][] = [
  ['2026-11-24', 9, 0, 'Asia/Shanghai', '2026-11-24T01:00:00.000Z'],
  ['2026-11-24', 24, 0, 'Asia/Shanghai', '2026-11-24T16:00:00.000Z'],
  ['2026-07-01', 9, 0, 'Europe/Berlin', '2026-07-01T07:00:00.000Z'],
  ['2026-12-01', 9, 0, 'Europe/Berlin', '2026-12-01T08:00:00.000Z'],
  // The day of the change, on both sides of it.
  ['2026-03-29', 1, 30, 'Europe/Berlin', '2026-03-29T00:30:00.000Z'],
  ['2026-03-29', 8, 30, 'Europe/Berlin', '2026-03-29T06:30:00.000Z'],
  ['2026-10-25', 8, 30, 'Europe/Berlin', '2026-10-25T07:30:00.000Z'],
  // Left out, and twice.
  ['2026-03-29', 2, 30, 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
  ['2026-10-25', 2, 30, 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  // Half an hour of daylight saving, and zones with quarters.
  ['2026-04-05', 8, 0, 'Australia/Lord_Howe', '2026-04-04T21:30:00.000Z'],
  ['2026-11-24', 9, 0, 'Asia/Kathmandu', '2026-11-24T03:15:00.000Z'],
];

test.each(cases)('%s %i:%i in %s', (date, hour, minute, zone, utc) => {
  expect(new Date(epochOf(date, hour * 60 + minute, zone)).toISOString()).toBe(utc);
});
