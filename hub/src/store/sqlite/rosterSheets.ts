import type { Person } from '../../domain/person.ts';
import type { RosterSheet, RosterStore } from '../rosterStore.ts';
import type { Context } from './context.ts';

const KEPT = 10;
const COLUMNS = 'id, roster, at, by, hash, rows';

type Methods = 'rosterSheets' | 'rosterSheet' | 'keepRosterSheet' | 'peopleSeen';

export function rosterSheetMethods({ db, clock, writer, audit }: Context): Pick<RosterStore, Methods> {
  const newest = db.prepare<[], RosterSheet>(
    `SELECT ${COLUMNS} FROM roster_sheets WHERE id IN (SELECT max(id) FROM roster_sheets GROUP BY roster) ORDER BY roster`,
  );
  const packed = db.prepare<[number], Buffer>('SELECT packed FROM roster_sheets WHERE id = ?').pluck();
  const put = db.prepare<[string, number, string, string, number, Uint8Array], RosterSheet>(
    `INSERT INTO roster_sheets (roster, at, by, hash, rows, packed) VALUES (?, ?, ?, ?, ?, ?) RETURNING ${COLUMNS}`,
  );
  const forget = db.prepare(
    `DELETE FROM roster_sheets WHERE roster = @roster AND id NOT IN
       (SELECT id FROM roster_sheets WHERE roster = @roster ORDER BY id DESC LIMIT ${KEPT})`,
  );
  const people = db.prepare<[number, number], { id: number; seen: string }>(
    'SELECT id, seen FROM people_seen WHERE id > ? ORDER BY id LIMIT ?',
  );
  return {
    rosterSheets: () => Promise.resolve(newest.all()),
    rosterSheet: (id) => Promise.resolve(packed.get(id)),
    keepRosterSheet: (sheet, by) =>
      writer.write(() => {
        const { roster, hash, rows } = sheet;
        const now = clock.now();
        const kept = put.get(roster, now, by.name, hash, rows, sheet.packed)!;
        forget.run({ roster });
        audit.add(now, by, 'roster.brought', `rosters/${roster}`, { sheet: kept.id, rows, hash });
        return kept;
      }),
    peopleSeen: (after, limit) =>
      Promise.resolve(
        people.all(after, limit).map(({ id, seen }) => ({ id, person: JSON.parse(seen) as Person })),
      ),
  };
}
