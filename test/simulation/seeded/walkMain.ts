import { globSync } from 'node:fs';
import { replaceMachine } from './machine.ts';

/** One process that walks scenarios of swaps to their end: `walkMain.ts 0 3 5`. A line of JSON a scenario. */
globSync('*');
replaceMachine();
const { scenarios, walkSwap } = await import('./swapWalk.ts');

/** Of what went wrong; the rest is the same for every one of them. */
const LAST_LINES = 60;
/** More of them say no more. */
const MOST_WRONG = 3;

for (const number of process.argv.slice(2)) {
  const scenario = scenarios[Number(number)]!;
  const wrong: unknown[] = [];
  let places = 0;
  for (;;) {
    const walked = await walkSwap(scenario, places + 1);
    if (walked.wrong.length > 0) wrong.push({ ...walked, trace: walked.trace.slice(-LAST_LINES) });
    if (walked.killedAt === undefined || wrong.length >= MOST_WRONG) break;
    places++;
  }
  const line = JSON.stringify({ scenario, places, wrong });
  // What is not through when the process ends is lost.
  await new Promise<void>((written) => void process.stdout.write(`${line}\n`, () => written()));
}
// What a world that stopped in the middle still waits for keeps nobody.
process.exit(0);
