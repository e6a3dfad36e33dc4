import { newId } from '@anyseat/base';
import { theHub } from '../../domain/audit.ts';
import { isHeld, type Desktop, type DesktopId, type DesktopState } from '../../domain/desktop.ts';
import { afterEvent } from '../../domain/desktopEvents.ts';
import { drainedWords, type Drain } from '../../domain/drain.ts';
import type { Store } from '../store.ts';
import type { Context } from './context.ts';
import { desktopRows } from './desktopRows.ts';

type DesktopMethods =
  | 'desktops'
  | 'desktop'
  | 'desktopCounts'
  | 'unconfirmedDesktops'
  | 'wantDesktops'
  | 'recordDesktop'
  | 'adoptDesktop'
  | 'formerServers';

export function desktopMethods({ db, clock, writer, audit }: Context): Pick<Store, DesktopMethods> {
  const rows = desktopRows(db);
  const drainOf = db.prepare<[string, string], Pick<Drain, 'host' | 'reason'>>(
    'SELECT host, reason FROM drains WHERE cloud = ? AND host = ?',
  );
  /** Ready on a host that is drained: whoever waits is given another. */
  const heldBack = ({ cloud, host }: Desktop): string | undefined => {
    const drain = host === undefined ? undefined : drainOf.get(cloud, host);
    return drain && drainedWords(drain);
  };
  const unbind = db.prepare<[string], { id: string; kind: string; key: string }>(
    'DELETE FROM bindings WHERE desktop = ? RETURNING id, kind, key',
  );
  const counts = db.prepare<[], { pool: string; state: DesktopState; heldBack: 0 | 1; count: number }>(
    `SELECT pool, state, held_back IS NOT NULL AS heldBack, count(*) AS count FROM desktops
      WHERE state <> 'gone' GROUP BY pool, state, heldBack`,
  );
  const unconfirmed = db
    .prepare<[], DesktopId>('SELECT id FROM desktops WHERE unconfirmed_since IS NOT NULL')
    .pluck();
  const former = db.prepare<[string, string, string], string>(FORMER).pluck();
  const ofServer = db.prepare("SELECT 1 FROM desktops WHERE cloud = ? AND server_id = ? AND state <> 'gone'");
  const moveOut = db.prepare<[string, string, string, number | null, number | null]>(MOVE_OUT);
  /** Two are never at one address: whoever was found there before is somewhere else, or nowhere. */
  const hasTheAddress = ({ id, cloud, endpoint }: Desktop): void => {
    if (endpoint) moveOut.run(cloud, endpoint.host, id, endpoint.port ?? null, endpoint.tlsPort ?? null);
  };

  return {
    desktops: (filter) => {
      if (filter === undefined) return Promise.resolve(rows.all());
      if ('host' in filter) return Promise.resolve(rows.onHost(filter.cloud, filter.host));
      return Promise.resolve('pool' in filter ? rows.ofPool(filter.pool) : rows.inState(filter.state));
    },
    desktop: (id) => Promise.resolve(rows.get(id)),
    desktopCounts: () =>
      Promise.resolve(counts.all().map((row) => ({ ...row, heldBack: row.heldBack === 1 }))),
    unconfirmedDesktops: () => Promise.resolve(new Set(unconfirmed.all())),

    formerServers: (cloud, serverIds) => Promise.resolve(former.all(cloud, JSON.stringify(serverIds), cloud)),

    wantDesktops: (pool, count) =>
      writer.write(() => {
        const now = clock.now();
        const made = Array.from({ length: count }, () =>
          rows.insert({
            id: newId('desktop', now),
            cloud: pool.cloud,
            pool: pool.name,
            poolRevision: pool.revision,
            state: 'wanted',
            attempt: 0,
            serverName: null,
            serverId: null,
            now,
          }),
        );
        audit.add(now, theHub, 'desktops.wanted', `pools/${pool.name}`, { count, revision: pool.revision });
        return made;
      }),

    recordDesktop: (id, event, by) =>
      writer.write(() => {
        const desktop = rows.get(id);
        const after = desktop && afterEvent(desktop, event, clock.now());
        if (!after) return undefined;
        const next = event.kind === 'proved' ? { ...after, heldBack: heldBack(after) } : after;
        if (event.kind === 'retire' && isHeld(desktop)) {
          if (by.kind !== 'operator') return undefined;
          const binding = unbind.get(id);
          if (binding) {
            const { kind, key } = binding;
            audit.add(next.writtenAt, by, 'binding.ended', binding.id, { kind, key, desktop: id });
          }
        }
        rows.save(next);
        if (event.kind === 'proved' || event.kind === 'moved' || event.kind === 'up') hasTheAddress(next);
        if (next.state !== desktop.state) {
          audit.add(next.writtenAt, by, `desktop.${event.kind}`, id, {
            pool: next.pool,
            server: next.serverId ?? next.serverName ?? null,
            ...('fault' in event ? { fault: event.fault.text } : {}),
            ...('text' in event ? { text: event.text } : {}),
          });
        }
        return next;
      }),

    adoptDesktop: (found) =>
      writer.write(() => {
        const now = clock.now();
        if (rows.get(found.id)) return undefined;
        if (ofServer.get(found.cloud, found.serverId)) return undefined;
        const { id, cloud, pool, poolRevision, serverId, serverName } = found;
        const row = rows.insert({
          id,
          cloud,
          pool,
          poolRevision,
          serverId,
          serverName,
          state: 'quarantined',
          attempt: 1,
          now,
        });
        audit.add(now, theHub, 'desktop.adopted', id, { pool, server: serverId });
        return rows.save({ ...row, fault: { code: 'adopted', text: found.why, at: now } });
      }),
  };
}

const MOVE_OUT = `
  UPDATE desktops SET endpoint = NULL
   WHERE cloud = ? AND endpoint IS NOT NULL AND json_extract(endpoint, '$.host') = ? AND id <> ?
     AND (json_extract(endpoint, '$.port') = ? OR json_extract(endpoint, '$.tlsPort') = ?)`;

const FORMER = `
  SELECT DISTINCT server_id FROM desktops
   WHERE cloud = ? AND state = 'gone' AND server_id IN (SELECT value FROM json_each(?))
     AND server_id NOT IN (SELECT server_id FROM desktops WHERE cloud = ? AND state <> 'gone' AND server_id IS NOT NULL)`;
