import { MINUTE } from '@anyseat/base';
import { epochOf } from '../epochOf.ts';
import { wallTime } from '../wallClock.ts';
import { dateOf, dayNumber } from './sheet.ts';
import type { Shift } from './shifts.ts';

export const QUARTER_MS = 15 * MINUTE;

/** The quarters of an hour of a day by a clock on a wall: 96, and four more or fewer when the clock changes. */
export function quartersOf(date: string, timeZone: string): number[] {
  const from = epochOf(date, 0, timeZone);
  const to = epochOf(date, 1440, timeZone);
  return Array.from(
    { length: Math.max(1, Math.round((to - from) / QUARTER_MS)) },
    (_, i) => from + i * QUARTER_MS,
  );
}

/** How many are expected at each of these moments, which are in order and a quarter apart. */
export function expectedCurve(shifts: readonly Shift[], moments: readonly number[]): number[] {
  const [first = 0] = moments;
  const steps = Array.from({ length: moments.length + 1 }, () => 0);
  const place = (at: number) => Math.min(moments.length, Math.max(0, Math.ceil((at - first) / QUARTER_MS)));
  for (const { from, to, heads } of shifts) {
    steps[place(from)]! += heads;
    steps[place(to)]! -= heads;
  }
  let sum = 0;
  return moments.map((_, i) => (sum += steps[i]!));
}

/** The same weekday of the weeks before, the last first. */
export const sameDaysBefore = (date: string, weeks: number): string[] =>
  Array.from({ length: weeks }, (_, i) => dateOf(dayNumber(date) - 7 * (i + 1)));

/** The quarter of an hour that the clock on the wall showed so many weeks before. */
export function weeksBefore(at: number, weeks: number, timeZone: string): number {
  const { date, minute } = wallTime(at, timeZone);
  return epochOf(dateOf(dayNumber(date) - 7 * weeks), minute - (minute % 15), timeZone);
}
