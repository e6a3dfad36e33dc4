import {
  checkConfig,
  ConfigFault,
  Fault,
  parseYamlAside,
  problemsOf,
  type ParsedYaml,
  type Problem,
} from '@anyseat/base';
import {
  resourceFile,
  resourceKinds,
  specOf,
  type ApplyAnswer,
  type ResourceDiff,
  type ResourceFile,
  type ResourceKind,
} from '@anyseat/protocol';
import type { Actor } from '../domain/audit.ts';
import { emptyCatalogue, type Catalogue, type Resource, type ResourceChange } from '../domain/catalogue.ts';
import { crossCheck } from '../domain/crossCheck.ts';
import type { Store } from '../store/store.ts';
import { notesOn, unknownGroups, type OutsideKnowledge, type WrittenAllocator } from './applyNotes.ts';
import { diffLines } from './diffLines.ts';
import { rebuildProblems } from './rebuildProblems.ts';

/**
 * The resources as they stand, in memory, and the one way of changing them: check the file, check everything together,
 * show the difference, apply all or nothing.
 */
export class CatalogueKeeper {
  readonly #store: Store;
  readonly #onChanged: (changes: readonly ResourceChange[]) => void;
  readonly #knows: OutsideKnowledge;
  #current: Catalogue = emptyCatalogue;

  constructor(
    store: Store,
    onChanged: (changes: readonly ResourceChange[]) => void,
    knows: OutsideKnowledge = {},
  ) {
    this.#knows = knows;
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
    request: WrittenResources & { dryRun: boolean; seen?: readonly Seen[] },
    by: Actor,
  ): Promise<ApplyAnswer> {
    const planned = await this.#plan(request);
    for (const seen of request.seen ?? []) this.#asSeen(seen);
    const { notes = [] } = planned;
    const answer = await this.#carryOut(planned, request.dryRun, by);
    return notes.length === 0 ? answer : { ...answer, notes };
  }

