import { globSync } from 'node:fs';
import { replaceMachine } from './machine.ts';

/**
 * One process that runs seeds and says what came of each, a line of JSON a seed:
 *
 *     node --import test/simulation/seeded/hooks.ts test/simulation/seeded/main.ts FIRST COUNT [trace]
 */
// Node loads its globbing at the first use, and takes chance for it.
globSync('*');
replaceMachine();
const { runSeed } = await import('./runSeed.ts');

const [first = '1', count = '1', wantsTrace] = process.argv.slice(2);
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const from = process.cpuUsage();
  const outcome = await runSeed(seed);
  const { user, system } = process.cpuUsage(from);
  const trace = outcome.violation || wantsTrace === 'trace' ? outcome.trace : [];
  const line = JSON.stringify({ ...outcome, trace, cpuMs: Math.round((user + system) / 1000) });
  // What is not through when the process ends is lost.
  await new Promise<void>((written) => void process.stdout.write(`${line}\n`, () => written()));
}
// What a world that stopped in the middle still waits for keeps nobody.
process.exit(0);
