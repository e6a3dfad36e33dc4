import type { Database } from 'better-sqlite3';
import type { ViewerEnd, ViewerState } from '@anyseat/protocol';
import type { DesktopId } from '../../domain/desktop.ts';
import type { OpenSwap } from '../../domain/swap.ts';
import type { SessionPolicy } from '../../domain/sessionPolicy.ts';
import type { Session, SessionEnd, SessionId, SessionState, TcId } from '../../domain/session.ts';

interface Row {
  id: SessionId;
  state: SessionState;
  state_since: number;
  request_id: string;
  tc: TcId;
  seat: string;
  site: string;
  person: string;
  user: string;
  display_name: string;
  allocator: string;
  pools: string;
  binding: Session['binding'];
  desktop: DesktopId | null;
  generation: number;
  secret_hash: string | null;
  viewer: ViewerState | null;
  viewer_end: ViewerEnd | null;
  grace_until: number | null;
  stages: string;
  started_at: number;
  heard_at: number;
  ended_at: number | null;
  end_reason: SessionEnd | null;
  policy: string | null;
  swap: string | null;
}

/** Reading and writing whole sessions, for the units of work that are made of them. */
export function sessionRows(db: Database) {
  const byId = db.prepare<[string], Row>('SELECT * FROM sessions WHERE id = ?');
  const byRequest = db.prepare<[string, string], Row>(
    'SELECT * FROM sessions WHERE tc = ? AND request_id = ?',
  );
  const ofPerson = db.prepare<[string], Row>(
    // Not a bare `?`: see OLDEST_READY (measured: 15 of 16 µs).
    "SELECT * FROM sessions WHERE person = +? AND state <> 'ended' ORDER BY nth",
  );
  const numbersOf = db
    .prepare<[string], number>("SELECT nth FROM sessions WHERE person = ? AND state <> 'ended'")
    .pluck();
  const away = db.prepare<[], Row>("SELECT * FROM sessions WHERE state = 'away' ORDER BY started_at");
  const atTc = db.prepare<[string], Row>("SELECT * FROM sessions WHERE tc = ? AND state <> 'ended'");
  const live = db.prepare<[number], Row>(
    "SELECT * FROM sessions WHERE state <> 'ended' ORDER BY started_at LIMIT ?",
  );
  const newest = db.prepare<[number], Row>('SELECT * FROM sessions ORDER BY started_at DESC LIMIT ?');
  const insert = db.prepare(
    `INSERT INTO sessions (id, state, state_since, request_id, tc, seat, site, person, user, display_name, allocator, pools,
                           binding, policy, desktop, generation, secret_hash, stages, started_at, heard_at, nth, most)
     VALUES (@id, @state, @stateSince, @requestId, @tc, @seat, @site, @person, @user, @displayName, @allocator, @pools,
             @binding, @policy, @desktop, @generation, @secretHash, @stages, @startedAt, @heardAt, @nth, @most)`,
  );
  const save = db.prepare(
    `UPDATE sessions SET state = @state, state_since = @stateSince, request_id = @requestId, tc = @tc, seat = @seat, site = @site,
            allocator = @allocator, pools = @pools, binding = @binding, policy = @policy,
            desktop = @desktop, swap = @swap, generation = @generation, secret_hash = @secretHash, viewer = @viewer, viewer_end = @viewerEnd,
            grace_until = @graceUntil, stages = @stages, heard_at = @heardAt, ended_at = @endedAt, end_reason = @end
      WHERE id = @id`,
  );
  const numberOf = db.prepare<[string], { nth: number; most: number }>(
    'SELECT nth, most FROM sessions WHERE id = ?',
  );
  const one = (row: Row | undefined): Session | undefined => row && sessionOf(row);

  return {
    get: (id: SessionId) => one(byId.get(id)),
    byRequest: (tc: TcId, requestId: string) => one(byRequest.get(tc, requestId)),
    ofPerson: (person: string) => ofPerson.all(person).map(sessionOf),
    atTc: (tc: TcId) => atTc.all(tc).map(sessionOf),
    away: () => away.all().map(sessionOf),
    list: (filter: { live?: boolean; limit?: number }) =>
      (filter.live ? live : newest).all(filter.limit ?? 100_000).map(sessionOf),
    /**
     * @param most how many sessions its person may have; the store refuses one more
     * @param instead of this one of theirs, which has ended: takes its number, whoever gave that
     */
    insert: (session: Session, most: number, instead?: SessionId): Session => {
      const number = instead && numberOf.get(instead);
      if (number) insert.run({ ...columns(session), ...number });
      else {
        const taken = new Set(numbersOf.all(session.person));
        let nth = 1;
        while (taken.has(nth)) nth++;
        insert.run({ ...columns(session), nth, most });
      }
      return session;
    },
    save: (session: Session): Session => {
      save.run({ ...columns(session) });
      return session;
    },
  };
}

/** A session moved to a state, with the time of the move. */
export const inState = (session: Session, state: SessionState, now: number): Session => ({
  ...session,
  state,
  stateSince: session.state === state ? session.stateSince : now,
  heardAt: now,
});

/** One that is over, for this reason. */
export const over = (session: Session, end: SessionEnd, now: number): Session => ({
  ...inState(session, 'ended', now),
  graceUntil: undefined,
  secretHash: undefined,
  swap: undefined,
  endedAt: now,
  end,
});

const columns = (s: Session) => ({
  id: s.id,
  state: s.state,
  stateSince: s.stateSince,
  requestId: s.requestId,
  tc: s.tc,
  seat: s.seat,
  site: s.site,
  person: s.person,
  user: s.user,
  displayName: s.displayName,
  allocator: s.allocator,
  pools: JSON.stringify(s.pools),
  binding: s.binding,
  policy: s.policy ? JSON.stringify(s.policy) : null,
  swap: s.swap ? JSON.stringify(s.swap) : null,
  desktop: s.desktop ?? null,
  generation: s.generation,
  secretHash: s.secretHash ?? null,
  viewer: s.viewer ?? null,
  viewerEnd: s.viewerEnd ?? null,
  graceUntil: s.graceUntil ?? null,
  stages: JSON.stringify(s.stages),
  startedAt: s.startedAt,
  heardAt: s.heardAt,
  endedAt: s.endedAt ?? null,
  end: s.end ?? null,
});

const sessionOf = (row: Row): Session => ({
  id: row.id,
  state: row.state,
  stateSince: row.state_since,
  requestId: row.request_id,
  tc: row.tc,
  seat: row.seat,
  site: row.site,
  person: row.person,
  user: row.user,
  displayName: row.display_name,
  allocator: row.allocator,
  pools: JSON.parse(row.pools) as string[],
  binding: row.binding,
  ...(row.policy === null ? {} : { policy: JSON.parse(row.policy) as SessionPolicy }),
  ...(row.swap === null ? {} : { swap: JSON.parse(row.swap) as OpenSwap }),
  desktop: row.desktop ?? undefined,
  generation: row.generation,
  secretHash: row.secret_hash ?? undefined,
  viewer: row.viewer ?? undefined,
  viewerEnd: row.viewer_end ?? undefined,
  graceUntil: row.grace_until ?? undefined,
  stages: JSON.parse(row.stages) as Record<string, number>,
  startedAt: row.started_at,
  heardAt: row.heard_at,
  endedAt: row.ended_at ?? undefined,
  end: row.end_reason ?? undefined,
});
