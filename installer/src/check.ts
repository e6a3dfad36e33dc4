import { performance } from 'node:perf_hooks';
import { checkFormat, lint, typeCheck, vitest } from './commands.ts';

/**
 * `npm run check`: what must hold before every commit, in less than a minute: types, lint, format, laws, unit tests. The
 * tests run beside the rest, so what either has to say stands where it was said; the last line is what failed, if anything.
 */
const failed: string[] = [];
const step = async (name: string, run: () => Promise<number>) => {
  if ((await run()) !== 0) failed.push(name);
};

await Promise.all([
  step('unit tests', () => vitest(['unit'])),
  step('types', typeCheck)
    .then(() => step('lint', lint))
    .then(() => step('format', checkFormat)),
]);
const seconds = Math.round(performance.now() / 1000);
console.log(
  `anyseat: ${failed.length === 0 ? 'all is well' : `failed: ${failed.join(', ')}`} (${seconds} s)`,
);
process.exit(failed.length === 0 ? 0 : 1);
