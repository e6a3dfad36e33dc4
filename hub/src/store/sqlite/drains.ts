import type { Actor } from '../../domain/audit.ts';
import { drainedWords, type Drain } from '../../domain/drain.ts';
import type { Store } from '../store.ts';
import type { Context } from './context.ts';

interface Row {
  cloud: string;
  host: string;
  reason: string;
  actor: string;
  at: number;
  told: 0 | 1;
  people: 0 | 1;
  bound: 0 | 1;
}

type DrainMethods = 'drains' | 'drainHost' | 'drainIsTold' | 'endDrain';

/** Compute hosts that operators want empty. */
export function drainMethods({ db, clock, writer, audit }: Context): Pick<Store, DrainMethods> {
  const all = db.prepare<[], Row>('SELECT * FROM drains ORDER BY cloud, host');
  // What was drained before is still so: since when, and whether the cloud knows, stay.
  const put = db.prepare<object, Row>(
    `INSERT INTO drains (cloud, host, reason, actor, at, told, people, bound)
     VALUES (@cloud, @host, @reason, @actor, @at, 0, @people, @bound)
     ON CONFLICT (cloud, host) DO UPDATE
        SET reason = excluded.reason, actor = excluded.actor, people = excluded.people, bound = excluded.bound
     RETURNING *`,
  );
  // At once: until its pool looks, somebody who is moved a moment later would be given it.
  const holdBack = db.prepare<[string, number, string, string]>(
    `UPDATE desktops SET held_back = coalesce(held_back, ?), written_at = ?
      WHERE cloud = ? AND host = ? AND state = 'ready'`,
  );
  const told = db.prepare<[string, string]>('UPDATE drains SET told = 1 WHERE cloud = ? AND host = ?');
  const end = db.prepare<[string, string]>('DELETE FROM drains WHERE cloud = ? AND host = ?');

  const drain = (
    { cloud, host, reason, people, bound }: Parameters<Store['drainHost']>[0],
    by: Actor,
  ): Drain => {
    const now = clock.now();
    const row = put.get({
      cloud,
      host,
      reason,
      actor: by.name,
      at: now,
      people: Number(people),
      bound: Number(bound),
    })!;
    holdBack.run(drainedWords({ host, reason }), now, cloud, host);
    audit.add(now, by, 'host.drained', host, { cloud, reason, people, bound });
    return drainOf(row);
  };

  return {
    drains: () => Promise.resolve(all.all().map(drainOf)),
    drainHost: (one, by) => writer.write(() => drain(one, by)),
    drainIsTold: ({ cloud, host }) =>
      writer.write(() => {
        told.run(cloud, host);
      }),
    endDrain: ({ cloud, host }, by, why) =>
      writer.write(() => {
        const was = end.run(cloud, host).changes === 1;
        if (was) audit.add(clock.now(), by, 'host.drain-ended', host, { cloud, why });
        return was;
      }),
  };
}

const drainOf = (row: Row): Drain => ({
  cloud: row.cloud,
  host: row.host,
  reason: row.reason,
  by: row.actor,
  at: row.at,
  told: row.told === 1,
  people: row.people === 1,
  bound: row.bound === 1,
});
