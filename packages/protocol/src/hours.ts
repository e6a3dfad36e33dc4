/**
 * Times of a week or of certain days, as allocators write them, read aloud as they stand:
 *
 *     mon-fri 08:00-20:00        sat,sun        22:00-06:00        2026-12-24..2027-01-02 fri 18:00-24:00
 *
 * Dates, then weekdays, then a time of day: each may be left out, and what is left out is all. A time that ends before it
 * begins goes over midnight, and belongs to the day on which it begins. All of it is wall-clock time at the site.
 */
export interface Hours {
  /** `YYYY-MM-DD`, both included. */
  dates: { from: string; to: string } | undefined;
  /** 0 is Monday. */
  days: readonly number[] | undefined;
  /** Minutes of the day; `to` is below `from` over midnight. */
  time: { from: number; to: number } | undefined;
}

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const DATE = /^(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?$/;
const TIME = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/;
const LIKE = 'such as “mon-fri 08:00-20:00”, “sat,sun”, “22:00-06:00” or “2026-12-24..2027-01-02”';

/** The hours that a text means, or what is wrong with it, in words. */
export function parseHours(text: string): Hours | { problem: string } {
  const parts = text.trim().toLowerCase().split(/\s+/);
  const hours: Hours = { dates: undefined, days: undefined, time: undefined };
  let stage = 0;
  for (const part of parts) {
    const [at, read] = readPart(part);
    if ('problem' in read) return { problem: `“${text}”: ${read.problem}` };
    if (at <= stage)
      return { problem: `“${text}”: a date, then weekdays, then a time, each once at most: ${LIKE}` };
    stage = at;
    Object.assign(hours, read);
  }
  return hours;
}

function readPart(part: string): [stage: number, Partial<Hours> | { problem: string }] {
  const date = DATE.exec(part);
  if (date) return [1, readDates(date[1]!, date[2] ?? date[1]!)];
  const time = TIME.exec(part);
  if (time) return [3, readTime(...(time.slice(1).map(Number) as [number, number, number, number]))];
  if (/^[a-z]/.test(part)) return [2, readDays(part)];
  return [4, { problem: `“${part}” is no date, no weekday and no time; hours are ${LIKE}` }];
}

function readDates(from: string, to: string): Partial<Hours> | { problem: string } {
  const bad = [from, to].find((day) => !isDay(day));
  if (bad !== undefined) return { problem: `there is no ${bad} in the calendar` };
  if (to < from) return { problem: `${to} is before ${from}` };
  return { dates: { from, to } };
}

const isDay = (day: string): boolean => {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
};

function readDays(text: string): Partial<Hours> | { problem: string } {
  const days = new Set<number>();
  for (const span of text.split(',')) {
    const ends = span.split('-');
    const [from, to = from] = ends.map((name) => weekdays.findIndex((day) => day === name));
    if (ends.length > 2 || from === undefined || to === undefined || from < 0 || to < 0) {
      return {
        problem: `“${span}” is no weekday; they are ${weekdays.join(', ')}, as in mon-fri or sat,sun`,
      };
    }
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === to) break;
    }
  }
  return { days: [...days].sort((a, b) => a - b) };
}

function readTime(
  fromHour: number,
  fromMinute: number,
  toHour: number,
  toMinute: number,
): Partial<Hours> | { problem: string } {
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (fromMinute > 59 || toMinute > 59 || from >= 1440 || to > 1440)
    return { problem: 'a time of day is between 00:00 and 24:00' };
  if (from === to) return { problem: 'begins when it ends; for the whole day leave the time out' };
  return { time: { from, to } };
}
