import { theHub } from '../../domain/audit.ts';
import type { DesktopId } from '../../domain/desktop.ts';
import type { Session, SessionId } from '../../domain/session.ts';
import type { Swap, SwapOrigin } from '../../domain/swap.ts';
import type { Context } from './context.ts';

interface Row {
  desktop: DesktopId;
  pool: string;
  origin: SwapOrigin;
  actor: string;
  reason: string;
  at: number;
  session: SessionId | null;
  person: string | null;
  user: string | null;
  seat: string | null;
  to_desktop: DesktopId | null;
  claimed_ms: number | null;
  took_ms: number | null;
}

/** Reading and writing swaps, for the units of work that are made of them. */
export function swapRows({ db, audit }: Pick<Context, 'db' | 'audit'>) {
  const one = db.prepare<[string], Row>('SELECT * FROM swaps WHERE desktop = ?');
  const newest = db.prepare<[number], Row>('SELECT * FROM swaps ORDER BY at DESC LIMIT ?');
  const insert = db.prepare(
    `INSERT OR REPLACE INTO swaps (desktop, pool, origin, actor, reason, at, session, person, user, seat, to_desktop, claimed_ms)
     VALUES (@desktop, @pool, @origin, @by, @reason, @at, @session, @person, @user, @seat, @to, @claimedMs)`,
  );
  const claimed = db.prepare(
    `UPDATE swaps SET to_desktop = ?, claimed_ms = coalesce(claimed_ms, max(0, ? - at))
      WHERE session = ? AND took_ms IS NULL`,
  );
  const done = db.prepare('UPDATE swaps SET took_ms = max(0, ? - at) WHERE session = ? AND took_ms IS NULL');
  const ofPerson = db
    .prepare<[string, number], number>(
      "SELECT at FROM swaps WHERE person = ? AND origin = 'person' AND at > ?",
    )
    .pluck();
  const ofPool = db
    .prepare<[string, number], number>(
      "SELECT at FROM swaps WHERE pool = ? AND origin IN ('person', 'rule') AND at > ?",
    )
    .pluck();
  const ofOperators = db
    .prepare<[number], number>("SELECT at FROM swaps WHERE origin = 'operator' AND at > ?")
    .pluck();

  return {
    of: (desktop: DesktopId): Swap | undefined => {
      const row = one.get(desktop);
      return row && swapOf(row);
    },
    newest: (limit: number): Swap[] => newest.all(limit).map(swapOf),
    insert: (swap: Swap): Swap => {
      const { session, person, user, seat, to, claimedMs, tookMs: _, ...rest } = swap;
      const whom = {
        session: session ?? null,
        person: person ?? null,
        user: user ?? null,
        seat: seat ?? null,
      };
      insert.run({ ...rest, ...whom, to: to ?? null, claimedMs: claimedMs ?? null });
      return swap;
    },
    /** Epoch ms of those that people themselves asked for since then. */
    byPerson: (person: string, since: number) => ofPerson.all(person, since),
    /** And of those that no operator asked for. */
    inPool: (pool: string, since: number) => ofPool.all(pool, since),
    byOperators: (since: number) => ofOperators.all(since),
    /** Another desktop is theirs. */
    claimed: (session: SessionId, to: DesktopId, now: number): void => {
      claimed.run(to, now, session);
    },
    /** Its picture is on the screen: what changes of the session. */
    done: (session: Session, now: number): Pick<Session, 'swap' | 'stages'> => {
      const tookMs = Math.max(0, now - session.swap!.at);
      done.run(now, session.id);
      audit.add(now, theHub, 'swap.done', session.desktop!, {
        session: session.id,
        person: session.person,
        tookMs,
      });
      return { swap: undefined, stages: { ...session.stages, swap: tookMs } };
    },
  };
}

const swapOf = (row: Row): Swap => ({
  desktop: row.desktop,
  pool: row.pool,
  origin: row.origin,
  by: row.actor,
  reason: row.reason,
  at: row.at,
  session: row.session ?? undefined,
  person: row.person ?? undefined,
  user: row.user ?? undefined,
  seat: row.seat ?? undefined,
  to: row.to_desktop ?? undefined,
  claimedMs: row.claimed_ms ?? undefined,
  tookMs: row.took_ms ?? undefined,
});
