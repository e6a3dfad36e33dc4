import Database from 'better-sqlite3';
import { Fault } from '@anyseat/base';

/**
 * One hub at a time has this store: two would each go on with a head of the audit chain of their own. The lock is an open
 * transaction on a small file beside the store; the kernel lets go of it with the process, however that ends.
 * @throws Fault `store-in-use` (terminal)
 */
export function lockStore(file: string): Disposable {
  const lock = new Database(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error;
    throw new Fault('store-in-use', 'terminal', `another hub has the store ${file} open`, {
      cause: error,
      fields: { file },
    });
  }
  return { [Symbol.dispose]: () => void lock.close() };
}
