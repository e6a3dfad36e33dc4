import { parseArgs } from 'node:util';
import { mutants } from './mutants.ts';
import { scenarios } from './scenarios.ts';
import { sweep, type Result } from './sweep.ts';
import { walk } from './walk.ts';

const USAGE = `usage: npm run simulate -- --seeds N [--from SEED] [--mutant NAME] [--jobs N]   so many worlds; the first failure is told whole
       npm run simulate -- --seed SEED [--mutant NAME]                      one world, with everything that happened in it
       npm run simulate -- --swaps                                          swaps, with the hub killed at every place of each
mutants: ${Object.keys(mutants).join(', ')}`;

const HOUR_MS = 3_600_000;
/** Of a failure's trace, when many are run; the seed alone brings back the rest. */
const LAST_LINES = 40;

process.exit(await main());

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      mutant: { type: 'string' },
      jobs: { type: 'string' },
      swaps: { type: 'boolean', default: false },
    },
  });
  const { mutant } = values;
  const jobs = values.jobs === undefined ? {} : { jobs: Number(values.jobs) };
  if (values.swaps) return swaps();
  if (values.seed !== undefined) return replay(Number(values.seed), mutant);
  if (values.seeds === undefined) {
    console.error(USAGE);
    return 64;
  }
  return many({ from: Number(values.from), seeds: Number(values.seeds), mutant, ...jobs });
}

async function replay(seed: number, mutant: string | undefined): Promise<number> {
  let failed = false;
  await sweep({
    from: seed,
    seeds: 1,
    mutant,
    wantsTrace: true,
    onResult: (result) => {
      failed = result.violation !== undefined;
      for (const line of result.trace) console.log(line);
      console.log(summaryOf(result));
      return false;
    },
  });
  return failed ? 1 : 0;
}

async function swaps(): Promise<number> {
  let broke = 0;
  for (const number of scenarios.keys())
    for (const { scenario, places, wrong } of await walk([number])) {
      broke += wrong.length;
      const { by, whose, ready } = scenario;
      console.log(
        `by ${by}, ${whose}, ${ready ? 'one is ready' : 'none is ready'}: killed at ${places} places`,
      );
      for (const { killedAt, wrong: what, trace } of wrong)
        console.log([...trace, `at ${killedAt ?? 'none'}: ${what.join('; ')}`].join('\n'));
    }
  return broke === 0 ? 0 : 1;
}

async function many(options: {
  from: number;
  seeds: number;
  mutant?: string | undefined;
  jobs?: number;
}): Promise<number> {
  const failures: Result[] = [];
  let [worlds, simulatedMs, lives] = [0, 0, 0];
  await sweep({
    ...options,
    onResult: (result) => {
      worlds++;
      simulatedMs += result.simulatedMs;
      lives += result.lives;
      if (result.violation) {
        failures.push(result);
        if (failures.length === 1) for (const line of result.trace.slice(-LAST_LINES)) console.log(line);
        console.log(`${summaryOf(result)}\n  again, whole: npm run simulate -- --seed ${result.seed}`);
      }
      // One is enough to show that it is caught.
      return options.mutant !== undefined && failures.length > 0;
    },
  });
  const hours = (simulatedMs / HOUR_MS).toFixed(1);
  console.log(
    `${worlds} worlds, ${hours} hours of their time, ${lives} hubs; ${failures.length} broke a rule`,
  );
  return failures.length === 0 ? 0 : 1;
}

function summaryOf({ seed, violation, simulatedMs, recoveredMs, lives, digest }: Result): string {
  const minutes = Math.round(simulatedMs / 60_000);
  const what = violation
    ? `rule ${violation.rule}: ${violation.text}`
    : `clean, and well again ${Math.round(recoveredMs / 1000)} s after the faults`;
  return `seed ${seed}: ${what} (${minutes} minutes, ${lives} hubs, trace ${digest.slice(0, 12)})`;
}
