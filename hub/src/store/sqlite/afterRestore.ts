import type { Database } from 'better-sqlite3';
import { theHub } from '../../domain/audit.ts';
import type { Context } from './context.ts';

const WHY =
  'as it stood in the backup; somebody may have been given it since, and may be working on it. An operator decides.';

/**
 * What a store that was restored says of free desktops is as old as the backup: those that were on their way or ready then may
 * be somebody's by now. They go into quarantine, like a server without a row; nobody is handed them, and they are not
 * removed (rules 1, 4 and 7). A wish may have become a server since under the same id: it is forgotten, so that the
 * server is found to have no row, and adopted. Where held ones were last found is forgotten: somebody else's may be there
 * by now, and they are looked up before they are granted again (rule 12). Call it inside a unit of the writer.
 */
export function distrustFreeDesktops({ db, clock, audit, installation }: Context): void {
  const now = clock.now();
  const quarantined = quarantine(db).run(
    now,
    JSON.stringify({ code: 'restored', text: WHY, at: now }),
    now,
  ).changes;
  db.prepare("UPDATE desktops SET endpoint = NULL, written_at = ? WHERE state <> 'gone'").run(now);
  const forgotten = db.prepare("DELETE FROM desktops WHERE state = 'wanted'").run().changes;
  audit.add(now, theHub, 'store.restored', installation.id, { quarantined, forgotten });
}

const quarantine = (db: Database) =>
  db.prepare<[number, string, number]>(
    `UPDATE desktops SET state = 'quarantined', state_since = ?, fault = ?, endpoint = NULL, written_at = ?
      WHERE state IN ('creating', 'unsure', 'building', 'booting', 'ready')`,
  );
