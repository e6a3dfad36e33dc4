import { node, root, run } from './commands.ts';

/** `npm run simulate -- --seeds N`: worlds of the simulation, each from its seed; `--seed N` tells one of them whole. */
process.exit(
  await run(node, [
    '--disable-warning=ExperimentalWarning',
    `${root}test/simulation/seeded/simulate.ts`,
    ...process.argv.slice(2),
  ]),
);
