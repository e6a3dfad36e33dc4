import { SECOND } from '@anyseat/base';
import { isOnItsWay, type DesktopId } from '../desktop.ts';
import { adoptFound, giveUpUnsure } from './adopt.ts';
import { markArrived, proveBooted, watchStarted } from './arrive.ts';
import { bootMore, forgetWanted } from './boot.ts';
import { breakFailed } from './breakFailed.ts';
import { wantMore } from './want.ts';
import { followHosts } from './followHosts.ts';
import { holdBack, leaveHosts } from './holdBack.ts';
import { missFromListing } from './missing.ts';
import { renewStale } from './renew.ts';
import { parkUnused, stopParked } from './park.ts';
import { followRebuilds } from './rebuild.ts';
import { removeRetired } from './remove.ts';
import { retireEvidence, retireSwapped, retireUsed } from './retire.ts';
import { retireSurplus } from './shrink.ts';
import { isStarting, type Phase, type PoolStep, type PoolWorld } from './world.ts';

/** In this order; a desktop gets the step of the first phase that has one for it. */
const phases: readonly Phase[] = [
  adoptFound,
  markArrived,
  breakFailed,
  proveBooted,
  watchStarted,
  missFromListing,
  followRebuilds,
  retireUsed,
  retireEvidence,
  retireSwapped,
  holdBack,
  leaveHosts,
  renewStale,
  retireSurplus,
  removeRetired,
  giveUpUnsure,
  forgetWanted,
  bootMore,
  parkUnused,
  stopParked,
  followHosts,
  wantMore,
];

/**
 * What to do next for a pool: pure, a function of what is known now. Level-triggered: it does not matter how the
 * world became so, or whether an earlier step was lost. At most one step a desktop.
 */
export function planPool(world: PoolWorld): PoolStep[] {
  const taken = new Set<DesktopId>(world.busy);
  const steps: PoolStep[] = [];
  for (const phase of phases) {
    for (const step of phase(world, taken)) {
      if ('desktop' in step) {
        if (taken.has(step.desktop.id)) continue;
        taken.add(step.desktop.id);
      }
      steps.push(step);
    }
  }
  return steps;
}

/** How soon to look again if nothing happens: often while something is on its way, seldom otherwise. */
export function nextLookMs(world: PoolWorld, steps: readonly PoolStep[]): number {
  const moving =
    steps.length > 0 ||
    world.waiting > 0 ||
    world.desktops.some(
      (d) => isOnItsWay(d) || isStarting(d, world) || d.state === 'returning' || d.state === 'retiring',
    );
  return moving ? 2 * SECOND : 15 * SECOND;
}