  /** The resources as this file would make them. @throws as `apply` */
  async asWritten(request: WrittenResources): Promise<Catalogue> {
    const { changes } = await this.#plan(request);
    return afterChanges(this.#current, changes);
  }

  /**
   * Brings one resource, or all of them together, back to how they stood: a change like any other, with a revision of
   * its own, so that it can be taken back as well.
   * @throws Fault `revision-unknown` (refused): there was no such revision or change
   * @throws ConfigFault what stood then does not go together with what stands now
   */
  async revert(to: RevertTarget, dryRun: boolean, by: Actor): Promise<ApplyAnswer> {
    await this.reload();
    const planned =
      'change' in to ? await this.#backTo(to.change) : await this.#oneBackTo(to.kind, to.name, to.revision);
    const problems = problemsAfter(this.#current, planned.changes, undefined, 'as it stood');
    if (problems.length > 0) throw new ConfigFault('as it stood', problems);
    const refused = await rebuildProblems(planned.changes, this.#knows);
    if (refused.length > 0)
      throw new ConfigFault(
        'as it stood',
        refused.map((one) => afterUseProblem(one, { placeOf: () => 'as it stood' })),
      );
    if ('kind' in to && to.seen !== undefined) this.#asSeen({ ...to, revision: to.seen });
    return this.#carryOut(planned, dryRun, by);
  }

  async #plan({ text, file, prune }: WrittenResources): Promise<Planned> {
    await using yaml = await parseYamlAside(text, file);
    const wanted = await yaml.withPlaces((parsed) => checkConfig(resourceFile, parsed, file));
    await this.reload();
    const planned = changesTo(this.#current, wanted, prune);
    const problems = await yaml.withPlaces((parsed) =>
      problemsAfter(this.#current, planned.changes, parsed, file),
    );
    if (problems.length > 0) throw new ConfigFault(file, problems);
    const refused = await rebuildProblems(planned.changes, this.#knows);
    if (refused.length > 0)
      throw new ConfigFault(
        file,
        await yaml.withPlaces((parsed) => refused.map((one) => afterUseProblem(one, parsed))),
      );
    const unknown = await unknownGroups(writtenAllocators(planned.changes), this.#knows);
    const notes = await yaml.withPlaces((parsed) => this.#notesOn(planned.changes, unknown, parsed));
    return { ...planned, notes };
  }

  /** @throws Fault `resource-changed` (refused): somebody else was quicker */
  #asSeen({ kind, name, revision }: Seen): void {
    const stands = this.#current[kind].get(name);
    if ((stands?.revision ?? 0) === revision) return;
    const now = stands ? `${stands.author} has changed it meanwhile` : 'it was deleted meanwhile';
    throw new Fault('resource-changed', 'refused', `${kind}/${name}: ${now}; nothing was changed`);
  }

  #notesOn(changes: readonly Change[], unknown: ReadonlySet<string>, yaml: ParsedYaml): Problem[] {
    const after = afterChanges(this.#current, changes);
    return notesOn(after, writtenAllocators(changes), unknown, this.#knows).map(({ name, path, text }) => ({
      where: yaml.placeOf(['allocators', name, ...path]),
      path: `allocators.${name}.${path.join('.')}`,
      text,
    }));
  }

  async #carryOut({ changes, unchanged }: Planned, dryRun: boolean, by: Actor): Promise<ApplyAnswer> {
    if (!dryRun && changes.length > 0) {
      await this.#store.applyResources(changes, by);
      await this.reload();
      this.#onChanged(changes);
    }
    return {
      changes: changes.map((change) => this.#diffOf(change)),
      unchanged,
      applied: !dryRun && changes.length > 0,
    };
  }

  async #backTo(change: number): Promise<Planned> {
    if (change > this.#current.change)
      throw new Fault('revision-unknown', 'refused', `there was no change ${change} yet: anyseat history`);
    const then = await this.#store.catalogueAt(change);
    const wanted = Object.fromEntries(
      resourceKinds.map((kind) => [
        kind,
        Object.fromEntries(
          [...then[kind].values()].map(({ name, spec }) => [name, asSpec(kind, name, spec)]),
        ),
      ]),
    ) as unknown as ResourceFile;
    return changesTo(this.#current, wanted, true);
  }

  async #oneBackTo(kind: ResourceKind, name: string, revision: number): Promise<Planned> {
    const history = await this.#store.history(kind, name);
    const then = history.find((one) => one.revision === revision);
    if (!then) {
      const has = history.length === 0 ? '' : `; it has had 1 to ${history[0]!.revision}`;
      const text = `${kind}/${name} never had a revision ${revision}${has}`;
      throw new Fault('revision-unknown', 'refused', text, { fields: { kind, name, revision } });
    }
    const before = this.#current[kind].get(name);
    const spec = then.spec === undefined ? undefined : asSpec(kind, name, then.spec);
    if (diffLines(before?.spec, spec).length === 0) return { changes: [], unchanged: 1 };
    const change = { kind, name, was: before?.revision ?? 0, spec, before: before?.spec } as Change;
    return { changes: [change], unchanged: 0 };
  }

  #diffOf(change: ResourceChange & { before?: unknown }): ResourceDiff {
    const action = change.was === 0 ? 'create' : change.spec === undefined ? 'delete' : 'change';
    const { kind, name, was } = change;
    return { kind, name, action, lines: diffLines(change.before, change.spec), was };
  }
}

const afterUseProblem = (
  { name, text }: { name: string; text: string },
  yaml: Pick<ParsedYaml, 'placeOf'>,
): Problem => ({
  where: yaml.placeOf(['pools', name, 'afterUse']),
  path: `pools.${name}.afterUse`,
  text,
});

/** A resource at the revision at which somebody saw it; 0: there was none. */
interface Seen {
  kind: ResourceKind;
  name: string;
  revision: number;
}

/** A file of resources, as somebody wrote it. */
export interface WrittenResources {
  text: string;
  file: string;
  prune: boolean;
}

export type RevertTarget =
  { change: number } | { kind: ResourceKind; name: string; revision: number; seen?: number | undefined };

type Change = ResourceChange & { before: unknown };

interface Planned {
  changes: Change[];
  unchanged: number;
  /** What is legal and most likely not meant, of what was written. */
  notes?: Problem[];
}

/** What was written by an older version is read as it would be now. @throws ConfigFault */
function asSpec(kind: ResourceKind, name: string, spec: unknown): unknown {
  const read = specOf[kind].safeParse(spec);
  if (read.success) return read.data;
  const where = `${kind}/${name}`;
  throw new ConfigFault(where, problemsOf(read.error, { placeOf: () => where }, specOf[kind]));
}

function changesTo(current: Catalogue, wanted: ResourceFile, prune: boolean): Planned {
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

function afterChanges(current: Catalogue, changes: readonly Change[]): Catalogue {
  const after = { ...current };
  for (const kind of resourceKinds) after[kind] = new Map<string, unknown>(current[kind]) as never;
  for (const change of changes) {
    const map = after[change.kind] as Map<string, unknown>;
    if (change.spec === undefined) map.delete(change.name);
    else
      map.set(change.name, { name: change.name, revision: 0, spec: change.spec, author: '', changedAt: 0 });
  }
  return after;
}

/** What would be wrong if these changes were applied: names that lead nowhere, in the file or in what stands. */
function problemsAfter(
  current: Catalogue,
  changes: readonly Change[],
  yaml: ParsedYaml | undefined,
  file: string,
): Problem[] {
  return crossCheck(afterChanges(current, changes)).map(({ kind, name, path, text }) => ({
    where: yaml && inFile(kind, name, changes) ? yaml.placeOf([kind, name, ...path]) : file,
    path: `${kind}.${name}.${path.join('.')}`,
    text,
  }));
}

const inFile = (kind: ResourceKind, name: string, changes: readonly Change[]): boolean =>
  changes.some((change) => change.kind === kind && change.name === name && change.spec !== undefined);

const writtenAllocators = (changes: readonly Change[]): WrittenAllocator[] =>
  changes.flatMap((change) =>
    change.kind === 'allocators' && change.spec !== undefined
      ? [{ name: change.name, spec: change.spec }]
      : [],
  );
