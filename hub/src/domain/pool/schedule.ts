import { DAY, HOUR } from '@anyseat/base';
import { parseHours, type PoolSpec } from '@anyseat/protocol';
import { epochOf } from '../epochOf.ts';
import { isWithin } from '../hours.ts';
import { wallTime } from '../wallClock.ts';
import type { ArrivalWindow } from './arrivals.ts';
import type { Demand } from './size.ts';

type Sized = Pick<PoolSpec, 'floor' | 'ceiling' | 'floors' | 'arrivals'>;

/**
 * What a pool's tables want, by the clock of its site. `more` are arrivals known from elsewhere: rosters come in here.
 *
 * Of several lines that cover a moment the last one counts, so that exceptions stand below what they are exceptions from.
 */
export function demandOf(
  spec: Sized,
  timeZone: string,
  now: number,
  more: readonly ArrivalWindow[] = [],
): Demand {
  const lines = spec.floors.toReversed();
  const floorAt = (at: number): number => {
    if (lines.length === 0) return spec.floor;
    const wall = wallTime(at, timeZone);
    const line = lines.find(({ hours }) => isWithin(hours, wall));
    return Math.min(spec.ceiling, line?.floor ?? spec.floor);
  };
  return { floorAt, arrivals: [...windowsOf(spec, timeZone, now), ...more], ceiling: spec.ceiling };
}

/** The windows of a pool's own tables from yesterday (one may go over midnight) to tomorrow. */
function windowsOf({ arrivals }: Sized, timeZone: string, now: number): ArrivalWindow[] {
  return [-1, 0, 1].flatMap((offset) => {
    // Noon of the day, lest a day of 23 hours be left out.
    const today = wallTime(now, timeZone);
    const noon = epochOf(today.date, 12 * 60, timeZone) + offset * DAY;
    const { date, day } = wallTime(noon, timeZone);
    // Several lines are several groups of people; those for certain dates take the place of the week's.
    const on = arrivals.flatMap((line) => {
      const read = parseHours(line.hours);
      if ('problem' in read) return [];
      const { dates, days, time } = read;
      const covers = (!dates || (date >= dates.from && date <= dates.to)) && (!days || days.includes(day));
      return covers ? [{ ...line, dated: dates !== undefined, time: time ?? { from: 0, to: 1440 } }] : [];
    });
    const counting = on.some(({ dated }) => dated) ? on.filter(({ dated }) => dated) : on;
    return counting.map(({ people, time }): ArrivalWindow => {
      const from = epochOf(date, time.from, timeZone);
      const over = time.to <= time.from;
      const next = wallTime(noon + DAY, timeZone).date;
      const to = over ? epochOf(next, time.to, timeZone) : epochOf(date, time.to, timeZone);
      // A window that a change of the clock has eaten.
      return { from, to: Math.max(to, from + HOUR / 12), people };
    });
  });
}
