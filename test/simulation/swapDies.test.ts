import { expect, test } from 'vitest';
import { scenarios } from './seeded/scenarios.ts';
import { walk } from './seeded/walk.ts';

/** One of each origin; `npm run simulate -- --swaps` walks the others as well, which takes minutes. */
const quick = [...scenarios.keys()].filter((number) => {
  const { by, whose, ready } = scenarios[number]!;
  return ready && whose === (by === 'operator' ? 'pooled' : 'bound');
});
/** With fewer, something of a swap is not looked at any more. */
const PLACES_LEAST = 25;

// At each place of it, and of what follows, until none is left: whoever asked asks again, and the seat comes back.
test('wherever a hub dies in a swap, there is one swap, one desktop for its person, and the old one is nobody’s', async () => {
  const half = Math.ceil(quick.length / 2);
  const walked = (await Promise.all([walk(quick.slice(0, half)), walk(quick.slice(half))])).flat();
  console.log(walked.map(({ places }) => places).join(' + '));
  expect(walked.flatMap(({ scenario, wrong }) => wrong.map((one) => ({ scenario, ...one })))).toEqual([]);
  expect(walked.map(({ scenario }) => scenario)).toEqual(quick.map((number) => scenarios[number]));
  expect(Math.min(...walked.map(({ places }) => places))).toBeGreaterThan(PLACES_LEAST);
});
