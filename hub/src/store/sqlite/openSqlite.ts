import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { newId, type Clock, type Id } from '@anyseat/base';
import type { Installation, Store } from '../store.ts';
import { distrustBackup } from './afterRestore.ts';
import { alertMethods } from './alerts.ts';
import { AuditChain } from './auditChain.ts';
import { bindingMethods } from './bindings.ts';
import type { Context } from './context.ts';
import { openDatabase } from './database.ts';
import { desktopMethods } from './desktops.ts';
import { drainMethods } from './drains.ts';
import { headCountMethods } from './headCounts.ts';
import { imageMethods } from './images.ts';
import { inventoryMethods } from './inventories.ts';
import { lockStore } from './lockStore.ts';
import { openReasons } from './reasons.ts';
import { rosterSheetMethods } from './rosterSheets.ts';
import { resourceMethods } from './resources.ts';
import { sessionMethods } from './sessions.ts';
import { consoleLogMethods } from './consoleLogs.ts';
import { swapMethods } from './swaps.ts';
import { tcMethods } from './tcs.ts';
import { updateMethods } from './updates.ts';
import { writeBackup } from './writeBackup.ts';
import { Writer } from './writer.ts';

/** The end of the name under which a store that a backup took the place of is kept. */
const REPLACED = '.before-restore';

/**
 * The embedded store: one SQLite file (WAL, synchronous=FULL), one writer, group commit.
 * A restore waits beside the file as `FILE.restore` and takes its place here; what was there is kept as
 * `FILE.before-restore`.
 * @throws Fault `store-newer`, `store-not-durable`, `store-in-use` (terminal)
 */
export async function openSqlite(options: {
  file: string;
  clock: Clock;
  /** The file grows no larger than so many pages of 4 kB: a bound for the operator, a full disk for the tests. */
  mostPages?: number;
}): Promise<Store> {
  const { file, clock } = options;
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  using opening = new DisposableStack();
  const lock = file === ':memory:' ? undefined : opening.use(lockStore(file));
  const restored = file !== ':memory:' && takeRestored(file);
  if (file !== ':memory:') closeToOthers(file);
  const db = openDatabase(file);
  opening.defer(() => void db.close());
  if (options.mostPages !== undefined) db.pragma(`max_page_count = ${options.mostPages}`);
  const installation = startedOnceMore(db, clock);
  const audit = new AuditChain(db, installation.hubId);
  const writer = new Writer(db, audit, clock);
  const context: Context = { db, clock, writer, audit, installation };
  const reasons = openReasons(context);

  if (restored) await writer.write(() => distrustBackup(context, `${file}${REPLACED}`));
  opening.move();
  return {
    installation,
    ...resourceMethods(context),
    ...tcMethods(context),
    ...inventoryMethods(context),
    ...desktopMethods(context),
    ...imageMethods(context),
    ...sessionMethods(context, reasons),
    ...bindingMethods(context),
    ...reasons.methods,
    ...swapMethods(context),
    ...consoleLogMethods(context),
    ...updateMethods(context),
    ...rosterSheetMethods(context),
    ...headCountMethods(context),
    ...drainMethods(context),
    ...alertMethods(context),
    audit: (filter) => Promise.resolve(audit.page(filter)),
    verifyAudit: () => audit.verify(),
    addAudit: (by, act, subject, details) =>
      writer.write(() => audit.add(clock.now(), by, act, subject, details)),
    backup: (to) => writeBackup(db, to),
    health: () =>
      writer.failure === undefined ? { ok: true, text: 'writing' } : { ok: false, text: writer.failure },
    [Symbol.asyncDispose]: () => {
      writer.flush();
      db.close();
      lock?.[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

/** The hub's account alone reads it. What SQLite makes beside it has its mode; what a killed hub left there may have another. */
function closeToOthers(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  for (const end of ['', '-wal', '-shm']) if (existsSync(file + end)) chmodSync(file + end, 0o600);
}

function takeRestored(file: string): boolean {
  const restored = `${file}.restore`;
  if (!existsSync(restored)) return false;
  // The write-ahead log belongs to the file that was there, and may hold its last commits.
  for (const rest of ['', '-wal']) {
    rmSync(`${file}${REPLACED}${rest}`, { force: true });
    if (existsSync(file + rest)) renameSync(file + rest, `${file}${REPLACED}${rest}`);
  }
  rmSync(`${file}-shm`, { force: true });
  renameSync(restored, file);
  return true;
}

/** The installation's id is born here, at the very first start; every start counts. */
function startedOnceMore(db: Database, clock: Clock): Installation {
  return db.transaction(() => {
    const now = clock.now();
    let id = db.prepare<[], Id<'installation'>>('SELECT id FROM installation').pluck().get();
    if (!id) {
      id = newId('installation', now);
      db.prepare('INSERT INTO installation (id, created_at) VALUES (?, ?)').run(id, now);
      db.prepare('INSERT INTO hubs (id, run, started_at) VALUES (?, 0, ?)').run(newId('hub', now), now);
    }
    const hub = db
      .prepare<[number], { id: Id<'hub'>; run: number }>(
        'UPDATE hubs SET run = run + 1, started_at = ? RETURNING id, run',
      )
      .get(now)!;
    return { id, hubId: hub.id, run: hub.run };
  })();
}
