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

/** Why logins went as they did. The person as the directory gave them is kept once, however often they log in. */
export function reasonRows({ db, clock }: Pick<Context, 'db' | 'clock'>) {
  const isKnown = db.prepare<[string], number>('SELECT 1 FROM people_seen WHERE hash = ?').pluck();
  const putPerson = db.prepare('INSERT INTO people_seen (hash, person, seen) VALUES (?, ?, ?)');
  const putReason = db.prepare(
    `INSERT INTO session_reasons (session, at, person_seen, seen, change, outcome) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (session) DO UPDATE SET at = excluded.at, person_seen = excluded.person_seen, seen = excluded.seen,
            change = excluded.change, outcome = excluded.outcome`,
  );

  return {
    /** What is to be kept of an opening, made before its unit of work. */
    prepare: ({ asker, change = 0 }: Opening) => {
      if (!asker) return undefined;
      const { person, ...rest } = asker;
      const text = JSON.stringify(person);
      const key = hash('sha256', text, 'hex');
      return {
        /** Call it inside the unit, with what the opening came to. */
        keep: (opened: Opened): void => {
          if (opened.kind === 'elsewhere') return;
          // It has the desktop that it had: what that one was given for stands already.
          if (opened.kind === 'have' && opened.session.generation > 1) return;
          if (isKnown.get(key) === undefined) putPerson.run(key, person.id, text);
          const at = clock.now();
          putReason.run(opened.session.id, at, key, JSON.stringify(rest), change, outcomeOf(opened));
        },
      };
    },
  };
}

export function reasonMethods({
  db,
  writer,
}: Pick<Context, 'db' | 'writer'>): Pick<Store, 'reasonOf' | 'loginsSince' | 'forgetReasons'> {
  const columns = `r.session, r.at, p.seen AS person, r.seen, r.change, r.outcome, s.allocator, s.pools
    FROM session_reasons r JOIN people_seen p ON p.hash = r.person_seen JOIN sessions s ON s.id = r.session`;
  const one = db.prepare<[string], Row>(`SELECT ${columns} WHERE r.session = ?`);
  const since = db.prepare<[number, number], Row>(
    `SELECT ${columns} WHERE r.at >= ? ORDER BY r.at DESC LIMIT ?`,
  );
  const forget = db.prepare<[number]>('DELETE FROM session_reasons WHERE at < ?');
  const forgetPeople = db.prepare(
    'DELETE FROM people_seen WHERE NOT EXISTS (SELECT 1 FROM session_reasons WHERE person_seen = people_seen.hash)',
  );
  return {
    forgetReasons: (before) =>
      writer.write(() => {
        const { changes } = forget.run(before);
        if (changes > 0) forgetPeople.run();
        return changes;
      }),
    reasonOf: (session) => {
      const row = one.get(session);
      return Promise.resolve(row && reasonFrom(row));
    },
    loginsSince: (at, limit) => Promise.resolve(since.all(at, limit).map(reasonFrom)),
  };
}

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
