import { MINUTE } from '@anyseat/base';
import { inState, mayAskAgain, serverOf, type PoolStep, type PoolWorld } from './world.ts';

/** A delete that takes longer hangs: asking again changes nothing (Nova ignores it), only a reset does. */
export const HANGS_AFTER = 10 * MINUTE;

/** Asked for until the cloud says that there is no such server; a delete that was lost is asked again. */
export function removeRetired(world: PoolWorld): PoolStep[] {
  const { seen, askedAt, inStateMs } = world;
  return inState(world, 'retiring')
    .filter((d) => d.serverId === undefined || seen.byId.has(d.serverId) || !askedAt.has(d.id))
    .filter((d) => mayAskAgain(d, world))
    .map((desktop) => {
      const hangs = serverOf(desktop, seen)?.state === 'leaving' && inStateMs(desktop) > HANGS_AFTER;
      return { do: hangs ? 'unstick' : 'remove', desktop };
    });
}
