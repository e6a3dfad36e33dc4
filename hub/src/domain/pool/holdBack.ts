import type { HostDoubt } from '../hosts.ts';
import { isFree, type Desktop } from '../desktop.ts';
import { serverOf, type PoolStep, type PoolWorld } from './world.ts';

/** Ready desktops on hosts that are down or disabled are not handed out, until their host is well again (rule 11). */
export function holdBack(world: PoolWorld): PoolStep[] {
  return world.desktops.flatMap((desktop): PoolStep[] => {
    if (desktop.state !== 'ready') return [];
    const why = world.closed ?? doubtOf(desktop, world)?.text;
    return why === desktop.heldBack ? [] : [{ do: 'hold-back', desktop, why }];
  });
}

/**
 * Off disabled hosts, a few at a time, and only while the floor holds without them: they are made anew elsewhere. From a host
 * that looks down nothing is removed: Nova would forget a guest that goes on.
 */
export function leaveHosts(world: PoolWorld): PoolStep[] {
  const { desktops, pool, size, waiting } = world;
  if (!pool.spec) return [];
  const ready = desktops.filter((d) => isFree(d)).length;
  if (ready < size.floor + waiting) return [];
  return desktops
    .filter((d) => d.state === 'ready' && d.heldBack !== undefined)
    .filter((d) => world.closed !== undefined || doubtOf(d, world)?.kind === 'disabled')
    .slice(0, pool.spec.renewAtOnce)
    .map((desktop) => ({ do: 'retire', desktop }));
}

function doubtOf(desktop: Desktop, { seen, hosts }: PoolWorld): HostDoubt | undefined {
  const host = serverOf(desktop, seen)?.host ?? desktop.host;
  return host === undefined ? undefined : hosts.get(host);
}
