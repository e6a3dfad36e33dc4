import type { HostDoubt } from '../hosts.ts';
import { isFree, takesRoom, type Desktop } from '../desktop.ts';
import { inState, serverOf, usable, type PoolStep, type PoolWorld } from './world.ts';

/** Ready desktops on hosts that are down or disabled are not handed out, until their host is well again (rule 11). */
export function holdBack(world: PoolWorld): PoolStep[] {
  return inState(world, 'ready').flatMap((desktop): PoolStep[] => {
    const why = world.closed ?? doubtOf(desktop, world)?.text;
    return why === desktop.heldBack ? [] : [{ do: 'hold-back', desktop, why }];
  });
}

/**
 * Off disabled hosts, a few at a time, and only while the floor holds without them, or where they stand in the way of those that
 * are to be made elsewhere. From a host that looks down nothing is removed: Nova would forget a guest that goes on.
 */
export function leaveHosts(world: PoolWorld): PoolStep[] {
  const { desktops, pool, size, waiting } = world;
  const all = inState(world, 'ready');
  if (!pool.spec) return [];
  const wanted = size.floor + waiting;
  const holds = all.filter(isFree).length >= wanted;
  const room = pool.spec.ceiling - desktops.filter(takesRoom).length;
  const goingAlready = inState(world, 'retiring').length;
  const inTheWay = Math.max(0, wanted - usable(desktops) - room - goingAlready);
  return all
    .filter((d) => d.heldBack !== undefined)
    .filter((d) => world.closed !== undefined || doubtOf(d, world)?.kind === 'disabled')
    .slice(0, holds ? pool.spec.renewAtOnce : inTheWay)
    .map((desktop) => ({ do: 'retire', desktop }));
}

/** Why nobody is given what is on this desktop's host. */
export function doubtOf(desktop: Desktop, { seen, hosts }: PoolWorld): HostDoubt | undefined {
  const host = serverOf(desktop, seen)?.host ?? desktop.host;
  return host === undefined ? undefined : hosts.get(host);
}
