import { MINUTE } from '@anyseat/base';
import { usable, type PoolStep, type PoolWorld } from './world.ts';

/** A desktop above the floor is kept this long: people come back. */
const SURPLUS_FOR = 2 * MINUTE;
const SURPLUS_A_ROUND = 5;

/** Ready desktops beyond the floor, a few at a time; wishes at once. */
export function retireSurplus({ desktops, pool, waiting, inStateMs }: PoolWorld): PoolStep[] {
  if (!pool.spec) return [];
  const surplus = usable(desktops) - pool.spec.floor - waiting;
  if (surplus <= 0) return [];
  const wanted = desktops.filter((d) => d.state === 'wanted').slice(-surplus);
  const ready = desktops
    .filter((d) => d.state === 'ready' && inStateMs(d) >= SURPLUS_FOR)
    .sort((a, b) => a.poolRevision - b.poolRevision || a.stateSince - b.stateSince)
    .slice(0, Math.min(SURPLUS_A_ROUND, surplus - wanted.length));
  return [
    ...wanted.map((desktop): PoolStep => ({ do: 'forget', desktop })),
    ...ready.map((desktop): PoolStep => ({ do: 'retire', desktop })),
  ];
}
