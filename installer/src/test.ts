import { buildPages } from './buildPages.ts';
import { checkFormat, lint, root, typeCheck } from './commands.ts';
import { buildGuest } from './guest/buildGuest.ts';
import { conclude, fail, newTally, runSuites } from './report.ts';
import { ensureSystemPackages } from './systemPackages.ts';

/**
 * `npm test`: types, lint, format and every suite but the one on a real OpenStack. The last line is
 * `N passed, N failed, N skipped`. With `--ci`, a skip that test/expected-skips does not name is a failure.
 */
const say = (line: string) => console.log(`anyseat: ${line}`);
await ensureSystemPackages(['desktop', 'seat', 'screenTests', 'directoryTests'], { say });
await buildPages(say);
const guest = await buildGuest({ into: `${root}var/guest`, say });
if ('missing' in guest) say(guest.missing);

const tally = newTally();
for (const [name, step] of Object.entries({ types: typeCheck, lint, format: checkFormat })) {
  if ((await step()) === 0) tally.passed++;
  else fail(tally, `${name} (see above)`);
}
await runSuites(tally, ['unit', 'parts', 'contracts', 'simulation']);
// One file after another: each starts as many programs as a machine with two cores runs well.
await runSuites(tally, ['e2e'], { args: ['--no-file-parallelism'] });
process.exit(conclude(tally, process.argv));
