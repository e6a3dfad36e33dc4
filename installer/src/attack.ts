import { node, root, run } from './commands.ts';

/** `npm run attack -- KILLS PEOPLE`: SIGKILL of a hub under logins (test/attack), in a process of its own. */
process.exit(
  await run(node, [
    '--disable-warning=ExperimentalWarning',
    `${root}test/attack/main.ts`,
    ...process.argv.slice(2),
  ]),
);
