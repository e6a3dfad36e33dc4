import { MINUTE, SECOND } from '@anyseat/base';
import { Dice } from './dice.ts';
import { peace } from './peace.ts';
import { endTrouble, planTrouble } from './trouble.ts';
import { World, type Violation } from './world.ts';

export interface Outcome {
  seed: number;
  violation: Violation | undefined;
  /** Of the world's time. */
  simulatedMs: number;
  /** From the end of the faults until everything was as it should be. */
  recoveredMs: number;
  lives: number;
  digest: string;
  trace: readonly string[];
}

const TROUBLE_MS = 8 * MINUTE;

/** One world from its beginning to its end. */
export async function runSeed(seed: number): Promise<Outcome> {
  using world = new World(seed);
  const outcome = (recoveredMs: number): Outcome => ({
    seed,
    violation: world.violation,
    simulatedMs: Math.round(world.time.now),
    recoveredMs: Math.round(recoveredMs),
    lives: world.hub?.number ?? 0,
    digest: world.trace.digest,
    trace: world.trace.lines,
  });
  try {
    await openSite(world);
    const dice = new Dice(seed, 'trouble');
    planTrouble(world, dice, TROUBLE_MS);
    await world.pass(TROUBLE_MS);
    endTrouble(world);
    const from = world.time.now;
    if (!world.violation) await peace(world);
    const recovered = world.time.now - from;
    if (!world.violation) await lookBack(world);
    return outcome(recovered);
  } finally {
    await world.close();
  }
}

/** The audit is read in pieces, and the hub goes on meanwhile. */
export async function lookBack(world: World): Promise<void> {
  let isOver = false;
  world.begin('the last look', async () => {
    await world.lastLook();
    isOver = true;
  });
  await world.pass(MINUTE, () => isOver);
  if (!isOver && !world.violation) world.violate('3', 'the audit could not be read within a minute');
}

/** A hub, its resources, every thin client at its seat, and people who come in. */
export async function openSite(world: World): Promise<void> {
  let isOpen = false;
  world.begin('the opening', async () => {
    await world.startHub();
    await world.operate('POST', '/apply', { text: world.applied, file: 'site.yaml' });
    for (const seat of world.seats) {
      const { token } = (await world.operate('POST', '/tokens', { seat: seat.name })) as { token: string };
      seat.switchOn(token);
    }
    isOpen = true;
  });
  await world.pass(MINUTE, () => isOpen);
  await world.pass(20 * SECOND);
  for (const person of world.people) world.begin(person.user, () => person.live());
}
