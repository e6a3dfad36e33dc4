import type { PeopleAnswer, PeopleSums } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';

export const groupings = {
  site: 'bySite',
  department: 'byDepartment',
  allocator: 'byAllocator',
} as const satisfies Record<string, ConsoleKey>;
export type Grouping = keyof typeof groupings;

/** Whose day is shown: everybody’s, or that of one row. */
export type Scope =
  | { of: 'all' }
  | { of: 'site'; site: string }
  | { of: 'department'; site: string; department: string }
  | { of: 'allocator'; allocator: string };

/** As it stands in the address: `site/nantong`, `department/nantong/hotels`. */
export function scopeText(scope: Scope): string {
  switch (scope.of) {
    case 'all':
      return '';
    case 'site':
      return `site/${scope.site}`;
    case 'department':
      return `department/${scope.site}/${scope.department}`;
    case 'allocator':
      return `allocator/${scope.allocator}`;
    default:
      return scope satisfies never;
  }
}

export function scopeIn(text: string): Scope {
  const [of, first = '', ...rest] = text.split('/');
  if (of === 'site' && first !== '') return { of, site: first };
  if (of === 'department' && first !== '') return { of, site: first, department: rest.join('/') };
  if (of === 'allocator') return { of, allocator: first };
  return { of: 'all' };
}

/** What is asked of the hub for the day of this. */
export function dayPath(scope: Scope): string {
  const { of: _, ...query } = scope;
  const text = new URLSearchParams(query).toString();
  return text === '' ? '/people/day' : `/people/day?${text}`;
}

const NOBODY: PeopleSums = { expected: 0, loggedIn: 0, active: 0, idle: 0, missing: 0 };

export function sumsOf(people: PeopleAnswer, scope: Scope): PeopleSums & { usual?: number } {
  switch (scope.of) {
    case 'all':
      return people.all;
    case 'site':
      return people.sites.find(({ site }) => site === scope.site) ?? NOBODY;
    case 'department':
      return (
        people.departments.find((one) => one.site === scope.site && one.department === scope.department) ??
        NOBODY
      );
    case 'allocator':
      return people.allocators.find(({ allocator }) => allocator === scope.allocator) ?? NOBODY;
    default:
      return scope satisfies never;
  }
}
