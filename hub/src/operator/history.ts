import type { ChangeView, HistoryAnswer, ResourceKind } from '@anyseat/protocol';
import type { ResourceChangeRecord } from '../domain/reason.ts';
import type { Store } from '../store/store.ts';
import { diffLines } from './diffLines.ts';

interface Asked {
  kind?: ResourceKind | undefined;
  name?: string | undefined;
  before?: number | undefined;
  limit: number;
}

/** What was changed when and by whom: of one resource with the difference of each revision, else everything. */
export async function history(
  { kind, name, before, limit }: Asked,
  { store }: { store: Store },
): Promise<HistoryAnswer> {
  if (kind === undefined || name === undefined)
    return { changes: (await store.changes({ before, limit })).map(plain) };
  const all = await store.history(kind, name);
  const revisions = all.map(({ revision, changedAt, author, spec }, i) => ({
    revision,
    at: changedAt,
    author,
    deleted: spec === undefined,
    lines: diffLines(all[i + 1]?.spec, spec),
  }));
  return {
    revisions: revisions.filter((one) => before === undefined || one.revision < before).slice(0, limit),
  };
}

const plain = (change: ResourceChangeRecord): ChangeView => ({ ...change, resources: [...change.resources] });
