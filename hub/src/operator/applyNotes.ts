import type { AllocatorSpec, PoolSpec } from '@anyseat/protocol';
import { poolsNamed } from '../domain/allocator.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { deadClauses } from '../domain/deadClauses.ts';
import { namedGroups } from '../domain/namedGroups.ts';
import { unmetWishes } from '../domain/unmetWishes.ts';

/** What others know of what is written; what they do not know is no fault of it. */
export interface OutsideKnowledge {
  /** Whether a cloud can give desktops sound and USB redirection. */
  givesDevices?: (cloud: string) => boolean | undefined;
  /** Which of these groups no directory has. */
  unknownGroups?: (groups: readonly string[]) => Promise<readonly string[]>;
  /** Why a pool's cloud cannot rebuild its desktops, or not without leaving data. */
  whyNotRebuilt?: (spec: PoolSpec) => Promise<string | undefined>;
}

export interface WrittenAllocator {
  name: string;
  spec: AllocatorSpec;
}

/** About one allocator. */
export interface Note {
  name: string;
  path: string[];
  text: string;
}

/** Which of the groups that these name no directory has. */
export async function unknownGroups(
  written: readonly WrittenAllocator[],
  knows: OutsideKnowledge,
): Promise<ReadonlySet<string>> {
  const groups = written.flatMap(({ spec }) => namedGroups(spec.match));
  if (groups.length === 0) return new Set();
  return new Set(await knows.unknownGroups?.([...new Set(groups.map(({ group }) => group))]));
}

/** What is most likely a slip, or cannot be had, in allocators that are applied all the same. */
export function notesOn(
  after: Catalogue,
  written: readonly WrittenAllocator[],
  unknown: ReadonlySet<string>,
  { givesDevices = () => undefined }: OutsideKnowledge,
): Note[] {
  const names = new Set(written.map(({ name }) => name));
  const nobodys = written.flatMap(({ name, spec }) =>
    namedGroups(spec.match)
      .filter(({ group }) => unknown.has(group))
      .map(({ group, path }) => ({ name, path, text: nobodysText(group) })),
  );
  const unmet = unmetWishes(after, givesDevices).filter(({ name }) => names.has(name));
  return [...deadClauses(after, names), ...nobodys, ...unmet, ...shortLocks(after, written)];
}

/** Whoever is away from a locked seat for longer than this expects to find their work all the same. */
const SHORT_LOCK_SECONDS = 900;

/** A desktop that is locked waits for its grace, which is meant for a viewer that broke. */
const shortLocks = ({ pools }: Catalogue, written: readonly WrittenAllocator[]): Note[] =>
  written.flatMap(({ name, spec }) => {
    if (spec.idle?.action !== 'lock') return [];
    const graces = poolsNamed(spec).map(
      ({ pool }) => spec.graceSeconds ?? pools.get(pool)?.spec.graceSeconds ?? Infinity,
    );
    const least = Math.min(...graces);
    if (least >= SHORT_LOCK_SECONDS) return [];
    const text = `a locked desktop waits for its person as long as its grace, ${least} seconds here, and is given up then with what is on it: write graceSeconds for this allocator, such as 7200`;
    return [{ name, path: ['idle', 'action'], text }];
  });

const nobodysText = (group: string): string =>
  `no directory has a group “${group}”, so nobody matches it. Write its name as the directory has it, or whole (cn=agents,ou=groups,dc=call); anyseat explain PERSON --seat SEAT shows the groups that somebody is in`;
