import { isHeld, type Desktop } from '../desktop.ts';
import { inState, isOlder, type PoolStep, type PoolWorld } from './world.ts';

/** More of a pool than this gone at once is another project, another region or a fault of the listing, and no loss. */
const VANISHED_SHARE = 0.1;
const VANISHED_ALWAYS_ALLOWED = 2;

/**
 * Absence from a listing proves nothing (a cell that is down is left out silently); it is only a reason to ask, and not
 * before a second listing left it out as well. Servers that we asked to be removed are asked for at once.
 */
export function missFromListing(world: PoolWorld): PoolStep[] {
  const { seen, missingSince } = world;
  const { lost, frozen } = vanished(world);
  const leaving = inState(world, 'retiring').filter((d) => isMissing(d, world));
  const gone = frozen ? [] : lost.filter((d) => (missingSince.get(d.id) ?? Infinity) < seen.startedAt);
  return [...leaving, ...gone].map((desktop) => ({ do: 'confirm-gone', desktop }));
}

/** Desktops whose server a complete listing leaves out though nobody asked for that, and whether they are too many. */
export function vanished(world: Missing & Pick<PoolWorld, 'mayLose'>): {
  lost: Desktop[];
  of: number;
  frozen: boolean;
} {
  const free = inState(
    world,
    'building',
    'booting',
    'ready',
    'returning',
    'rebuilding',
    'broken',
    'quarantined',
  );
  // By a backup somebody has it, and no seat says so: whoever had it has left, and it was removed after them.
  const left = inState(world, 'leased').filter((d) => d.unconfirmedSince !== undefined);
  const lost = [...free, ...left].filter((d) => isMissing(d, world));
  const of = world.desktops.filter((d) => d.serverId !== undefined).length;
  const most = Math.max(VANISHED_ALWAYS_ALLOWED, of * VANISHED_SHARE);
  return { lost, of, frozen: lost.length > most && !world.mayLose };
}

type Missing = Pick<PoolWorld, 'desktops' | 'seen' | 'now'>;

/** Held ones are looked at by whoever grants them: the reconciler takes nothing from a person that a seat speaks for. */
function isMissing(d: Desktop, { seen, now }: Missing): boolean {
  if (!seen.complete || d.serverId === undefined || isTheirs(d) || d.state === 'gone') return false;
  return !seen.byId.has(d.serverId) && isOlder(d.writtenAt, { seen, now });
}

const isTheirs = (d: Desktop): boolean =>
  isHeld(d) && !(d.state === 'leased' && d.unconfirmedSince !== undefined);
