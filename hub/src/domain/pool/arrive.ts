import { inState, isStarting, serverOf, type PoolStep, type PoolWorld } from './world.ts';

/** Servers that run now. */
export function markArrived(world: PoolWorld): PoolStep[] {
  return inState(world, 'building').flatMap((desktop): PoolStep[] => {
    const server = serverOf(desktop, world.seen);
    if (server?.state !== 'running') return [];
    return [{ do: 'running', desktop, host: server.host }];
  });
}

/** Running is not ready: that is proved. */
export function proveBooted(world: PoolWorld): PoolStep[] {
  return inState(world, 'booting')
    .filter((d) => serverOf(d, world.seen)?.state === 'running')
    .map((desktop) => ({ do: 'prove', desktop }));
}

/** Bound ones that were switched on, for the end of their place in the budget. */
export function watchStarted(world: PoolWorld): PoolStep[] {
  return inState(world, 'bound')
    .filter((d) => isStarting(d, world) && serverOf(d, world.seen)?.state === 'running')
    .map((desktop) => ({ do: 'watch', desktop }));
}
