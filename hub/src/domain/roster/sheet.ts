import { parseHours } from '@anyseat/protocol';

/**
 * The rows of a roster, packed: half a million of them are numbers in one array, which goes from the thread that read them to
 * the hub without being copied, and is looked through in milliseconds.
 *
 * Names are kept once; a row has their places in these lists. The first of departments, people and zones is empty: none.
 */
export interface Sheet {
  readonly sites: readonly string[];
  readonly departments: readonly string[];
  /** As they were written. */
  readonly people: readonly string[];
  /** IANA names; the empty one is the zone of the site. */
  readonly zones: readonly string[];
  /** `WIDTH` numbers a row, as `field` names them. */
  readonly cells: Int32Array;
}

export const field = {
  site: 0,
  department: 1,
  person: 2,
  zone: 3,
  /** Days since 1970-01-01, both included; of rows for all weeks `ALWAYS.from` and `ALWAYS.to`. */
  fromDay: 4,
  toDay: 5,
  /** A bit for each weekday, Monday the lowest. */
  days: 6,
  /** Minutes of the day on which it begins; `to` may be past the next midnight. Both `NO_TIME` where none was written. */
  from: 7,
  to: 8,
  heads: 9,
  line: 10,
} as const;
export const WIDTH = 11;
export const ALWAYS = { from: -1_000_000, to: 1_000_000 } as const;
export const EVERY_DAY = 0b111_1111;
export const NO_TIME = -1;

export const emptySheet: Sheet = {
  sites: [],
  departments: [''],
  people: [''],
  zones: [''],
  cells: new Int32Array(),
};

export const rowsIn = ({ cells }: Sheet): number => cells.length / WIDTH;

/** How exactly a row says when: a date, a range of dates, or weekdays of all weeks. The more exact takes the other’s place. */
export const exactness = (cells: Int32Array, row: number): 0 | 1 | 2 =>
  cells[row + field.fromDay] === ALWAYS.from
    ? 0
    : cells[row + field.fromDay] === cells[row + field.toDay]
      ? 2
      : 1;

const DAY = 86_400_000;

/** @param date `YYYY-MM-DD` @returns days since 1970-01-01 */
export const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY;
export const dateOf = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
/** 0 is Monday; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** On which days a row counts. */
export interface Days {
  fromDay: number;
  toDay: number;
  days: number;
}

/** `2026-11-24`, `mon-fri`, `2026-12-01..2026-12-31 sat,sun`; empty: every day. */
export function readDays(text: string): Days | { problem: string } {
  if (text === '') return { fromDay: ALWAYS.from, toDay: ALWAYS.to, days: EVERY_DAY };
  const hours = parseHours(text);
  if ('problem' in hours) return hours;
  if (hours.time) return { problem: `“${text}” has a time in it, which stands in the columns from and to` };
  const { dates, days } = hours;
  return {
    fromDay: dates ? dayNumber(dates.from) : ALWAYS.from,
    toDay: dates ? dayNumber(dates.to) : ALWAYS.to,
    days: days ? days.reduce((bits, day) => bits | (1 << day), 0) : EVERY_DAY,
  };
}
