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
  const claimReady = db.prepare<[string, number, string, string, number, string], DesktopRow>(CLAIM_READY);
  const takeBound = db.prepare<[string, string, number, string], DesktopRow>(
    `UPDATE desktops SET session = ?, used_by = coalesce(used_by, ?), written_at = ?
      WHERE id = ? AND state = 'bound' AND session IS NULL RETURNING *`,
  );
  const bindingOf = bindingStatement(db);
  const bind = db.prepare(
    'INSERT INTO bindings (id, kind, key, pool, desktop, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );

  const ready = (session: Session, to: 'leased' | 'bound'): Desktop | undefined => {
    const now = clock.now();
    for (const pool of session.pools) {
      const row = claimReady.get(to, now, session.id, session.person, now, pool);
      if (row) return desktopOf(row);
    }
    return undefined;
  };

  const bound = (session: Session, kind: BindingKind): Claimed => {
    for (const pool of session.pools) {
      const binding = bindingOf.get(kind, keyOf(session, kind), pool);
      if (!binding) continue;
      const row = takeBound.get(session.id, session.person, clock.now(), binding.desktop);
      if (row) return { kind: 'got', desktop: desktopOf(row), claim: 'bound' };
      const desktop = desktops.get(binding.desktop)!;
      return { kind: desktop.session === undefined ? 'unusable' : 'held', desktop };
    }
    const desktop = ready(session, 'bound');
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
    /** Call it inside a unit of the writer, with the session's row in place. */
    claim: (session: Session): Claimed => {
      if (session.binding !== 'none') return bound(session, session.binding);
      const desktop = ready(session, 'leased');
      return desktop ? { kind: 'got', desktop, claim: 'new' } : { kind: 'none' };
    },
  };
}

/** The oldest ready desktop of a pool; the condition on `state` makes a second taker come away empty-handed. */
const CLAIM_READY = `
  UPDATE desktops SET state = ?, state_since = ?, session = ?, used_by = coalesce(used_by, ?), written_at = ?
   WHERE id = (SELECT id FROM desktops WHERE pool = ? AND state = 'ready' ORDER BY ready_at, number LIMIT 1)
     AND state = 'ready'
  RETURNING *`;

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
});

export type { BindingRow };
