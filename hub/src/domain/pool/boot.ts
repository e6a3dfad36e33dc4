import type { Desktop, DesktopId } from '../desktop.ts';
import { rebuildable } from './rebuild.ts';
import {
  hostOf,
  inState,
  isStarting,
  mayAskAgain,
  serverOf,
  usable,
  type PoolStep,
  type PoolWorld,
} from './world.ts';

const CREATES_A_ROUND = 10;

/**
 * What begins to boot now, within the budgets (rule 6): what somebody waits for first, and of two equals what is there
 * already. A host is known to a start; a create learns it afterwards, and so waits while any host has too many.
 */
export function bootMore(world: PoolWorld, taken: ReadonlySet<DesktopId>): PoolStep[] {
  const { pool } = world;
  const off = inState(world, 'bound').filter(
    (d) => !taken.has(d.id) && serverOf(d, world.seen)?.state === 'stopped',
  );
  // Asked for before, and off still: it has its place in the budget.
  const again = off
    .filter((d) => isStarting(d, world) && mayAskAgain(d, world))
    .map((desktop): PoolStep => ({ do: 'start', desktop, again: true }));
  // At once, however lately it was asked to switch off.
  const starts = off.filter((d) => !isStarting(d, world));
  const held = starts.filter((d) => d.session !== undefined);
  const others = starts.filter((d) => d.session === undefined);
  const wanted = pool.spec ? inState(world, 'wanted').slice(0, world.mayCreate) : [];
  const forPeople = peopleShort(world);
  // The host is known, and nothing has to be found for them: before what is made from nothing.
  const used = rebuildable(world).filter((d) => !taken.has(d.id));
  const spend = spending(world);
  return [
    ...again,
    ...held.flatMap((d) => spend.start(d, 'people')),
    ...used.slice(0, forPeople).flatMap((d) => spend.rebuild(d, 'people')),
    ...wanted.slice(0, Math.max(0, forPeople - used.length)).flatMap((d) => spend.create(d, 'people')),
    ...used.slice(forPeople).flatMap((d) => spend.rebuild(d, 'spares')),
    ...others.flatMap((d) => spend.start(d, 'spares')),
    ...wanted.slice(Math.max(0, forPeople - used.length)).flatMap((d) => spend.create(d, 'spares')),
  ];
}

/** Wishes of a pool that was deleted. */
export function forgetWanted(world: PoolWorld): PoolStep[] {
  if (world.pool.spec) return [];
  return inState(world, 'wanted').map((desktop) => ({ do: 'forget', desktop }));
}

/** People in the queue for whom nothing is ready, and nothing boots yet. */
function peopleShort({ desktops, waiting }: Pick<PoolWorld, 'desktops' | 'waiting'>): number {
  const wanted = inState({ desktops }, 'wanted').length;
  return Math.max(0, waiting - (usable(desktops) - wanted));
}

/** Places that people wait for, and that nothing has begun for: what other pools leave them. */
export const neededForPeople = (world: Omit<PoolWorld, 'boot'>): number =>
  Math.min(world.mayCreate, peopleShort(world)) +
  inState(world, 'bound').filter(
    (d) => d.session !== undefined && !isStarting(d, world) && serverOf(d, world.seen)?.state === 'stopped',
  ).length;

type For = 'people' | 'spares';

/** Gives out the room that there is, each place once. */
function spending({ boot, seen, image }: PoolWorld) {
  let begun = 0;
  let unplaced = 0;
  const onHost = new Map<string, number>();
  const room = (whom: For) => (whom === 'people' ? boot.forPeople : boot.forSpares) - begun;
  const onItsHost = (desktop: Desktop, whom: For, step: PoolStep): PoolStep[] => {
    const host = hostOf(desktop, seen);
    const here = host === undefined ? 0 : (onHost.get(host) ?? 0);
    if (room(whom) <= 0 || (host !== undefined && boot.on(host) <= here)) return [];
    begun++;
    if (host !== undefined) onHost.set(host, here + 1);
    return [step];
  };
  return {
    start: (desktop: Desktop, whom: For) => onItsHost(desktop, whom, { do: 'start', desktop, again: false }),
    rebuild: (desktop: Desktop, whom: For) =>
      image.use === undefined ? [] : onItsHost(desktop, whom, { do: 'rebuild', desktop, image: image.use }),
    create: (desktop: Desktop, whom: For): PoolStep[] => {
      const starting = [...onHost.values()].reduce((sum, n) => sum + n, 0);
      if (room(whom) <= 0 || boot.unplaced - starting <= unplaced || unplaced >= CREATES_A_ROUND) return [];
      begun++;
      unplaced++;
      return [{ do: 'create', desktop, image: image.use }];
    },
  };
}
