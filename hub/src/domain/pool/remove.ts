import { mayAskAgain, type PoolStep, type PoolWorld } from './world.ts';

/** Asked for until the cloud says that there is no such server; a delete that was lost is asked again. */
export function removeRetired(world: PoolWorld): PoolStep[] {
  const { desktops, seen, askedAt } = world;
  return desktops
    .filter((d) => d.state === 'retiring')
    .filter((d) => d.serverId === undefined || seen.byId.has(d.serverId) || !askedAt.has(d.id))
    .filter((d) => mayAskAgain(d, world))
    .map((desktop) => ({ do: 'remove', desktop }));
}
