import { DAY, HOUR, MINUTE } from '@anyseat/base';
import { epochOf } from '../epochOf.ts';
import { dateOf, exactness, field, rowsIn, WIDTH, weekdayOf, type Sheet } from './sheet.ts';

/** People who are expected from one moment to another, epoch ms: so many of them, or one by name. */
export interface Shift {
  readonly site: string;
  /** Empty where the row names none. */
  readonly department: string;
  /** A login name as it was written. */
  readonly person: string | undefined;
  readonly heads: number;
  readonly from: number;
  readonly to: number;
}

/** A shift that a change of the clock has eaten. */
const LEAST = HOUR / 12;

/**
 * The shifts of which some part lies between two moments.
 *
 * Of rows for the same day the more exact counts: one with a date before one with a range of dates, and that before one for all
 * weeks. Rows compete for the same person, or, as head counts, for the same site and department. A row of no heads and no time closes: less exact
 * rows of its site, and of its department if it names one, do not count on that day, people by name among them.
 *
 * @param zoneOf the time zone of a site
 */
export const shiftsBetween = (...about: Parameters<typeof shiftDays>): Shift[] =>
  [...shiftDays(...about)].flat();

/** The same, a day of the rows at a time: ten thousand people a day are milliseconds each, and others want to be answered between. */
export function* shiftDays(
  sheet: Sheet,
  zoneOf: (site: string) => string | undefined,
  from: number,
  to: number,
): Generator<Shift[], void> {
  // Clocks on walls are 12 hours behind UTC to 14 before it, and a shift may have begun the day before.
  const firstDay = Math.floor((from - 12 * HOUR) / DAY) - 1;
  const byDay = rowsByDay(sheet, firstDay, Math.floor((to + 14 * HOUR) / DAY));
  const { cells, sites, departments, people, zones } = sheet;
  const siteZones = sites.map((site) => zoneOf(site) ?? 'UTC');
  const epoch = epochs();
  for (const [i, rows] of byDay.entries()) {
    const shifts: Shift[] = [];
    for (const row of standing(rows, sheet)) {
      const heads = cells[row + field.heads]!;
      if (heads === 0) continue;
      const site = sites[cells[row + field.site]!]!;
      const zone = zones[cells[row + field.zone]!] || siteZones[cells[row + field.site]!]!;
      const begins = epoch(firstDay + i, cells[row + field.from]!, zone);
      const ends = Math.max(epoch(firstDay + i, cells[row + field.to]!, zone), begins + LEAST);
      if (begins >= to || ends <= from) continue;
      const person = cells[row + field.person]!;
      shifts.push({
        site,
        department: departments[cells[row + field.department]!]!,
        person: person === 0 ? undefined : people[person]!,
        heads,
        from: begins,
        to: ends,
      });
    }
    yield shifts;
  }
}

function rowsByDay(sheet: Sheet, firstDay: number, lastDay: number): number[][] {
  const byDay: number[][] = Array.from({ length: lastDay - firstDay + 1 }, () => []);
  const { cells } = sheet;
  for (let row = 0; row < rowsIn(sheet) * WIDTH; row += WIDTH) {
    const first = Math.max(firstDay, cells[row + field.fromDay]!);
    const last = Math.min(lastDay, cells[row + field.toDay]!);
    for (let day = first; day <= last; day++)
      if (cells[row + field.days]! & (1 << weekdayOf(day))) byDay[day - firstDay]!.push(row);
  }
  return byDay;
}

/** `epochOf`, remembering: thousands of people begin at the same hour. */
function epochs(): (day: number, minute: number, zone: string) => number {
  const byZone = new Map<string, Map<number, number>>();
  return (day, minute, zone) => {
    let known = byZone.get(zone);
    if (!known) byZone.set(zone, (known = new Map()));
    const key = day * 1440 + minute;
    let at = known.get(key);
    if (at === undefined) known.set(key, (at = epochOf(dateOf(Math.floor(key / 1440)), minute % 1440, zone)));
    return at;
  };
}

/** Which of a day's rows count. */
function standing(rows: readonly number[], { cells, departments }: Sheet): number[] {
  const most = new Map<number, number>();
  const closed = new Map<number, number>();
  const whole = (row: number) => cells[row + field.site]! * departments.length;
  const place = (row: number) => whole(row) + cells[row + field.department]!;
  /** Below 0: somebody by name. */
  const rivals = (row: number) => -cells[row + field.person]! || place(row);
  const raise = (map: Map<number, number>, key: number, row: number) => {
    const exact = exactness(cells, row);
    if ((map.get(key) ?? -1) < exact) map.set(key, exact);
  };
  for (const row of rows) {
    raise(most, rivals(row), row);
    if (isClosing(cells, row)) raise(closed, place(row), row);
  }
  return rows.filter((row) => {
    const exact = exactness(cells, row);
    return (
      most.get(rivals(row)) === exact &&
      (closed.get(place(row)) ?? 0) <= exact &&
      (closed.get(whole(row)) ?? 0) <= exact
    );
  });
}

const isClosing = (cells: Int32Array, row: number): boolean =>
  cells[row + field.person] === 0 && cells[row + field.heads] === 0 && cells[row + field.from]! < 0;

/** Whoever is back within this has been away from the desk, and not gone. */
const BREAK = HOUR;
/** Rows as short as this are a head count by the hour or half-hour, and no shifts. */
const INTERVAL = HOUR;

/**
 * Who sits down anew. Somebody by name whose next shift begins within an hour of the end of the last goes on. Of head counts that are
 * written by the hour or half-hour only as many come as there are more than in the interval before.
 */
export function arrivalsOf(shifts: readonly Shift[]): Shift[] {
  const inOrder = [...shifts].sort((a, b) => a.from - b.from || a.to - b.to);
  const here = new Map<string, number>();
  const leaving = new Map<string, number>();
  return inOrder.flatMap((shift): Shift[] => {
    if (shift.person !== undefined) {
      const key = shift.person.toLowerCase();
      const until = here.get(key);
      here.set(key, Math.max(until ?? 0, shift.to));
      return until !== undefined && shift.from <= until + BREAK ? [] : [shift];
    }
    if (shift.to - shift.from > INTERVAL + MINUTE) return [shift];
    const [before, after] = [shift.from, shift.to].map((at) => `${shift.site}/${shift.department}/${at}`) as [
      string,
      string,
    ];
    const stay = Math.min(shift.heads, leaving.get(before) ?? 0);
    leaving.set(before, (leaving.get(before) ?? 0) - stay);
    leaving.set(after, (leaving.get(after) ?? 0) + shift.heads);
    return stay === shift.heads ? [] : [{ ...shift, heads: shift.heads - stay }];
  });
}

/** How many are expected at a moment. */
export const expectedAt = (shifts: readonly Shift[], at: number): number =>
  shifts.reduce((sum, { from, to, heads }) => sum + (from <= at && at < to ? heads : 0), 0);
