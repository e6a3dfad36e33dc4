import type { Database } from 'better-sqlite3';
import type {
  Desktop,
  DesktopFault,
  DesktopId,
  DesktopState,
  Endpoint,
  SessionId,
} from '../../domain/desktop.ts';

interface Row {
  id: DesktopId;
  number: number;
  cloud: string;
  pool: string;
  pool_revision: number;
  image: string | null;
  held_back: string | null;
  after_use: 'replace' | 'rebuild' | null;
  unconfirmed_since: number | null;
  state: DesktopState;
  state_since: number;
  attempt: number;
  server_name: string | null;
  server_id: string | null;
  host: string | null;
  endpoint: string | null;
  session: SessionId | null;
  used_by: string | null;
  fault: string | null;
  created_at: number;
  asked_at: number | null;
  active_at: number | null;
  ready_at: number | null;
  written_at: number;
}

/** Higher than any that was given out, also by the store that this one was restored in place of. */
const NEXT_NUMBER = `(SELECT max(coalesce(max(number), 0), (SELECT numbers_used FROM installation)) + 1 FROM desktops)`;

/** Reading and writing whole desktops, for the units of work that are made of them. */
export function desktopRows(db: Database) {
  const byId = db.prepare<[string], Row>('SELECT * FROM desktops WHERE id = ?');
  const all = db.prepare<[], Row>("SELECT * FROM desktops WHERE state <> 'gone' ORDER BY pool, number");
  const ofPool = db.prepare<[string], Row>(
    "SELECT * FROM desktops WHERE pool = ? AND state <> 'gone' ORDER BY number",
  );
  const inState = db.prepare<[string], Row>('SELECT * FROM desktops WHERE state = ? ORDER BY pool, number');
  const onHost = db.prepare<[string, string], Row>(
    "SELECT * FROM desktops WHERE cloud = ? AND host = ? AND state <> 'gone' ORDER BY pool, number",
  );
  const save = db.prepare(
    `UPDATE desktops SET state = @state, image = @image, held_back = @heldBack, after_use = @afterUse,
            unconfirmed_since = @unconfirmedSince, state_since = @stateSince, attempt = @attempt, server_name = @serverName,
            server_id = @serverId, host = @host, endpoint = @endpoint, session = @session, used_by = @usedBy, fault = @fault,
            asked_at = @askedAt, active_at = @activeAt, ready_at = @readyAt, written_at = @writtenAt
      WHERE id = @id`,
  );
  const insert = db.prepare(
    `INSERT INTO desktops (id, number, cloud, pool, pool_revision, state, state_since, attempt, server_name, server_id, created_at, written_at)
     VALUES (@id, ${NEXT_NUMBER}, @cloud, @pool, @poolRevision, @state, @now, @attempt, @serverName, @serverId, @now, @now)`,
  );

  const get = (id: DesktopId): Desktop | undefined => {
    const row = byId.get(id);
    return row && desktopOf(row);
  };
  return {
    get,
    all: () => all.all().map(desktopOf),
    inState: (state: DesktopState) => inState.all(state).map(desktopOf),
    onHost: (cloud: string, host: string) => onHost.all(cloud, host).map(desktopOf),
    ofPool: (pool: string) => ofPool.all(pool).map(desktopOf),
    save: (desktop: Desktop): Desktop => {
      save.run({
        id: desktop.id,
        image: desktop.image ?? null,
        heldBack: desktop.heldBack ?? null,
        afterUse: desktop.afterUse ?? null,
        unconfirmedSince: desktop.unconfirmedSince ?? null,
        state: desktop.state,
        stateSince: desktop.stateSince,
        attempt: desktop.attempt,
        serverName: desktop.serverName ?? null,
        serverId: desktop.serverId ?? null,
        host: desktop.host ?? null,
        endpoint: desktop.endpoint ? JSON.stringify(desktop.endpoint) : null,
        session: desktop.session ?? null,
        usedBy: desktop.usedBy ?? null,
        fault: desktop.fault ? JSON.stringify(desktop.fault) : null,
        askedAt: desktop.askedAt ?? null,
        activeAt: desktop.activeAt ?? null,
        readyAt: desktop.readyAt ?? null,
        writtenAt: desktop.writtenAt,
      });
      return desktop;
    },
    insert: (row: {
      id: DesktopId;
      cloud: string;
      pool: string;
      poolRevision: number;
      state: DesktopState;
      attempt: number;
      serverName: string | null;
      serverId: string | null;
      now: number;
    }): Desktop => {
      insert.run(row);
      return get(row.id)!;
    },
  };
}

export const desktopOf = (row: Row): Desktop => ({
  id: row.id,
  number: row.number,
  cloud: row.cloud,
  pool: row.pool,
  poolRevision: row.pool_revision,
  image: row.image ?? undefined,
  heldBack: row.held_back ?? undefined,
  ...(row.after_use === null ? {} : { afterUse: row.after_use }),
  unconfirmedSince: row.unconfirmed_since ?? undefined,
  state: row.state,
  stateSince: row.state_since,
  attempt: row.attempt,
  serverName: row.server_name ?? undefined,
  serverId: row.server_id ?? undefined,
  host: row.host ?? undefined,
  endpoint: row.endpoint === null ? undefined : (JSON.parse(row.endpoint) as Endpoint),
  session: row.session ?? undefined,
  usedBy: row.used_by ?? undefined,
  fault: row.fault === null ? undefined : (JSON.parse(row.fault) as DesktopFault),
  createdAt: row.created_at,
  askedAt: row.asked_at ?? undefined,
  activeAt: row.active_at ?? undefined,
  readyAt: row.ready_at ?? undefined,
  writtenAt: row.written_at,
});

export type { Row as DesktopRow };
