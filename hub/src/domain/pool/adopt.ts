import { MINUTE } from '@anyseat/base';
import { readMetadata } from '../naming.ts';
import { inState, isOlder, type PoolStep, type PoolWorld } from './world.ts';

/** How long an order without an answer is looked for before a new one is made (longer than any proxy's patience). */
export const UNSURE_FOR = 5 * MINUTE;

/** Orders whose answer is not known: their server appears under the name that they alone carry. */
export function adoptFound(world: PoolWorld): PoolStep[] {
  const { seen } = world;
  return inState(world, 'creating', 'unsure').flatMap((desktop): PoolStep[] => {
    const server = desktop.serverName === undefined ? undefined : seen.byName.get(desktop.serverName);
    // Names were used before a backup was restored: another desktop may be called so, and somebody may work on it.
    if (server && readMetadata(server.metadata)?.desktop === desktop.id)
      return [{ do: 'found', desktop, serverId: server.id }];
    // Nothing of this process is sending it (it would be busy): a restart came in between.
    return desktop.state === 'creating' ? [{ do: 'doubt', desktop }] : [];
  });
}

/** Orders that were looked for long enough, in a complete listing that began after the doubt. */
export function giveUpUnsure(world: PoolWorld): PoolStep[] {
  const { seen, inStateMs } = world;
  if (!seen.complete) return [];
  return inState(world, 'unsure')
    .filter((d) => isOlder(d.stateSince, world) && inStateMs(d) > UNSURE_FOR)
    .map((desktop) => ({ do: 'give-up', desktop }));
}
