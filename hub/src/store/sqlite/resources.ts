import { Fault } from '@anyseat/base';
import type { ResourceKind, SpecOf } from '@anyseat/protocol';
import type { Actor } from '../../domain/audit.ts';
import {
  emptyCatalogue,
  type Catalogue,
  type Resource,
  type ResourceChange,
} from '../../domain/catalogue.ts';
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
}: Context): Pick<Store, 'catalogue' | 'applyResources' | 'history'> {
  const all = db.prepare<[], Row>('SELECT * FROM resources ORDER BY name');
  const revisions = db.prepare<[string, string], Row>(
    'SELECT * FROM resource_revisions WHERE kind = ? AND name = ? ORDER BY revision DESC',
  );
  const newest = db.prepare<[string, string], { revision: number; deleted: number }>(
    `SELECT revision, spec IS NULL AS deleted FROM resource_revisions
      WHERE kind = ? AND name = ? ORDER BY revision DESC LIMIT 1`,
  );
  const remember = db.prepare(
    'INSERT INTO resource_revisions (kind, name, revision, spec, author, changed_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const put = db.prepare(
    `INSERT INTO resources (kind, name, revision, spec, author, changed_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, name) DO UPDATE
        SET revision = excluded.revision, spec = excluded.spec, author = excluded.author, changed_at = excluded.changed_at`,
  );
  const remove = db.prepare('DELETE FROM resources WHERE kind = ? AND name = ?');

  const apply = (change: ResourceChange, by: Actor) => {
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
    remember.run(change.kind, change.name, revision, spec, by.name, now);
    if (spec === null) remove.run(change.kind, change.name);
    else put.run(change.kind, change.name, revision, spec, by.name, now);
    const act = spec === null ? 'resource.deleted' : 'resource.applied';
    audit.add(now, by, act, `${change.kind}/${change.name}`, { revision });
  };

  return {
    catalogue: () => Promise.resolve(catalogueOf(all.all())),
    applyResources: (changes, by) =>
      writer.write(() => {
        for (const change of changes) apply(change, by);
      }),
    history: <K extends ResourceKind>(kind: K, name: string) =>
      Promise.resolve(revisions.all(kind, name).map((row) => resource<SpecOf[K] | undefined>(row))),
  };
}

function catalogueOf(rows: readonly Row[]): Catalogue {
  const of = <K extends ResourceKind>(kind: K) =>
    new Map(rows.filter((row) => row.kind === kind).map((row) => [row.name, resource<SpecOf[K]>(row)]));
  return {
    ...emptyCatalogue,
    sites: of('sites'),
    seats: of('seats'),
    pools: of('pools'),
    allocators: of('allocators'),
  };
}

const resource = <Spec>(row: Omit<Row, 'spec'> & { spec: string | null }): Resource<Spec> => ({
  name: row.name,
  revision: row.revision,
  spec: (row.spec === null ? undefined : JSON.parse(row.spec)) as Spec,
  author: row.author,
  changedAt: row.changed_at,
});
