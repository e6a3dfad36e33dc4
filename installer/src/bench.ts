import { node, root, run } from './commands.ts';
import { ensureSystemPackages } from './systemPackages.ts';

/** `npm run bench -- NAME…`: what they need, then the benchmarks of test/bench, in a process of their own. */
await ensureSystemPackages(['directoryTests'], { say: (line) => console.log(`anyseat: ${line}`) });
process.exit(
  await run(node, [
    '--disable-warning=ExperimentalWarning',
    `${root}test/bench/main.ts`,
    ...process.argv.slice(2),
  ]),
);
