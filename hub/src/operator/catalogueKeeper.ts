import { ConfigFault, checkConfig, parseYaml, type ParsedYaml, type Problem } from '@anyseat/base';
import {
  resourceFile,
  resourceKinds,
  type ApplyAnswer,
  type ResourceDiff,
  type ResourceFile,
  type ResourceKind,
} from '@anyseat/protocol';
import type { Actor } from '../domain/audit.ts';
import { emptyCatalogue, type Catalogue, type Resource, type ResourceChange } from '../domain/catalogue.ts';
import { crossCheck } from '../domain/crossCheck.ts';
import type { Store } from '../store/store.ts';
import { diffLines } from './diffLines.ts';

/**
 * The resources as they stand, in memory, and the one way of changing them: check the file, check everything together,
 * show the difference, apply all or nothing.
 */
export class CatalogueKeeper {
  readonly #store: Store;
  readonly #onChanged: (changes: readonly ResourceChange[]) => void;
  #current: Catalogue = emptyCatalogue;

  constructor(store: Store, onChanged: (changes: readonly ResourceChange[]) => void) {
    this.#store = store;
    this.#onChanged = onChanged;
  }

  get current(): Catalogue {
    return this.#current;
  }

  async reload(): Promise<void> {
    this.#current = await this.#store.catalogue();
  }

  /**
   * @throws ConfigFault with every problem of the file and of all resources together
   * @throws Fault `resource-changed` (refused)
   */
  async apply(
    request: { text: string; file: string; prune: boolean; dryRun: boolean },
    by: Actor,
  ): Promise<ApplyAnswer> {
    const yaml = parseYaml(request.text, request.file);
    const wanted = checkConfig(resourceFile, yaml, request.file);
    await this.reload();
    const { changes, unchanged } = changesTo(this.#current, wanted, request.prune);
    const problems = problemsAfter(this.#current, changes, yaml, request.file);
    if (problems.length > 0) throw new ConfigFault(request.file, problems);
    if (!request.dryRun && changes.length > 0) {
      await this.#store.applyResources(changes, by);
      await this.reload();
      this.#onChanged(changes);
    }
    return {
      changes: changes.map((change) => this.#diffOf(change)),
      unchanged,
      applied: !request.dryRun && changes.length > 0,
    };
  }

  #diffOf(change: ResourceChange & { before?: unknown }): ResourceDiff {
    const action = change.was === 0 ? 'create' : change.spec === undefined ? 'delete' : 'change';
    return { kind: change.kind, name: change.name, action, lines: diffLines(change.before, change.spec) };
  }
}

type Change = ResourceChange & { before: unknown };

function changesTo(
  current: Catalogue,
  wanted: ResourceFile,
  prune: boolean,
): { changes: Change[]; unchanged: number } {
  const changes: Change[] = [];
  let unchanged = 0;
  for (const kind of resourceKinds) {
    const stands: ReadonlyMap<string, Resource<unknown>> = current[kind];
    for (const [name, spec] of Object.entries(wanted[kind])) {
      const before = stands.get(name);
      if (before && diffLines(before.spec, spec).length === 0) unchanged++;
      else changes.push({ kind, name, was: before?.revision ?? 0, spec, before: before?.spec });
    }
    if (!prune) continue;
    for (const [name, before] of stands) {
      if (Object.hasOwn(wanted[kind], name)) continue;
      changes.push({ kind, name, was: before.revision, spec: undefined, before: before.spec });
    }
  }
  return { changes, unchanged };
}

/** What would be wrong if these changes were applied: names that lead nowhere, in the file or in what stands. */
function problemsAfter(
  current: Catalogue,
  changes: readonly Change[],
  yaml: ParsedYaml,
  file: string,
): Problem[] {
  const after = { ...current };
  for (const kind of resourceKinds) after[kind] = new Map<string, unknown>(current[kind]) as never;
  for (const change of changes) {
    const map = after[change.kind] as Map<string, unknown>;
    if (change.spec === undefined) map.delete(change.name);
    else
      map.set(change.name, { name: change.name, revision: 0, spec: change.spec, author: '', changedAt: 0 });
  }
  return crossCheck(after).map(({ kind, name, path, text }) => ({
    where: inFile(kind, name, changes) ? yaml.placeOf([kind, name, ...path]) : file,
    path: `${kind}.${name}.${path.join('.')}`,
    text,
  }));
}

const inFile = (kind: ResourceKind, name: string, changes: readonly Change[]): boolean =>
  changes.some((change) => change.kind === kind && change.name === name && change.spec !== undefined);
