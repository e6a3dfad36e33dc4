import { HOUR } from '@anyseat/base';
import { inState, mayAskAgain, serverOf, type PoolStep, type PoolWorld } from './world.ts';

/**
 * Bound desktops that their people have not used for long are switched off, and stay theirs: a login switches them on again,
 * within the budget. Only what was up and is nobody's session; and counted while this hub looks, so that no clock that is set
 * switches anything off.
 */
export function parkUnused(world: PoolWorld): PoolStep[] {
  const { pool, inStateMs } = world;
  const hours = pool.spec?.parkAfterHours;
  if (hours === undefined) return [];
  return (
    inState(world, 'bound')
      .filter((d) => d.session === undefined && d.readyAt !== undefined)
      // The backup may be older than the session in which somebody works on it.
      .filter((d) => d.unconfirmedSince === undefined)
      .filter((d) => inStateMs(d) > hours * HOUR && serverOf(d, world.seen)?.state === 'running')
      .map((desktop) => ({ do: 'park', desktop }))
  );
}

/**
 * Parked, and running still: an order that was lost, or somebody at the cloud who switched it on. Not where only a backup
 * says that it is parked: its person may have come back since, and be at work on it.
 */
export function stopParked(world: PoolWorld): PoolStep[] {
  return inState(world, 'parked')
    .filter((d) => serverOf(d, world.seen)?.state === 'running' && d.unconfirmedSince === undefined)
    .filter((d) => mayAskAgain(d, world))
    .map((desktop) => ({ do: 'stop', desktop }));
}
