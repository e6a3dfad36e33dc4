import { MINUTE } from '@anyseat/base';
import { isFree } from '../desktop.ts';
import { surge } from './renew.ts';
import { inState, usable, type PoolStep, type PoolWorld } from './world.ts';

/** A desktop above the floor is kept this long: people come back. */
const SURPLUS_FOR = 2 * MINUTE;

/** Ready desktops beyond what is wanted, a few at a time, the oldest first; wishes at once. */
export function retireSurplus(world: PoolWorld): PoolStep[] {
  const { desktops, pool, waiting, size, inStateMs } = world;
  if (!pool.spec) return [];
  const surplus = usable(desktops) - size.floor - surge(world) - waiting;
  if (surplus <= 0) return [];
  const wanted = inState(world, 'wanted').slice(-surplus);
  const most = Math.min(size.shrink, surplus - wanted.length - Math.max(0, size.keep - size.floor));
  const ready = inState(world, 'ready')
    .filter((d) => isFree(d) && inStateMs(d) >= SURPLUS_FOR)
    .sort((a, b) => a.poolRevision - b.poolRevision || a.stateSince - b.stateSince)
    .slice(0, Math.max(0, most));
  return [
    ...wanted.map((desktop): PoolStep => ({ do: 'forget', desktop })),
    ...ready.map((desktop): PoolStep => ({ do: 'retire', desktop })),
  ];
}
