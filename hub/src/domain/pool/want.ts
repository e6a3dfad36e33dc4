import { takesRoom } from '../desktop.ts';
import { usable, type PoolStep, type PoolWorld } from './world.ts';

/** New wishes, up to the floor and the people who wait, below the ceiling. */
export function wantMore({ desktops, pool, waiting }: PoolWorld): PoolStep[] {
  if (!pool.spec) return [];
  const missing = pool.spec.floor + waiting - usable(desktops);
  const free = pool.spec.ceiling - desktops.filter(takesRoom).length;
  const count = Math.min(missing, free);
  return count > 0 ? [{ do: 'want', count }] : [];
}
