import { DAY, MINUTE } from '@anyseat/base';
import { wallTime } from './wallClock.ts';

/**
 * The moment at which a clock on the wall of a site shows this. A time that daylight saving leaves out is the moment after
 * the jump; of one that comes twice it is the first.
 *
 * @param date `YYYY-MM-DD` @param minute of the day; 1440 is the next midnight
 */
export function epochOf(date: string, minute: number, timeZone: string): number {
  const asUtc = Date.parse(`${date}T00:00:00Z`) + minute * MINUTE;
  // The offsets on both sides of whatever change there is that day.
  const candidates = [asUtc - offsetAt(asUtc - DAY, timeZone), asUtc - offsetAt(asUtc + DAY, timeZone)];
  const shown = candidates.filter((at) => at + offsetAt(at, timeZone) === asUtc);
  return shown.length > 0 ? Math.min(...shown) : Math.max(...candidates);
}

function offsetAt(at: number, timeZone: string): number {
  const { date, minute } = wallTime(at, timeZone);
  return Date.parse(`${date}T00:00:00Z`) + minute * MINUTE - (at - (((at % MINUTE) + MINUTE) % MINUTE));
}
