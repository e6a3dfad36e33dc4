import { isHeld } from '../desktop.ts';
import { isOlder, type PoolStep, type PoolWorld } from './world.ts';

/** Absence from a listing proves nothing (a cell that is down is left out silently); it is only a reason to ask. */
export function missFromListing(world: PoolWorld): PoolStep[] {
  const { desktops, seen } = world;
  if (!seen.complete) return [];
  return desktops
    .filter((d) => d.serverId !== undefined && !isHeld(d) && d.state !== 'gone')
    .filter((d) => !seen.byId.has(d.serverId!) && isOlder(d.writtenAt, world))
    .map((desktop) => ({ do: 'confirm-gone', desktop }));
}
