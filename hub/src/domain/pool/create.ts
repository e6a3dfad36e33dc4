import { takesRoom, type DesktopId } from '../desktop.ts';
import { roomToBoot, startBound } from './start.ts';
import { usable, type PoolStep, type PoolWorld } from './world.ts';

const CREATES_A_ROUND = 10;

/** Within both budgets, from the first intent to the proof of readiness; the oldest wish first. */
export function createWanted(world: PoolWorld, taken: ReadonlySet<DesktopId>): PoolStep[] {
  const { desktops, pool, mayCreate } = world;
  const wanted = desktops.filter((d) => d.state === 'wanted');
  if (!pool.spec) return wanted.map((desktop) => ({ do: 'forget', desktop }));
  if (!mayCreate) return [];
  // What is switched on in this same round boots as well.
  const starting = startBound(world).filter((step) => 'desktop' in step && taken.has(step.desktop.id)).length;
  const free = Math.min(roomToBoot(world) - starting, CREATES_A_ROUND);
  return wanted.slice(0, Math.max(0, free)).map((desktop) => ({ do: 'create', desktop }));
}

/** New wishes, up to the floor and the people who wait, below the ceiling. */
export function wantMore({ desktops, pool, waiting }: PoolWorld): PoolStep[] {
  if (!pool.spec) return [];
  const missing = pool.spec.floor + waiting - usable(desktops);
  const free = pool.spec.ceiling - desktops.filter(takesRoom).length;
  const count = Math.min(missing, free);
  return count > 0 ? [{ do: 'want', count }] : [];
}
