import { takesRoom } from '../desktop.ts';
import { toRebuild } from './rebuild.ts';
import { surge } from './renew.ts';
import { usable, type PoolStep, type PoolWorld } from './world.ts';

/** New wishes, up to the floor and the people who wait, below the ceiling. */
export function wantMore(world: PoolWorld): PoolStep[] {
  const { desktops, pool, waiting, size } = world;
  if (!pool.spec) return [];
  const missing = size.floor + waiting + surge(world) - usable(desktops) - toRebuild(world).length;
  const free = pool.spec.ceiling - desktops.filter(takesRoom).length;
  const count = Math.min(missing, free);
  return count > 0 ? [{ do: 'want', count }] : [];
}
