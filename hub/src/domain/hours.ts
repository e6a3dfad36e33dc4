import { parseHours, weekdays, type Hours } from '@anyseat/protocol';
import { dayBefore, type WallTime } from './wallClock.ts';

/** Whether a text of hours covers this time. A text that is none (the schema lets no such in) covers nothing. */
export function isWithin(text: string, now: WallTime): boolean {
  let hours = read.get(text);
  if (!hours) {
    hours = parseHours(text);
    if (read.size >= MOST_READ) read.clear();
    read.set(text, hours);
  }
  return !('problem' in hours) && covers(hours, now);
}

/** `tue 2026-11-24 02:10`, for whoever reads why. */
export const timeText = ({ date, day, minute }: WallTime): string =>
  `${weekdays[day]} ${date} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

const MOST_READ = 1000;
const read = new Map<string, Hours | { problem: string }>();

function covers(hours: Hours, now: WallTime): boolean {
  const { time } = hours;
  if (!time) return isOn(hours, now.date, now.day);
  if (time.from < time.to)
    return isOn(hours, now.date, now.day) && now.minute >= time.from && now.minute < time.to;
  // Over midnight: either it began today, or yesterday and goes on.
  if (now.minute >= time.from) return isOn(hours, now.date, now.day);
  return now.minute < time.to && isOn(hours, dayBefore(now.date), (now.day + 6) % 7);
}

const isOn = ({ dates, days }: Hours, date: string, day: number): boolean =>
  (!dates || (date >= dates.from && date <= dates.to)) && (!days || days.includes(day));

const two = (n: number): string => String(n).padStart(2, '0');
