import type { Database } from 'better-sqlite3';
import { newId } from '@anyseat/base';
import { theHub } from '../../domain/audit.ts';
import type { Binding, BindingKind } from '../../domain/binding.ts';
import type { Desktop, DesktopId } from '../../domain/desktop.ts';
import type { Claim, Session } from '../../domain/session.ts';
import type { Context } from './context.ts';
import { desktopOf, desktopRows, type DesktopRow } from './desktopRows.ts';

interface BindingRow {
  id: Binding['id'];
  kind: BindingKind;
  key: string;
  pool: string;
  desktop: DesktopId;
  created_at: number;
  created_by: string;
  allocator: string | null;
  used_at: number | null;
}

/** What a claim came to: a desktop, none ready, or a bound one that somebody has or that cannot be used. */
export type Claimed =
  | { kind: 'got'; desktop: Desktop; claim: Claim }
  | { kind: 'none' }
  | { kind: 'held'; desktop: Desktop }
  | { kind: 'unusable'; desktop: Desktop };

/** Who gets which desktop: the statements that make it certain that exactly one does. */
export function claims({ db, clock, audit }: Pick<Context, 'db' | 'clock' | 'audit'>) {
  const desktops = desktopRows(db);
  const oldestReady = db.prepare<[string], DesktopId>(OLDEST_READY).pluck();
  const newestReady = db.prepare<[string], DesktopId>(NEWEST_READY).pluck();
  const handsOut = db.prepare<[string], string | null>(HANDS_OUT).pluck();
  const claimReady = db.prepare<[string, number, string, string, number, DesktopId]>(CLAIM_READY);
  const takeBound = db.prepare<[string, string, number, string], DesktopRow>(
    // A parked one is its person's as well: its pool switches it on, and its proof waits for that.
    `UPDATE desktops SET state = 'bound', session = ?, used_by = coalesce(used_by, ?), written_at = ?
      WHERE id = ? AND state IN ('bound', 'parked') AND session IS NULL RETURNING *`,
  );
  const bindingOf = bindingStatement(db);
  const bind = db.prepare(
    `INSERT INTO bindings (id, kind, key, pool, desktop, created_at, created_by, allocator, used_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const use = db.prepare('UPDATE bindings SET allocator = ?, used_at = ? WHERE id = ?');

  /** Which one of the ready ones goes first, as the pool says. */
  const next = (pool: string): DesktopId | undefined =>
    (handsOut.get(pool) === 'newest' ? newestReady : oldestReady).get(pool);

  const ready = (session: Session, to: 'leased' | 'bound'): Desktop | undefined => {
    const now = clock.now();
    for (const pool of session.pools) {
      const id = next(pool);
      if (id === undefined) continue;
      if (claimReady.run(to, now, session.id, session.person, now, id).changes === 1) return desktops.get(id);
    }
    return undefined;
  };

  const bound = (session: Session, kind: BindingKind, behindOthers: boolean): Claimed => {
    for (const pool of session.pools) {
      const binding = bindingOf.get(kind, keyOf(session, kind), pool);
      if (!binding) continue;
      const row = takeBound.get(session.id, session.person, clock.now(), binding.desktop);
      if (row) {
        use.run(session.allocator, clock.now(), binding.id);
        const desktop = desktopOf(row);
        // Whoever had it open when the store was replaced may have it open still (rule 13).
        return { kind: 'got', desktop, claim: desktop.unconfirmedSince === undefined ? 'bound' : 'held' };
      }
      const desktop = desktops.get(binding.desktop)!;
      return { kind: desktop.session === undefined ? 'unusable' : 'held', desktop };
    }
    const desktop = behindOthers ? undefined : ready(session, 'bound');
    if (!desktop) return { kind: 'none' };
    const now = clock.now();
    const id = newId('binding', now);
    bind.run(
      id,
      kind,
      keyOf(session, kind),
      desktop.pool,
      desktop.id,
      now,
      `allocators/${session.allocator}`,
      session.allocator,
      now,
    );
    audit.add(now, theHub, 'binding.made', id, {
      kind,
      key: keyOf(session, kind),
      desktop: desktop.id,
      allocator: session.allocator,
    });
    return { kind: 'got', desktop, claim: 'new' };
  };

  return {
    next,
    /**
     * Call it inside a unit of the writer, with the session's row in place.
     * @param behindOthers no ready one: others wait for it who came first
     */
    claim: (session: Session, behindOthers = false): Claimed => {
      if (session.binding !== 'none') return bound(session, session.binding, behindOthers);
      const desktop = behindOthers ? undefined : ready(session, 'leased');
      return desktop ? { kind: 'got', desktop, claim: 'new' } : { kind: 'none' };
    },
  };
}

/**
 * Both walk along the index `desktops_ready`; its condition and theirs are one. `+?`, because SQLite with STAT4 reads a
 * statement anew at every run that compares with a bare `?` and has an ORDER BY (measured: 13 of 15 µs).
 */
export const OLDEST_READY = `
  SELECT id FROM desktops WHERE pool = +? AND state = 'ready' AND held_back IS NULL ORDER BY ready_at, number LIMIT 1`;

export const NEWEST_READY = `
  SELECT id FROM desktops WHERE pool = +? AND state = 'ready' AND held_back IS NULL ORDER BY ready_at DESC, number DESC LIMIT 1`;

/** What the pool says; one that was deleted says nothing. */
const HANDS_OUT = `SELECT spec ->> 'handOut' FROM resources WHERE kind = 'pools' AND name = ?`;

/**
 * The condition on `state` makes a second taker come away empty-handed. Not one statement with the one above inside and
 * RETURNING: nobody else writes within a transaction of SQLite, and a table that is read and written at once costs it
 * three times as much (measured).
 */
const CLAIM_READY = `
  UPDATE desktops SET state = ?, state_since = ?, session = ?, used_by = coalesce(used_by, ?), written_at = ?
   WHERE id = ? AND state = 'ready' AND held_back IS NULL`;

const bindingStatement = (db: Database) =>
  db.prepare<[string, string, string], BindingRow>(
    'SELECT * FROM bindings WHERE kind = ? AND key = ? AND pool = ?',
  );

export const keyOf = (session: Pick<Session, 'person' | 'seat' | 'tc'>, kind: BindingKind): string =>
  kind === 'user' ? session.person : kind === 'seat' ? session.seat : session.tc;

export const bindingFrom = (row: BindingRow): Binding => ({
  id: row.id,
  kind: row.kind,
  key: row.key,
  pool: row.pool,
  desktop: row.desktop,
  createdAt: row.created_at,
  by: row.created_by,
  allocator: row.allocator ?? undefined,
  usedAt: row.used_at ?? row.created_at,
});

export type { BindingRow };
