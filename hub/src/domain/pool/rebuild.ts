import { MINUTE, SECOND } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { Desktop } from '../desktop.ts';
import { metadataKeys } from '../naming.ts';
import { doubtOf } from './holdBack.ts';
import { surge } from './renew.ts';
import { inState, isOlder, serverOf, usable, type PoolStep, type PoolWorld } from './world.ts';

/** So long a used desktop waits to be made anew while it is not known whether it can be. */
const FIND_OUT_WITHIN = MINUTE;
/** An order of which nothing is to be seen by then was never taken, or will find no server. */
const TAKEN_WITHIN = MINUTE;

/**
 * Used desktops that are made anew where they stand: as many as the pool wants, where it can be done at once or soon. All
 * others are replaced, which is right always.
 */
export function toRebuild(world: PoolWorld): readonly Desktop[] {
  const used = inState(world, 'returning').filter((d) => isForRebuild(d, world.pool.spec));
  if (used.length === 0) return [];
  const { size, waiting, desktops } = world;
  const missing = Math.max(size.floor, size.keep) + waiting + surge(world) - usable(desktops);
  return used.filter((d) => mayBeRebuilt(d, world) !== 'no').slice(0, Math.max(0, missing));
}

/** What its last session's allocator said of it counts before what its pool says of all. */
export const isForRebuild = (desktop: Desktop, spec: PoolSpec | undefined): boolean =>
  spec !== undefined && (desktop.afterUse ?? spec.afterUse) === 'rebuild';

/** Those of them whose time has come, room for the boot apart. */
export const rebuildable = (world: PoolWorld): readonly Desktop[] =>
  toRebuild(world).filter((d) => mayBeRebuilt(d, world) === 'yes');

/** A rebuild gives a new disk and nothing else, on the host where the server is. */
function mayBeRebuilt(desktop: Desktop, world: PoolWorld): 'yes' | 'no' | 'not-known-yet' {
  const { pool, image, seen, inStateMs, closed } = world;
  const late = inStateMs(desktop) > FIND_OUT_WITHIN;
  const soon = late ? 'no' : 'not-known-yet';
  if (closed !== undefined || image.rebuild === false) return 'no';
  // Made as an older specification said: another flavor, other networks.
  if (desktop.poolRevision < pool.madeSince) return 'no';
  if (doubtOf(desktop, world)) return 'no';
  const server = serverOf(desktop, seen);
  if (!server) return seen.complete && isOlder(desktop.writtenAt, world) ? 'no' : soon;
  if (server.state === 'busy' || server.state === 'unknown') return soon;
  // One that is off would be off afterwards.
  if (server.state !== 'running') return 'no';
  return image.rebuild === undefined || image.use === undefined ? soon : 'yes';
}

/**
 * What became of rebuilds. An order is never given twice: a late first one would begin anew under whoever sits there by then.
 * So what was not taken, fails or hangs is replaced, which a late order cannot hurt.
 */
export function followRebuilds(world: PoolWorld): PoolStep[] {
  return inState(world, 'rebuilding').flatMap((desktop): PoolStep[] => {
    const server = serverOf(desktop, world.seen);
    const isNews = server !== undefined && isOlder(desktop.writtenAt, world);
    const isTaken = isNews && server.metadata[metadataKeys.rebuild] === String(desktop.attempt);
    if (isTaken && server.state === 'running') return [{ do: 'confirm-rebuilt', desktop }];
    const why = whyReplaced(desktop, isNews ? server : undefined, isTaken, world);
    return why === undefined ? [] : [{ do: 'replace', desktop, why }];
  });
}

function whyReplaced(
  desktop: Desktop,
  server: ReturnType<typeof serverOf>,
  isTaken: boolean,
  { pool, inStateMs }: PoolWorld,
): string | undefined {
  const forMs = inStateMs(desktop);
  const most = pool.spec?.toActiveSeconds ?? 0;
  if (!pool.spec) return 'its pool was deleted';
  if (isTaken && (server?.state === 'failed' || server?.state === 'stopped'))
    return server.fault?.message ?? `the server is ${server.words}`;
  if (server?.state === 'leaving') return 'somebody else deleted the server';
  if (server && !isTaken && server.state !== 'unknown' && forMs > TAKEN_WITHIN)
    return 'the cloud never took the order';
  return forMs > most * SECOND ? `it was not there after ${most} s` : undefined;
}
