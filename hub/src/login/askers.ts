import type { Asker } from '../domain/allocator.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Person } from '../domain/person.ts';

/** The person at this seat, as allocators look at them; undefined while the seat or its site is not in the catalogue. */
export function askerAt(catalogue: Catalogue, person: Person, seatName: string): Asker | undefined {
  const seat = catalogue.seats.get(seatName);
  const site = seat && catalogue.sites.get(seat.spec.site);
  if (!seat || !site) return undefined;
  return {
    person,
    seat: { name: seat.name, tags: seat.spec.tags },
    site: { name: site.name, tags: site.spec.tags },
  };
}
