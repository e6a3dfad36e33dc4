import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { theHub } from '../../domain/audit.ts';
import { KEPT_AFTER_RESTORE, type DesktopId } from '../../domain/desktop.ts';
import type { SessionId } from '../../domain/session.ts';
import type { Context } from './context.ts';

type Db = Context['db'];

/**
 * What a store that was restored says is as old as the backup, and is believed with care (rules 1, 3, 4, 7, 10, 12 and 13):
 *
 * - Free desktops, those that boot and those that were to go may be somebody's by now, the latter when another copy was restored
 *   before. They go into quarantine, like a server without a row; nobody is handed them, and they are not removed. Most of
 *   those that were to go are gone by now, and the next listing says so.
 * - Held ones may be open at another seat than the store says. They are *unconfirmed* until a seat shows a picture of them.
 * - One that was just being handed out may have been found unfit, and become another's: it goes into quarantine, too, and a
 *   binding that was made with it is undone, as it would have been then.
 * - Whoever waited has a desktop or has left by now: those sessions are over. No seat is told, because it may have been given
 *   a desktop in the same session since.
 * - A wish, and an order of which no server is known, may have become a server since under the same id: they are forgotten, so
 *   that the server is found to have no row, and adopted.
 * - Nobody is taken off a host that was drained then: an operator may have ended that since, and says it once more.
 * - Where desktops were last found is forgotten: somebody else's may be there by now.
 * - Numbers go on after those of the store that this one took the place of, because servers and guests are named by them.
 *
 * Call it inside a unit of the writer.
 * @param replaced the file that this store took the place of; it may not be there, or be no store
 */
export function distrustBackup(context: Context, replaced: string): void {
  const { db, clock, audit, installation } = context;
  const now = clock.now();
  const undone = undoOpenings(context, now);
  const forgotten = db.prepare(FORGET).run().changes;
  const quarantined = quarantine(db, QUARANTINE_FREE, now);
  const unconfirmed = db.prepare(UNCONFIRM).run(now).changes;
  db.prepare("UPDATE desktops SET endpoint = NULL, written_at = ? WHERE state <> 'gone'").run(now);
  db.prepare('UPDATE drains SET told = 1, people = 0, bound = 0').run();
  db.prepare('UPDATE installation SET numbers_used = max(numbers_used, ?)').run(numbersUsed(replaced));
  audit.add(now, theHub, 'store.restored', installation.id, {
    quarantined: quarantined + undone,
    unconfirmed,
    forgotten,
  });
}

const QUARANTINE = `
  UPDATE desktops SET state = 'quarantined', state_since = @now, endpoint = NULL, session = NULL, unconfirmed_since = @now,
         fault = json_set(@fault, '$.text', json_extract(@fault, '$.text') || coalesce(' It was ' || state || ': ' || json_extract(fault, '$.text'), '')),
         written_at = @now`;

const QUARANTINE_FREE = `
  ${QUARANTINE} WHERE state IN ('building', 'booting', 'ready', 'returning', 'rebuilding', 'retiring', 'broken')`;

const FORGET = `
  DELETE FROM desktops
   WHERE state IN ('wanted', 'creating', 'unsure') OR (server_id IS NULL AND state IN ('retiring', 'broken'))`;

const UNCONFIRM = "UPDATE desktops SET unconfirmed_since = ? WHERE state IN ('leased', 'bound', 'parked')";

/** Claim and opening are one unit; the clock may tick in between. */
const OPENINGS = `
  SELECT s.id AS session, s.person, d.id AS desktop, b.id AS binding
    FROM sessions s LEFT JOIN desktops d ON d.id = s.desktop LEFT JOIN bindings b ON b.desktop = d.id
   WHERE s.state = 'waiting'
      OR (s.state = 'opening' AND coalesce(b.created_at, d.state_since) >= s.state_since - 1000)`;

/** Of generation 0: whatever grant of it a seat has is newer than all that this store knows of it. */
const END = `
  UPDATE sessions SET state = 'ended', state_since = @now, ended_at = @now, end_reason = 'cancelled', secret_hash = NULL,
         grace_until = NULL, generation = 0
   WHERE id = @id`;

interface AtTheDoor {
  session: SessionId;
  person: string;
  desktop: DesktopId | null;
  binding: string | null;
}

/** Ends the sessions that had no desktop for certain. @returns how many desktops were being handed out */
function undoOpenings({ db, audit }: Context, now: number): number {
  const openings = db.prepare<[], AtTheDoor>(OPENINGS).all();
  const end = db.prepare(END);
  const unbind = db.prepare('DELETE FROM bindings WHERE id = ?');
  const { code: reason, text: why } = KEPT_AFTER_RESTORE;
  for (const { session, person, desktop, binding } of openings) {
    end.run({ now, id: session });
    audit.add(now, theHub, 'session.ended', session, { reason, person, desktop });
    if (desktop === null) continue;
    quarantine(db, `${QUARANTINE} WHERE id = @id`, now, { id: desktop });
    if (binding === null) continue;
    unbind.run(binding);
    audit.add(now, theHub, 'binding.undone', desktop, { session, why });
  }
  return openings.filter(({ desktop }) => desktop !== null).length;
}

const quarantine = (db: Db, sql: string, now: number, more: Record<string, string> = {}): number =>
  db.prepare(sql).run({ now, fault: JSON.stringify({ ...KEPT_AFTER_RESTORE, at: now }), ...more }).changes;

/** The highest number that the store in this file gave to a desktop; 0 where there is no store. */
function numbersUsed(file: string): number {
  if (!existsSync(file)) return 0;
  try {
    using cleanup = new DisposableStack();
    const db = cleanup.adopt(new Database(file, { readonly: true }), (open) => void open.close());
    const highest = db.prepare<[], number | null>('SELECT max(number) FROM desktops').pluck().get();
    return highest ?? 0;
  } catch {
    // It may be what made somebody restore a backup.
    return 0;
  }
}
