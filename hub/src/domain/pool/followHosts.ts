import { inState, isOlder, serverOf, type PoolStep, type PoolWorld } from './world.ts';

/**
 * Rows of desktops that are somewhere else than they were: migrated or evacuated by the cloud, adopted, or first seen while nobody told
 * the host. What is done to a host goes by its rows, so they follow. A listing that names no host says nothing.
 */
export function followHosts(world: PoolWorld): PoolStep[] {
  const { seen } = world;
  if (!seen.complete) return [];
  return inState(world, ...HAS_A_HOST).flatMap((desktop): PoolStep[] => {
    const server = serverOf(desktop, seen);
    const host = server?.host;
    if (host === undefined || host === desktop.host || server?.state === 'unknown') return [];
    return isOlder(desktop.writtenAt, world) ? [{ do: 'follow', desktop, host }] : [];
  });
}

/** One that is built has its host as soon as it runs. */
const HAS_A_HOST = [
  'booting',
  'ready',
  'leased',
  'bound',
  'parked',
  'returning',
  'rebuilding',
  'retiring',
  'broken',
  'quarantined',
] as const;
