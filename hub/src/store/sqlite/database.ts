import Database from 'better-sqlite3';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '@anyseat/base';
import { desktopMoves } from '../../domain/desktop.ts';
import { sessionMoves } from '../../domain/session.ts';

const migrationsFolder = join(dirname(fileURLToPath(import.meta.url)), '../migrations');

interface Migration {
  number: number;
  name: string;
  sql: string;
}

/** The numbered migrations, in order: `0001-foundation.sql` is number 1. */
export function migrations(): Migration[] {
  return globSync(join(migrationsFolder, '*.sql'))
    .sort()
    .map((file) => ({
      number: Number(basename(file).slice(0, 4)),
      name: basename(file, '.sql'),
      sql: readFileSync(file, 'utf8'),
    }));
}

/**
 * Opens the file, brings it to the newest schema and makes sure that a commit is durable.
 * @throws Fault `store-newer` (terminal): a newer Anyseat wrote it. `store-not-durable` (terminal).
 */
export function openDatabase(file: string): Database.Database {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = WAL');
    // better-sqlite3 is compiled so that WAL alone means NORMAL: a commit could be lost with the power.
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    // A unit that is one of many in its transaction keeps a journal of each statement: in a file, a sixth of a login's SQL.
    db.pragma('temp_store = MEMORY');
    // Four times the usual 4 MB before the log is carried into the file: what many claims touch is carried once.
    db.pragma('wal_autocheckpoint = 4000');
    assertDurable(db, file);
    migrate(db, file);
    fillMoves(db, 'desktop_moves', desktopMoves);
    fillMoves(db, 'session_moves', sessionMoves);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function assertDurable(db: Database.Database, file: string): void {
  const journal = db.pragma('journal_mode', { simple: true });
  const synchronous = db.pragma('synchronous', { simple: true });
  const durable = synchronous === 2 && (journal === 'wal' || (file === ':memory:' && journal === 'memory'));
  if (!durable) {
    throw new Fault(
      'store-not-durable',
      'terminal',
      `${file}: the store is not durable (journal ${String(journal)}, synchronous ${String(synchronous)}); is it on a file system that knows no WAL?`,
    );
  }
}

function migrate(db: Database.Database, file: string): void {
  const all = migrations();
  const newest = all.at(-1)!.number;
  const has = Number(db.pragma('user_version', { simple: true }));
  if (has > newest) {
    throw new Fault(
      'store-newer',
      'terminal',
      `${file} was written by a newer Anyseat (schema ${has}; this one knows ${newest}). Start that version, or restore the backup from before the update.`,
      { fields: { file, has, newest } },
    );
  }
  for (const migration of all.filter((m) => m.number > has)) {
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`user_version = ${migration.number}`);
    })();
  }
}

/** The moves live in the domain; the store's triggers read them from a table. */
function fillMoves(
  db: Database.Database,
  table: string,
  moves: Readonly<Record<string, readonly string[]>>,
): void {
  db.transaction(() => {
    db.exec(`DELETE FROM ${table}`);
    const insert = db.prepare(`INSERT INTO ${table} (from_state, to_state) VALUES (?, ?)`);
    for (const [from, tos] of Object.entries(moves)) for (const to of tos) insert.run(from, to);
  })();
}
