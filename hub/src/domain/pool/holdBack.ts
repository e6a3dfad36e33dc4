import type { HostDoubt } from '../hosts.ts';
import { isFree, type Desktop } from '../desktop.ts';
import { inState, serverOf, type PoolStep, type PoolWorld } from './world.ts';

/** Ready desktops on hosts that are down or disabled are not handed out, until their host is well again (rule 11). */
export function holdBack(world: PoolWorld): PoolStep[] {
  return inState(world, 'ready').flatMap((desktop): PoolStep[] => {
    const why = world.closed ?? doubtOf(desktop, world)?.text;
    return why === desktop.heldBack ? [] : [{ do: 'hold-back', desktop, why }];
  });
}

/**
 * Off disabled hosts, a few at a time, and only while the floor holds without them: they are made anew elsewhere. From a host
 * that looks down nothing is removed: Nova would forget a guest that goes on.
 */
export function leaveHosts(world: PoolWorld): PoolStep[] {
  const { pool, size, waiting } = world;
  const all = inState(world, 'ready');
  if (!pool.spec) return [];
  const ready = all.filter(isFree).length;
  if (ready < size.floor + waiting) return [];
  return all
    .filter((d) => d.heldBack !== undefined)
    .filter((d) => world.closed !== undefined || doubtOf(d, world)?.kind === 'disabled')
    .slice(0, pool.spec.renewAtOnce)
    .map((desktop) => ({ do: 'retire', desktop }));
}

/** Why nobody is given what is on this desktop's host. */
export function doubtOf(desktop: Desktop, { seen, hosts }: PoolWorld): HostDoubt | undefined {
  const host = serverOf(desktop, seen)?.host ?? desktop.host;
  return host === undefined ? undefined : hosts.get(host);
}
