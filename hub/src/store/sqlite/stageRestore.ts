import Database from 'better-sqlite3';
import { chmodSync, copyFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { Fault, messageOf } from '@anyseat/base';
import { migrations } from './database.ts';

/**
 * Checks a backup and lays it beside the store, to take its place at the next start.
 * @throws Fault `backup-unusable` (refused), with what is wrong with it
 */
export function stageRestore(backup: string, storeFile: string): { bytes: number; installation: string } {
  const unusable = (text: string) =>
    new Fault('backup-unusable', 'refused', `${backup} cannot be restored: ${text}`, {
      fields: { file: backup },
    });
  const half = `${storeFile}.restore.new`;
  let installation: string;
  try {
    copyFileSync(backup, half);
    // The copy has the mode of the backup, which may be anybody's to read; the store is not.
    chmodSync(half, 0o600);
    installation = check(half);
  } catch (error) {
    for (const rest of ['', '-wal', '-shm']) rmSync(half + rest, { force: true });
    throw unusable(isMissing(error) ? 'there is no such file' : messageOf(error));
  }
  renameSync(half, `${storeFile}.restore`);
  return { bytes: statSync(`${storeFile}.restore`).size, installation };
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** The installation that a copy is of. @throws when it is no whole store that this version can open */
function check(file: string): string {
  const db = new Database(file, { fileMustExist: true });
  try {
    const version = Number(db.pragma('user_version', { simple: true }));
    const newest = migrations().at(-1)!.number;
    if (version < 1) throw new Error('it is no store of Anyseat');
    if (version > newest)
      throw new Error(`a newer Anyseat wrote it (schema ${version}; this one knows ${newest})`);
    const whole = db.pragma('integrity_check', { simple: true });
    if (whole !== 'ok') throw new Error(`it is damaged: ${String(whole)}`);
    // A copy carries no write-ahead log of its own, and must not leave one beside the store.
    db.pragma('journal_mode = DELETE');
    return db.prepare<[], string>('SELECT id FROM installation').pluck().get()!;
  } finally {
    db.close();
  }
}
