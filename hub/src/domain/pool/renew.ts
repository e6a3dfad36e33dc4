import { HOUR } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import { isFree, type Desktop } from '../desktop.ts';
import { inState, type PoolStep, type PoolWorld } from './world.ts';

type World = Pick<PoolWorld, 'desktops' | 'pool' | 'image' | 'now'>;

/**
 * Ready desktops that are not as they would be made today: of another image or specification, or ready for too long. Only
 * those that nobody sits at, a few at a time, and each only when there is one more ready than the floor wants.
 */
export function renewStale(world: PoolWorld): PoolStep[] {
  const { waiting, size, pool } = world;
  if (!pool.spec) return [];
  const ready = inState(world, 'ready').filter(isFree).length;
  const spare = ready - size.floor - waiting;
  if (spare <= 0) return [];
  return staleReady(world)
    .slice(0, Math.min(spare, pool.spec.renewAtOnce))
    .map((desktop) => ({ do: 'retire', desktop }));
}

/** How many more than the floor are made meanwhile, so that it holds. */
export const surge = (world: World): number =>
  world.pool.spec ? Math.min(world.pool.spec.renewAtOnce, staleCount(world)) : 0;

/** How many wait to be renewed. */
export const staleCount = (world: World): number =>
  inState(world, 'ready').reduce((count, d) => count + Number(isStale(d, world)), 0);

/** The worst first: another image or specification, then by age. */
const staleReady = (world: World): Desktop[] =>
  inState(world, 'ready')
    .filter((d) => isStale(d, world))
    .sort((a, b) => Number(isOutdated(b, world)) - Number(isOutdated(a, world)) || a.readyAt! - b.readyAt!);

/** Not as it would be made today. */
const isOutdated = (d: Desktop, { pool, image }: World): boolean =>
  (d.image !== undefined && image.use !== undefined && d.image !== image.use) ||
  d.poolRevision < pool.madeSince;

function isStale(d: Desktop, world: World): boolean {
  if (!isFree(d)) return false;
  const hours = world.pool.spec?.readyHoursMost;
  const isOld = hours !== undefined && d.readyAt !== undefined && world.now - d.readyAt > hours * HOUR;
  return isOld || isOutdated(d, world);
}

/** What of a specification goes into a server: a change of anything else makes no desktop stale. */
const RECIPE = [
  'cloud',
  'flavor',
  'networks',
  'securityGroups',
  'availabilityZone',
  'configDrive',
  'userData',
  'hostName',
  'display',
] as const satisfies readonly (keyof PoolSpec)[];

const recipeOf = (spec: PoolSpec): string => JSON.stringify(RECIPE.map((part) => spec[part]));

/**
 * The revision since which desktops are made as they are today.
 *
 * @param history newest first, the present one among them
 */
export function madeSince(history: readonly { revision: number; spec: PoolSpec | undefined }[]): number {
  const today = history[0]?.spec && recipeOf(history[0].spec);
  let since = history[0]?.revision ?? 0;
  for (const { revision, spec } of history) {
    if (!spec || recipeOf(spec) !== today) break;
    since = revision;
  }
  return since;
}
