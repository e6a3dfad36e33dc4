import { MINUTE } from '@anyseat/base';
import type { Shift } from './shifts.ts';

/** Somebody who is logged in. */
export interface Present {
  user: string;
  site: string;
  /** As the directory has it; empty where it gave none. */
  department: string;
  allocator: string;
  /** Since anything was touched; undefined where nobody knows. Of somebody whose picture is not on the screen it is not asked. */
  idleMs: number | undefined;
}

/** A shift of now, and the allocator that serves it; empty: none. */
export interface Expected {
  shift: Shift;
  allocator: string;
}

/** People of a site, a department and an allocator. What is empty is not known. */
export interface HeadCell {
  site: string;
  department: string;
  allocator: string;
  /** By name, and as a number. */
  named: number;
  heads: number;
  /** Of those that were expected by now, and have had time to log in. */
  namedMissing: number;
  headsDue: number;
  loggedIn: number;
  /** Of these, not on any list of names. */
  unnamed: number;
  active: number;
  idle: number;
}

/** So long after the beginning of a shift nobody is missed. */
export const LATE_MS = 15 * MINUTE;

/** Everybody who is expected or logged in, in cells; and by name who is missed. */
export function countPeople(
  expected: readonly Expected[],
  present: readonly Present[],
  { now, activeMs }: { now: number; activeMs: number },
): { cells: HeadCell[]; missing: Shift[] } {
  const cells = new Map<string, HeadCell>();
  const cell = (site: string, department: string, allocator: string): HeadCell => {
    const key = JSON.stringify([site, department.toLowerCase(), allocator]);
    let found = cells.get(key);
    if (!found) cells.set(key, (found = emptyCell(site, department, allocator)));
    return found;
  };
  const here = new Set(present.map(({ user }) => user.toLowerCase()));
  const rostered = new Map<string, Shift>();
  const missing: Shift[] = [];
  for (const { shift, allocator } of expected) {
    const own = cell(shift.site, shift.department, allocator);
    const isDue = shift.from + LATE_MS <= now;
    if (shift.person === undefined) {
      own.heads += shift.heads;
      if (isDue) own.headsDue += shift.heads;
      continue;
    }
    const user = shift.person.toLowerCase();
    // On two rosters, or twice on one, is still one person.
    if (rostered.has(user)) continue;
    rostered.set(user, shift);
    own.named++;
    if (isDue && !here.has(user)) {
      own.namedMissing++;
      missing.push(shift);
    }
  }
  const counted = new Set<string>();
  for (const { user, site, department, allocator, idleMs } of present) {
    const key = user.toLowerCase();
    // Who works at two seats is one person.
    if (counted.has(key)) continue;
    counted.add(key);
    const shift = rostered.get(key);
    const own = cell(site, shift?.department ?? department, allocator);
    own.loggedIn++;
    if (!shift) own.unnamed++;
    if (idleMs === undefined) continue;
    if (idleMs < activeMs) own.active++;
    else own.idle++;
  }
  return { cells: [...cells.values()], missing };
}

const emptyCell = (site: string, department: string, allocator: string): HeadCell => ({
  site,
  department,
  allocator,
  named: 0,
  heads: 0,
  namedMissing: 0,
  headsDue: 0,
  loggedIn: 0,
  unnamed: 0,
  active: 0,
  idle: 0,
});

export interface Sums {
  expected: number;
  loggedIn: number;
  active: number;
  idle: number;
  /** Expected and not there: by name, and of head counts as many as there are too few people of no name. */
  missing: number;
}

export function sumOf(cells: readonly HeadCell[]): Sums {
  const all = (of: (cell: HeadCell) => number) => cells.reduce((sum, cell) => sum + of(cell), 0);
  return {
    expected: all((c) => c.named + c.heads),
    loggedIn: all((c) => c.loggedIn),
    active: all((c) => c.active),
    idle: all((c) => c.idle),
    missing: all((c) => c.namedMissing) + Math.max(0, all((c) => c.headsDue) - all((c) => c.unnamed)),
  };
}

/** Cells that have the same of this, together. */
export function groupCells<K extends string>(
  cells: readonly HeadCell[],
  keyOf: (cell: HeadCell) => K,
): Map<K, HeadCell[]> {
  const groups = new Map<K, HeadCell[]>();
  for (const cell of cells) {
    const key = keyOf(cell);
    const group = groups.get(key);
    if (group) group.push(cell);
    else groups.set(key, [cell]);
  }
  return groups;
}
