import { checkFormat, lint, typeCheck, vitest } from './commands.ts';

/** `npm run check`: what must hold before every commit, in less than a minute: types, lint, format, laws, unit tests. */
const steps = [typeCheck, lint, checkFormat, () => vitest(['unit'])];

let failed = 0;
for (const step of steps) if ((await step()) !== 0) failed++;
process.exit(failed === 0 ? 0 : 1);
