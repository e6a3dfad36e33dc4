import type { Actor } from '../domain/audit.ts';
import type { Person } from '../domain/person.ts';

/** A table of a roster as it was brought. */
export interface RosterSheet {
  id: number;
  roster: string;
  /** Epoch ms. */
  at: number;
  by: string;
  /** SHA-256 of the CSV, hex. */
  hash: string;
  rows: number;
}

/** So many people of a site, department and allocator at a moment; an empty name is none. */
export interface HeadCount {
  site: string;
  department: string;
  allocator: string;
  expected: number;
  loggedIn: number;
  active: number;
}

/** The part of the store that shift plans and head counts are kept in. */
export interface RosterStore {
  /** The tables in force: the newest of each roster. */
  rosterSheets(): Promise<RosterSheet[]>;
  /** The CSV of one, as gzip. */
  rosterSheet(id: number): Promise<Uint8Array | undefined>;
  /** Takes the place of the one before, of which the last ten are kept. With its audit row. */
  keepRosterSheet(
    sheet: Pick<RosterSheet, 'roster' | 'hash' | 'rows'> & { packed: Uint8Array },
    by: Actor,
  ): Promise<RosterSheet>;
  /** People as directories gave them at logins, in the order in which they were seen. @param after the last `id` that is known */
  peopleSeen(after: number, limit: number): Promise<{ id: number; person: Person }[]>;
  /** Of a moment, once. */
  recordHeadCounts(at: number, counts: readonly HeadCount[]): Promise<void>;
  /** The sums at each moment from one to before another, of these alone where they are named. */
  headCounts(filter: {
    from: number;
    to: number;
    site?: string | undefined;
    department?: string | undefined;
    allocator?: string | undefined;
  }): Promise<{ at: number; expected: number; loggedIn: number; active: number }[]>;
  /** Logged in by site at one of these moments. */
  loggedInAt(moments: readonly number[]): Promise<{ at: number; site: string; loggedIn: number }[]>;
  /** @returns how many */
  forgetHeadCounts(before: number): Promise<number>;
}
