import { hash } from 'node:crypto';
import type { Asker } from '../../domain/allocator.ts';
import type { Person } from '../../domain/person.ts';
import type { Outcome, Reason } from '../../domain/reason.ts';
import type { SessionId } from '../../domain/session.ts';
import type { Opened, Opening, Store } from '../store.ts';
import type { Context } from './context.ts';

interface Row {
  session: SessionId;
  at: number;
  person: string;
  seen: string;
  change: number;
  outcome: Outcome;
  allocator: string;
  pools: string;
}

/** More people than this are not remembered; a row too many for one who comes back is all that costs. */
const MOST_REMEMBERED = 50_000;

/** The rows of people that were durably kept, by the hash of what the directory gave. */
class PeopleKept {
  readonly #rows = new Map<string, number>();

  row(hash: string): number | undefined {
    return this.#rows.get(hash);
  }

  remember(hash: string, row: number): void {
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size < MOST_REMEMBERED) break;
      this.#rows.delete(oldest);
    }
    this.#rows.set(hash, row);
  }

  clear(): void {
    this.#rows.clear();
  }
}

/**
 * Why logins went as they did. A person as the directory gave them is kept once for each run of the hub, however often they
 * log in: what is known is remembered here and not by an index, in which each person has a place of their own to write to.
 */
export function openReasons({ db, clock, writer }: Pick<Context, 'db' | 'clock' | 'writer'>) {
  const people = new PeopleKept();
  const putPerson = db.prepare('INSERT INTO people_seen (person, seen) VALUES (?, ?)');
  const putReason = db.prepare(
    `INSERT INTO session_reasons (session, at, person_seen, seen, change, outcome) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (session) DO UPDATE SET at = excluded.at, person_seen = excluded.person_seen, seen = excluded.seen,
            change = excluded.change, outcome = excluded.outcome`,
  );
  const columns = `r.session, r.at, p.seen AS person, r.seen, r.change, r.outcome, s.allocator, s.pools
    FROM session_reasons r JOIN people_seen p ON p.id = r.person_seen JOIN sessions s ON s.id = r.session`;
  const one = db.prepare<[string], Row>(`SELECT ${columns} WHERE r.session = ?`);
  const newest = db.prepare<[number, number, string, number], Row>(
    `SELECT ${columns} WHERE r.at >= ? AND (r.at, r.session) < (?, ?) ORDER BY r.at DESC, r.session DESC LIMIT ?`,
  );
  const forget = db.prepare<[number]>('DELETE FROM session_reasons WHERE at < ?');
  const forgetPeople = db.prepare(
    'DELETE FROM people_seen WHERE id NOT IN (SELECT person_seen FROM session_reasons)',
  );

  /** What is to be kept of an opening, made before its unit of work. */
  const prepare = ({ asker, change = 0 }: Opening) => {
    if (!asker) return undefined;
    const { person, ...rest } = asker;
    const text = JSON.stringify(person);
    const key = hash('sha256', text, 'base64');
    let row: number | undefined;
    return {
      /** Call it inside the unit, with what the opening came to. */
      keep: (opened: Opened): void => {
        if (opened.kind === 'elsewhere') return;
        // It has the desktop that it had: what that one was given for stands already.
        if (opened.kind === 'have' && opened.session.generation > 1) return;
        row = people.row(key) ?? Number(putPerson.run(person.id, text).lastInsertRowid);
        putReason.run(opened.session.id, clock.now(), row, JSON.stringify(rest), change, outcomeOf(opened));
      },
      /** Call it when the unit is committed: what was rolled back is nobody's row. */
      kept: (): void => {
        if (row !== undefined) people.remember(key, row);
      },
    };
  };

  const methods: Pick<Store, 'reasonOf' | 'loginsSince' | 'forgetReasons'> = {
    forgetReasons: (before) =>
      writer.write(() => {
        const { changes } = forget.run(before);
        if (changes > 0) forgetPeople.run();
        people.clear();
        return changes;
      }),
    reasonOf: (session) => {
      const row = one.get(session);
      return Promise.resolve(row && reasonFrom(row));
    },
    loginsSince: (at, limit, last) => {
      const rows = newest.all(at, last?.at ?? Number.MAX_SAFE_INTEGER, last?.session ?? '', limit);
      return Promise.resolve(rows.map(reasonFrom));
    },
  };
  return { prepare, methods };
}

export type Reasons = ReturnType<typeof openReasons>;

const outcomeOf = (opened: Exclude<Opened, { kind: 'elsewhere' }>): Outcome => {
  switch (opened.kind) {
    case 'have':
      return opened.claim === 'bound' ? 'bound' : 'new';
    case 'waiting':
      return 'queue';
    case 'unusable':
      return 'unusable';
    default:
      return opened satisfies never;
  }
};

const reasonFrom = (row: Row): Reason => ({
  session: row.session,
  at: row.at,
  asker: { ...(JSON.parse(row.seen) as Omit<Asker, 'person'>), person: JSON.parse(row.person) as Person },
  change: row.change,
  outcome: row.outcome,
  allocator: row.allocator,
  pools: JSON.parse(row.pools) as string[],
});
