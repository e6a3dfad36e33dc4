import type { Database } from 'better-sqlite3';
import type { Clock } from '@anyseat/base';
import type { Installation } from '../store.ts';
import type { AuditChain } from './auditChain.ts';
import type { Writer } from './writer.ts';

/** What the parts of the SQLite store share. */
export interface Context {
  db: Database;
  clock: Clock;
  writer: Writer;
  audit: AuditChain;
  installation: Installation;
}
