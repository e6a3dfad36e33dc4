import { isStarting, serverOf, type PoolStep, type PoolWorld } from './world.ts';

/** Servers that run now. */
export function markArrived({ desktops, seen }: PoolWorld): PoolStep[] {
  return desktops.flatMap((desktop): PoolStep[] => {
    const server = serverOf(desktop, seen);
    if (desktop.state !== 'building' || server?.state !== 'running') return [];
    return [{ do: 'running', desktop, host: server.host }];
  });
}

/** Running is not ready: that is proved. */
export function proveBooted({ desktops, seen }: PoolWorld): PoolStep[] {
  return desktops
    .filter((d) => d.state === 'booting' && serverOf(d, seen)?.state === 'running')
    .map((desktop) => ({ do: 'prove', desktop }));
}

/** Bound ones that were switched on, for the end of their place in the budget. */
export function watchStarted(world: PoolWorld): PoolStep[] {
  return world.desktops
    .filter((d) => isStarting(d, world) && serverOf(d, world.seen)?.state === 'running')
    .map((desktop) => ({ do: 'watch', desktop }));
}
