import { MINUTE } from '@anyseat/base';
import { takesRoom, type Desktop } from '../desktop.ts';
import { DRAINED, SWAPPED, swapPolicyOf } from '../swap.ts';
import { toRebuild } from './rebuild.ts';
import { inState, usable, type PoolStep, type PoolWorld } from './world.ts';

/** How long, and how many, broken desktops of a pool are kept as evidence. */
export const EVIDENCE_FOR = 15 * MINUTE;
const EVIDENCE_MOST = 2;

/** What somebody has used and is not made anew, what was taken off a host, and all that is free of a pool that was deleted. */
export function retireUsed(world: PoolWorld): PoolStep[] {
  const staying = new Set(toRebuild(world));
  const going = world.pool.spec
    ? inState(world, 'returning').filter((d) => !staying.has(d))
    : inState(world, 'returning', 'building', 'booting', 'ready');
  const drained = inState(world, 'quarantined').filter((d) => d.fault?.code === DRAINED);
  return [...going, ...drained].map((desktop) => ({ do: 'retire', desktop }));
}

/** Evidence is kept for a while, but not at the price of a desktop that somebody needs. */
export function retireEvidence(world: PoolWorld): PoolStep[] {
  const { desktops, pool, waiting, size, inStateMs } = world;
  const broken = inState(world, 'broken').toSorted((a, b) => b.stateSince - a.stateSince);
  const missing = pool.spec ? size.floor + waiting - usable(desktops) : Infinity;
  const free = pool.spec ? pool.spec.ceiling - desktops.filter(takesRoom).length : 0;
  const inTheWay = Math.max(0, missing - free);
  return broken
    .filter(
      (d, i) =>
        isNoEvidence(d) ||
        i >= Math.min(EVIDENCE_MOST, broken.length - inTheWay) ||
        inStateMs(d) > EVIDENCE_FOR,
    )
    .map((desktop) =>
      desktop.serverId === undefined ? { do: 'forget', desktop } : { do: 'retire', desktop },
    );
}

/**
 * Desktops that were swapped, when their time is over, when there are more than the pool keeps, or when they are in the way of one
 * that somebody needs. Of those that belonged to somebody an operator decides: somebody's work is on them.
 */
export function retireSwapped(world: PoolWorld): PoolStep[] {
  const { desktops, pool, waiting, size, inStateMs } = world;
  const { keepMost, keepMs } = swapPolicyOf(pool.spec);
  const kept = inState(world, 'quarantined')
    .filter((d) => d.fault?.code === SWAPPED)
    .toSorted((a, b) => b.stateSince - a.stateSince);
  const missing = pool.spec ? size.floor + waiting - usable(desktops) : Infinity;
  const broken = inState(world, 'broken').length;
  const free = pool.spec ? pool.spec.ceiling - desktops.filter(takesRoom).length + broken : 0;
  const most = Math.min(keepMost, kept.length - Math.max(0, missing - free));
  return kept
    .filter((d, i) => i >= most || inStateMs(d) > keepMs)
    .map((desktop) => ({ do: 'retire', desktop }));
}

/** Never on any host: there is nothing to look at, the pool says why, and it takes of the quota. */
const isNoEvidence = ({ fault }: Desktop): boolean =>
  fault?.code === 'quota' || fault?.code === 'no-valid-host' || fault?.code === 'no-network';
