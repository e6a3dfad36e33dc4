import { HOUR, systemClock } from '@anyseat/base';
import type { Activity } from '../../../hub/src/domain/activity.ts';
import type { Catalogue } from '../../../hub/src/domain/catalogue.ts';
import { readSheet } from '../../../hub/src/domain/roster/readSheet.ts';
import { factsOf } from '../../../hub/src/domain/roster/sheetFacts.ts';
import { shiftsBetween } from '../../../hub/src/domain/roster/shifts.ts';
import type { Session, TcId } from '../../../hub/src/domain/session.ts';
import { HeadCounts } from '../../../hub/src/reconcile/headCounts.ts';
import type { PlacedShift, Roster } from '../../../hub/src/reconcile/rosters.ts';
import type { Store } from '../../../hub/src/store/store.ts';

const ZONE = 'Asia/Shanghai';
const wall = (at: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' }).format(at);
const DEPARTMENTS = ['酒店 Hotels', '机票 Flights', '售后 After-sales'];

/**
 * The shift plan of a world that is made by numbers: three departments at each site, hours before and after now, so many of its seats' people; at
 * the last site more than there are.
 */
export class WorldPlan {
  readonly rosters: Roster[] = [];
  /** So many people of a hundred seats at each site. */
  #shares: readonly number[];
  readonly #each: number;
  readonly #now: number;

  constructor({ sites, seats }: { sites: number; seats: number }, now: number) {
    this.#each = Math.ceil(seats / Math.max(1, sites));
    this.#now = now;
    this.#shares = Array.from({ length: seats > 0 ? sites : 0 }, (_, i) => (i === sites - 1 ? 1.1 : 0.69));
    this.#write();
  }

  /** @param shares of the seats of each site, so many people are expected */
  expect(shares: readonly number[]): void {
    this.#shares = shares;
    this.#write();
  }

  /** As operators have written it. */
  get resources(): Catalogue['rosters'] {
    return new Map(
      this.rosters.map(({ name, spec }) => [name, { name, revision: 1, spec, author: 'test', changedAt: 0 }]),
    );
  }

  deps(world: {
    store: Store;
    catalogue: () => Catalogue;
    online: () => ReadonlySet<TcId>;
    inputOf: (session: Session) => Activity | undefined;
    clouds: unknown;
  }): Record<string, unknown> {
    const rosters = {
      all: this.rosters,
      placed: [] as readonly PlacedShift[],
      failureOf: () => undefined,
      look: () => Promise.resolve(),
      shiftsBetween: (from: number, to: number) =>
        Promise.resolve(this.rosters.flatMap(({ sheet }) => shiftsBetween(sheet, () => ZONE, from, to))),
    };
    Object.defineProperty(rosters, 'placed', { get: () => this.#placed() });
    const people = {
      departmentOf: (person: string) => DEPARTMENTS[Number(person.split(':')[1]) % 3] ?? '',
      learn: () => Promise.resolve(),
    };
    const headCounts = new HeadCounts({
      ...world,
      rosters,
      people,
      directoriesWell: () => true,
      clock: systemClock,
    });
    return { rosters, headCounts, pullOf: () => undefined };
  }

  /** Past weeks, and today until now: a wave over the day. */
  async remember(store: Store): Promise<void> {
    if (this.#shares.length === 0) return;
    const quarter = 900_000;
    const now = this.#now - (this.#now % quarter);
    const moments = [0, 1, 2, 3].flatMap((week) =>
      Array.from({ length: week === 0 ? 40 : 96 }, (_, i) => ({
        week,
        at: now - week * 7 * 24 * HOUR - 10 * HOUR + i * quarter,
      })),
    );
    // All at once: one commit.
    await Promise.all(
      moments.map(({ week, at }) => {
        const wave = 0.5 + 0.25 * Math.sin(at / (4 * HOUR));
        const counts = this.#shares.map((_, site) => ({
          site: `s${site}`,
          department: DEPARTMENTS[0]!,
          allocator: 'agents',
          expected: 0,
          loggedIn: Math.round(this.#each * (wave + week * 0.01)),
          active: Math.round(this.#each * wave * 0.8),
        }));
        return store.recordHeadCounts(at, counts);
      }),
    );
  }

  #placed(): PlacedShift[] {
    const [from, to] = [systemClock.now() - HOUR, systemClock.now() + HOUR];
    return this.rosters.flatMap(({ name, sheet }) =>
      shiftsBetween(sheet, () => ZONE, from, to).map((shift): PlacedShift => ({
        shift,
        roster: name,
        placed:
          shift.department === DEPARTMENTS[2]
            ? { why: 'no allocator serves them' }
            : { allocator: 'agents', pool: 'p0', bound: false },
      })),
    );
  }

  #write(): void {
    this.rosters.length = 0;
    if (this.#shares.length === 0) return;
    // They began hours ago and end in hours, whatever the time.
    const [from, to] = [wall(this.#now - 5 * HOUR), wall(this.#now + 5 * HOUR)];
    const rows = this.#shares.flatMap((share, site) =>
      DEPARTMENTS.map((name) => `s${site},${name},${from},${to},${Math.round((this.#each * share) / 3)}`),
    );
    const text = ['site,department,from,to,heads', ...rows].join('\n');
    const read = readSheet(text, { file: 'plan', sites: undefined });
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    const { sheet } = read;
    const spec = {
      shifts: text,

      title: '十一月排班 November',
      everyMinutes: 15,
      earlyMinutes: 20,
      lateMinutes: 10,
      departments: {},
    };
    this.rosters.push({ name: 'november', spec, sheet, facts: factsOf(sheet), brought: undefined });
  }
}
