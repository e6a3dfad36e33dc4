import Database from 'better-sqlite3';
import { copyFileSync, renameSync, statSync } from 'node:fs';
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
  try {
    copyFileSync(backup, half);
  } catch (error) {
    throw unusable(messageOf(error));
  }
  let installation: string;
  try {
    installation = check(half);
  } catch (error) {
    throw unusable(messageOf(error));
  }
  renameSync(half, `${storeFile}.restore`);
  return { bytes: statSync(`${storeFile}.restore`).size, installation };
}

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
