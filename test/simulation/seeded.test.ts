import { expect, test } from 'vitest';
import { mutants } from './seeded/mutants.ts';
import { sweep, type Result } from './seeded/sweep.ts';

/** Of every `npm test`; `npm run simulate -- --seeds 10000` is for a night. */
const SEEDS = 150;
/** Within so many a broken hub has to be caught. */
const CATCH_WITHIN = 50;

const digestOf = async (from: number, seeds: number): Promise<string | undefined> => {
  let last: Result | undefined;
  await sweep({ from, seeds, jobs: 1, onResult: (result) => ((last = result), false) });
  return last?.digest;
};

test('in every world the rules are kept, and all is well some minutes after the faults', async () => {
  const broken: Record<string, unknown> = {};
  let worlds = 0;
  await sweep({
    from: 1,
    seeds: SEEDS,
    onResult: ({ seed, violation, trace }) => {
      worlds++;
      if (violation) broken[`npm run simulate -- --seed ${seed}`] = { violation, last: trace.slice(-10) };
      return false;
    },
  });
  expect({ worlds, broken }).toEqual({ worlds: SEEDS, broken: {} });
});

test('a seed is one world, whichever worlds its process has seen before', async () => {
  // Seed 5 has hubs that are killed, and restores.
  const [alone, after] = await Promise.all([digestOf(5, 1), digestOf(2, 4)]);
  expect(alone).toMatch(/^[0-9a-f]{64}$/);
  expect(after).toBe(alone);
});

test.each(Object.entries(mutants))('a hub that %s is caught', async (mutant) => {
  const caught: Result[] = [];
  await sweep({
    from: 1,
    seeds: CATCH_WITHIN,
    mutant,
    onResult: (result) => {
      if (result.violation) caught.push(result);
      return caught.length > 0;
    },
  });
  expect(caught.length).toBeGreaterThan(0);
});
