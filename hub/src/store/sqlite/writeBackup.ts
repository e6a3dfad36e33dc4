import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { Fault, messageOf } from '@anyseat/base';

/** What SQLite and the restore keep beside the store, by the ends of their names. */
const OWN = [
  '',
  '-wal',
  '-shm',
  '-journal',
  '.restore',
  '.restore.new',
  '.before-restore',
  '.before-restore-wal',
];

/**
 * Writes a whole copy of the store while it is in use. It is there under its name when it is whole, and what stood
 * there before stays until then. Readable by the hub's account alone: it holds whatever the store holds.
 * @throws Fault `backup-failed` (refused)
 */
export async function writeBackup(db: Database, to: string): Promise<void> {
  const failed = (why: string, cause?: unknown) =>
    new Fault('backup-failed', 'refused', `no backup was written to ${to}: ${why}`, {
      cause,
      fields: { file: to },
    });
  if (isOwnFile(db.name, to)) throw failed('that is the store’s own file');
  const half = `${to}.new`;
  try {
    rmSync(half, { force: true });
    closeSync(openSync(half, 'wx', 0o600));
    await db.backup(half);
    sync(half);
    renameSync(half, to);
    sync(dirname(to));
  } catch (error) {
    rmSync(half, { force: true, recursive: true });
    throw failed(messageOf(error), error);
  }
}

function isOwnFile(store: string, to: string): boolean {
  try {
    const place = join(realpathSync(dirname(to)), basename(to));
    const own = realpathSync(store);
    return OWN.some((end) => place === own + end);
  } catch {
    // No such directory, or a store in memory: the copying says what is wrong.
    return false;
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
