import { Fault } from '@anyseat/base';
import type { ResourceKind, SpecOf } from '@anyseat/protocol';
import type { Actor } from '../../domain/audit.ts';
import {
  emptyCatalogue,
  type Catalogue,
  type Resource,
  type ResourceChange,
} from '../../domain/catalogue.ts';
import type { ResourceChangeRecord } from '../../domain/reason.ts';
import type { Store } from '../store.ts';
import type { Context } from './context.ts';

interface Row {
  kind: ResourceKind;
  name: string;
  revision: number;
  spec: string;
  author: string;
  changed_at: number;
}

export function resourceMethods({
  db,
  clock,
  writer,
  audit,
}: Context): Pick<Store, 'catalogue' | 'applyResources' | 'history' | 'changes' | 'catalogueAt'> {
  const all = db.prepare<[], Row>('SELECT * FROM resources ORDER BY name');
  const revisions = db.prepare<[string, string], Row>(
    'SELECT * FROM resource_revisions WHERE kind = ? AND name = ? ORDER BY revision DESC',
  );
  const newest = db.prepare<[string, string], { revision: number; deleted: number }>(
    `SELECT revision, spec IS NULL AS deleted FROM resource_revisions
      WHERE kind = ? AND name = ? ORDER BY revision DESC LIMIT 1`,
  );
  const remember = db.prepare(
    `INSERT INTO resource_revisions (kind, name, revision, spec, author, changed_at, change)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const lastChange = db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM resource_changes').pluck();
  const addChange = db.prepare('INSERT INTO resource_changes (number, at, author) VALUES (?, ?, ?)');
  const newestChanges = db.prepare<[number, number], Omit<ResourceChangeRecord, 'resources'>>(
    'SELECT number, at, author FROM resource_changes WHERE number < ? ORDER BY number DESC LIMIT ?',
  );
  const changedBy = db.prepare<[number], Changed>(
    `SELECT kind, name, revision, spec IS NULL AS deleted FROM resource_revisions WHERE change = ? ORDER BY kind, name`,
  );
  const asOf = db.prepare<[number], Row>(AS_OF);
  const put = db.prepare(
    `INSERT INTO resources (kind, name, revision, spec, author, changed_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, name) DO UPDATE
        SET revision = excluded.revision, spec = excluded.spec, author = excluded.author, changed_at = excluded.changed_at`,
  );
  const remove = db.prepare('DELETE FROM resources WHERE kind = ? AND name = ?');

  const apply = (change: ResourceChange, number: number, by: Actor) => {
    const last = newest.get(change.kind, change.name);
    const stands = last && !last.deleted ? last.revision : 0;
    if (stands !== change.was) {
      throw new Fault(
        'resource-changed',
        'refused',
        `${change.kind} “${change.name}” was changed in between; look at it again`,
        { fields: { kind: change.kind, name: change.name, was: change.was, is: stands } },
      );
    }
    const revision = (last?.revision ?? 0) + 1;
    const spec = change.spec === undefined ? null : JSON.stringify(change.spec);
    const now = clock.now();
    remember.run(change.kind, change.name, revision, spec, by.name, now, number);
    if (spec === null) remove.run(change.kind, change.name);
    else put.run(change.kind, change.name, revision, spec, by.name, now);
    const act = spec === null ? 'resource.deleted' : 'resource.applied';
    audit.add(now, by, act, `${change.kind}/${change.name}`, { revision });
  };

  return {
    catalogue: () => Promise.resolve(catalogueOf(all.all(), lastChange.get()!)),
    applyResources: (changes, by) =>
      writer.write(() => {
        if (changes.length === 0) return;
        const number = lastChange.get()! + 1;
        addChange.run(number, clock.now(), by.name);
        for (const change of changes) apply(change, number, by);
      }),
    history: <K extends ResourceKind>(kind: K, name: string) =>
      Promise.resolve(revisions.all(kind, name).map((row) => resource<SpecOf[K] | undefined>(row))),
    changes: ({ before = Number.MAX_SAFE_INTEGER, limit }) =>
      Promise.resolve(
        newestChanges.all(before, limit).map((change) => ({
          ...change,
          resources: changedBy.all(change.number).map((one) => ({ ...one, deleted: one.deleted === 1 })),
        })),
      ),
    catalogueAt: (change) => Promise.resolve(catalogueOf(asOf.all(change), change)),
  };
}

interface Changed {
  kind: string;
  name: string;
  revision: number;
  deleted: number;
}

/** Revisions of before changes were counted came before the first. */
const AS_OF = `
  SELECT * FROM resource_revisions AS r
   WHERE spec IS NOT NULL AND revision = (SELECT max(revision) FROM resource_revisions
           WHERE kind = r.kind AND name = r.name AND coalesce(change, 0) <= ?)
   ORDER BY name`;

function catalogueOf(rows: readonly Row[], change: number): Catalogue {
  const of = <K extends ResourceKind>(kind: K) =>
    new Map(rows.filter((row) => row.kind === kind).map((row) => [row.name, resource<SpecOf[K]>(row)]));
  return {
    ...emptyCatalogue,
    change,
    sites: of('sites'),
    seats: of('seats'),
    pools: of('pools'),
    allocators: of('allocators'),
    rosters: of('rosters'),
  };
}

const resource = <Spec>(row: Omit<Row, 'spec'> & { spec: string | null }): Resource<Spec> => ({
  name: row.name,
  revision: row.revision,
  spec: (row.spec === null ? undefined : JSON.parse(row.spec)) as Spec,
  author: row.author,
  changedAt: row.changed_at,
});
