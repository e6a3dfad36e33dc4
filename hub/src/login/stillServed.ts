import { chooseAllocator } from '../domain/allocator.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Person } from '../domain/person.ts';
import type { Session } from '../domain/session.ts';
import { askerAt } from './askers.ts';

/**
 * Whether the allocator of a session would still serve its person, as the directory has them now, at the time when they
 * logged in: it is what the directory says that counts here, not that their shift is over. An allocator or a seat that an
 * operator changed since then is not judged by: a change of rules tears no session.
 * @param tcTags of the thin client that the session is at
 */
export function stillServed(
  session: Session,
  person: Person,
  catalogue: Catalogue,
  tcTags: Readonly<Record<string, string>> = {},
): boolean {
  const rule = catalogue.allocators.get(session.allocator);
  const seat = catalogue.seats.get(session.seat);
  const changed = [rule, seat].some((one) => one === undefined || one.changedAt > session.startedAt);
  if (rule === undefined || changed) return true;
  const asker = askerAt(catalogue, person, session.seat, session.startedAt, tcTags);
  return asker === undefined || chooseAllocator([rule], asker) !== undefined;
}
