import { SECOND } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import type { ResourceChange } from '../domain/catalogue.ts';
import type { OutsideKnowledge } from './applyNotes.ts';

const WITHIN_MS = 5 * SECOND;

/**
 * Asks the cloud of a pool whether it can rebuild its desktops. One that does not say now keeps nobody from writing a pool: the
 * pool finds out itself, replaces until then, and says so.
 */
export const askClouds =
  (clouds: ReadonlyMap<string, Cloud>) =>
  async (spec: PoolSpec): Promise<string | undefined> => {
    try {
      return await clouds.get(spec.cloud)?.whyNotRebuilt(spec, AbortSignal.timeout(WITHIN_MS));
    } catch {
      return undefined;
    }
  };

/** Pools whose used desktops are to be rebuilt, in a cloud that does not do that, or not cleanly. */
export async function rebuildProblems(
  changes: readonly ResourceChange[],
  { whyNotRebuilt }: OutsideKnowledge,
): Promise<{ name: string; text: string }[]> {
  if (!whyNotRebuilt) return [];
  const found = await Promise.all(
    changes.map(async (change) => {
      if (change.kind !== 'pools' || change.spec?.afterUse !== 'rebuild') return [];
      const why = await whyNotRebuilt(change.spec);
      return why === undefined ? [] : [{ name: change.name, text: `${why}: write replace` }];
    }),
  );
  return found.flat();
}
