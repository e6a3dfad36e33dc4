import { ALWAYS, dayNumber, EVERY_DAY, NO_TIME, type Days } from './sheet.ts';

const CLOCK = /^(\d{1,2}):(\d{2})(?::00)?$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2}(?::00)?)$/;
const DAY = 1440;

export interface Times extends Days {
  from: number;
  to: number;
}

/**
 * When a shift begins and ends: `22:00` and `06:00` on the days of the row, over midnight where it ends before it begins; or
 * `2026-11-24 22:00` and `2026-11-25 06:00`, and no days. All by the clock on the wall.
 */
export function readTimes(days: Days, from: string, to: string): Times | { problem: string } {
  if (from === '' && to === '') return { ...days, from: NO_TIME, to: NO_TIME };
  const [begins, ends] = [MOMENT.exec(from), MOMENT.exec(to)];
  if (begins && ends) return dated(days, begins, ends);
  if (begins || ends) return { problem: 'has a date in one of from and to: write it in both, or in date' };
  const [start, end] = [minuteOf(from), minuteOf(to)];
  if (start === undefined || start >= DAY) return { problem: noTime('from', from) };
  if (end === undefined) return { problem: noTime('to', to) };
  if (start === end) return { problem: 'ends when it begins' };
  return { ...days, from: start, to: end < start ? end + DAY : end };
}

function dated(days: Days, begins: RegExpExecArray, ends: RegExpExecArray): Times | { problem: string } {
  if (days.fromDay !== ALWAYS.from || days.days !== EVERY_DAY)
    return { problem: 'has dates in from and to, and another in date' };
  const [first, last] = [dayIn(begins[1]!), dayIn(ends[1]!)];
  const wrong = first === undefined ? begins[1] : last === undefined ? ends[1] : undefined;
  if (first === undefined || last === undefined) return { problem: `there is no ${wrong} in the calendar` };
  const [start, end] = [minuteOf(begins[2]!), minuteOf(ends[2]!)];
  if (start === undefined || start >= DAY) return { problem: noTime('from', begins[0]) };
  if (end === undefined) return { problem: noTime('to', ends[0]) };
  const to = (last - first) * DAY + end;
  if (to <= start) return { problem: 'ends before it begins' };
  if (to > start + DAY) return { problem: 'is longer than a day' };
  return { fromDay: first, toDay: first, days: EVERY_DAY, from: start, to };
}

function dayIn(date: string): number | undefined {
  const day = dayNumber(date);
  return Number.isNaN(day) || !new Date(day * 86_400_000).toISOString().startsWith(date) ? undefined : day;
}

function minuteOf(text: string): number | undefined {
  const [, hour, minute] = CLOCK.exec(text) ?? [];
  if (hour === undefined || minute === undefined || Number(minute) > 59) return undefined;
  const at = Number(hour) * 60 + Number(minute);
  return at > DAY ? undefined : at;
}

const noTime = (column: string, text: string): string =>
  text === ''
    ? `says no time in ${column}`
    : `“${text}” in ${column} is no time such as 08:30 or 2026-11-24 08:30`;
