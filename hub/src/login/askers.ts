import type { Asker } from '../domain/allocator.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Person } from '../domain/person.ts';
import { wallTime, type WallTime } from '../domain/wallClock.ts';

/**
 * The person at this seat, as allocators look at them; undefined while the seat or its site is not in the catalogue.
 * @param tcTags of the thin client that stands there
 * @param at epoch ms, or what the clock on the wall of the site is to show
 */
export function askerAt(
  catalogue: Catalogue,
  person: Person,
  seatName: string,
  at: number | WallTime,
  tcTags: Readonly<Record<string, string>>,
): Asker | undefined {
  const seat = catalogue.seats.get(seatName);
  const site = seat && catalogue.sites.get(seat.spec.site);
  if (!seat || !site) return undefined;
  return {
    person,
    seat: { name: seat.name, tags: seat.spec.tags },
    site: { name: site.name, tags: site.spec.tags },
    tc: { tags: tcTags },
    time: typeof at === 'number' ? wallTime(at, site.spec.timeZone) : at,
  };
}
