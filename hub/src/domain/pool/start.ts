import { isOnItsWay } from '../desktop.ts';
import { mayAskAgain, serverOf, startedLately, type PoolStep, type PoolWorld } from './world.ts';

/** A bound desktop that somebody switched off is switched on again: its person will come back. */
export function startBound(world: PoolWorld): PoolStep[] {
  const { desktops, seen } = world;
  return desktops
    .filter((d) => d.state === 'bound' && serverOf(d, seen)?.state === 'stopped')
    .filter((d) => mayAskAgain(d, world))
    .slice(0, roomToBoot(world))
    .map((desktop) => ({ do: 'start', desktop }));
}

/** How many more of this pool may boot, by its own budget and by the hub's. */
export function roomToBoot(world: PoolWorld): number {
  const { desktops, pool, room } = world;
  const own = (pool.spec?.boots ?? Infinity) - desktops.filter(isOnItsWay).length - startedLately(world);
  return Math.max(0, Math.min(room, own));
}
