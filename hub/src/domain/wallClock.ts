import { Fault, MINUTE } from '@anyseat/base';

/** What a clock on the wall of a site shows, and the calendar beside it. */
export interface WallTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** 0 is Monday. */
  readonly day: number;
  /** Of the day. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** What was shown last in each zone: no clock that counts minutes changes within one, and to work it out costs 15 µs. */
const shown = new Map<string, { minute: number; wall: WallTime }>();

/** @param at epoch ms @param timeZone an IANA name, daylight saving and all */
export function wallTime(at: number, timeZone: string): WallTime {
  const minute = Math.floor(at / MINUTE);
  const last = shown.get(timeZone);
  if (last?.minute === minute) return last.wall;
  const wall = readClock(at, timeZone);
  shown.set(timeZone, { minute, wall });
  return wall;
}

function readClock(at: number, timeZone: string): WallTime {
  let format = formats.get(timeZone);
  if (!format) {
    const two = '2-digit';
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
    });
    formats.set(timeZone, format);
  }
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = value;
  const date = `${part.year!.padStart(4, '0')}-${part.month}-${part.day}`;
  return { date, day: dayOf(date), minute: Number(part.hour) * 60 + Number(part.minute) };
}

/** @param text `2026-11-24 22:30` @throws Fault `time-invalid` (refused) */
export function readWallTime(text: string): WallTime {
  const [date = '', clock = ''] = text.split(' ');
  const [hour = NaN, minute = NaN] = clock.split(':').map(Number);
  if (Number.isNaN(Date.parse(`${date}T00:00:00Z`)) || !(hour < 24 && minute < 60))
    throw new Fault('time-invalid', 'refused', `“${text}” is no time in the calendar`, { fields: { text } });
  return { date, day: dayOf(date), minute: hour * 60 + minute };
}

/** The date before this one. */
export const dayBefore = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

const dayOf = (date: string): number => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
