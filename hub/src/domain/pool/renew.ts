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
  world.pool.spec ? Math.min(world.pool.spec.renewAtOnce, staleReady(world).length) : 0;

/** The worst first: another image or specification, then by age. */
export function staleReady(world: World): Desktop[] {
  return inState(world, 'ready')
    .filter((d) => isFree(d) && whyStale(d, world) !== undefined)
    .sort((a, b) => Number(isOutdated(b, world)) - Number(isOutdated(a, world)) || a.readyAt! - b.readyAt!);
}

/** In words, or undefined: it is as it would be made today. */
export function whyStale(
  d: Desktop,
  { pool, image, now }: Pick<PoolWorld, 'pool' | 'image' | 'now'>,
): string | undefined {
  if (d.image !== undefined && image.use !== undefined && d.image !== image.use) return 'another image';
  if (d.poolRevision < pool.madeSince) return 'an older specification';
  const hours = pool.spec?.readyHoursMost;
  const old = hours !== undefined && d.readyAt !== undefined && now - d.readyAt > hours * HOUR;
  return old ? `ready for more than ${hours} h` : undefined;
}

const isOutdated = (d: Desktop, { pool, image }: World): boolean =>
  (d.image !== undefined && image.use !== undefined && d.image !== image.use) ||
  d.poolRevision < pool.madeSince;

/** What of a specification goes into a server: a change of anything else makes no desktop stale. */
export function recipeOf(spec: PoolSpec): string {
  const {
    cloud,
    flavor,
    networks,
    securityGroups,
    availabilityZone,
    configDrive,
    userData,
    hostName,
    display,
  } = spec;
  return JSON.stringify([
    cloud,
    flavor,
    networks,
    securityGroups,
    availabilityZone,
    configDrive,
    userData,
    hostName,
    display,
  ]);
}

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
