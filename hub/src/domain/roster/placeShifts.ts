import type { RosterSpec } from '@anyseat/protocol';
import { chooseAllocator, inOrder, poolsAt, type Asker } from '../allocator.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Person } from '../person.ts';
import { wallTime } from '../wallClock.ts';
import type { Shift } from './shifts.ts';

/** Whom the allocators see in a shift, and what they come to; or why nobody serves them. */
export type Placed = { allocator: string; pool: string; bound: boolean } | { why: string };

/** What is known of somebody by name; null: no directory has them. */
export type Known = (user: string) => Person | null | undefined;

/**
 * A judge of shifts by the rules of a login: the allocator that serves them at the beginning of the shift, and the first of its
 * pools that is open. Somebody by name is judged as they were seen last; a head count, and somebody whom nobody has
 * seen yet, as a person of whom the department is known.
 */
export function placer(
  catalogue: Catalogue,
  known: Known,
): (shift: Shift, departments: RosterSpec['departments']) => Placed {
  const ordered = inOrder(catalogue.allocators.values());
  return (shift, departments) => {
    const site = catalogue.sites.get(shift.site);
    if (!site) return { why: `there is no site “${shift.site}” any more` };
    const seen = shift.person === undefined ? undefined : known(shift.person);
    if (seen === null) return { why: 'no directory knows them' };
    const look = Object.hasOwn(departments, shift.department) ? departments[shift.department] : undefined;
    const asker: Asker = {
      person: seen ?? somebody(shift, look),
      seat: {
        name: '',
        tags: look?.seat ?? (shift.department === '' ? {} : { department: shift.department }),
      },
      site: { name: site.name, tags: site.spec.tags },
      tc: { tags: {} },
      time: wallTime(shift.from, site.spec.timeZone),
    };
    const rule = chooseAllocator(ordered, asker);
    if (!rule) return { why: 'no allocator serves them' };
    const pools = poolsAt(rule.spec, site.name);
    const pool = pools.find((name) => catalogue.pools.get(name)?.spec.closed === undefined) ?? pools[0]!;
    return { allocator: rule.name, pool, bound: rule.spec.binding !== 'none' };
  };
}

/** A person of whom nothing is known but the department, and perhaps the name. */
function somebody(
  { department, person: user = '' }: Shift,
  look: RosterSpec['departments'][string] | undefined,
): Person {
  const lists = Object.entries(look?.person ?? {}).map(([name, value]): [string, readonly string[]] => [
    name,
    typeof value === 'string' ? [value] : value,
  ]);
  return {
    id: '',
    directory: '',
    user,
    displayName: user,
    dn: look?.ou === undefined ? '' : `cn=somebody,${look.ou}`,
    groups: look?.groups ?? (department === '' ? [] : [department]),
    attributes: { ...(department === '' ? {} : { department: [department] }), ...Object.fromEntries(lists) },
  };
}
