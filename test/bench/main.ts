import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@anyseat/base';
import { root } from '../../installer/src/commands.ts';
import { agents } from './agents.ts';
import { claims } from './claims.ts';
import { coldStart } from './coldStart.ts';
import { directory } from './directory.ts';
import { input } from './input.ts';
import { fleet } from './fleet.ts';
import { logins } from './logins.ts';
import { loginsLarge } from './loginsLarge.ts';
import { machineWords, watchMachine } from './parts/machine.ts';
import type { Benchmark, Finished } from './parts/row.ts';
import { tableOf } from './parts/table.ts';
import { pass } from './pass.ts';
import { scale } from './scale.ts';
import { shift } from './shift.ts';

/** `npm run bench -- NAME…`: these, or all of the usual ones, one after the other; a table here, and var/bench.json. */
const usual: readonly Benchmark[] = [logins, directory, agents, claims, coldStart, pass, scale, shift];
const all: readonly Benchmark[] = [...usual, input, loginsLarge, fleet];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are:`);
  for (const { name, about } of all) console.error(`  ${name.padEnd(12)} ${about}`);
  process.exit(64);
}

console.log(`on ${machineWords()}`);
const begunAt = new Date(systemClock.now()).toISOString();
const finished: Finished[] = [];
const skipped: { benchmark: string; why: string }[] = [];
for (const one of wanted.length === 0 ? usual : all.filter(({ name }) => wanted.includes(name))) {
  const missing = one.missing?.();
  if (missing === undefined) finished.push(await run(one));
  else skipped.push({ benchmark: one.name, why: missing });
}

console.log(`\n${tableOf(finished)}`);
for (const { benchmark, why } of skipped) console.log(`skipped: ${benchmark}: ${why}`);
const file = join(root, 'var', 'bench.json');
mkdirSync(join(root, 'var'), { recursive: true });
writeFileSync(file, `${JSON.stringify({ begunAt, machine: machineWords(), finished, skipped }, null, 2)}\n`);
console.log(`the same in ${file.slice(root.length)}`);

async function run(benchmark: Benchmark): Promise<Finished> {
  console.log(`${benchmark.name}: ${benchmark.about}`);
  const machine = watchMachine();
  const start = systemClock.monotonic();
  const report = await benchmark.run((line) => console.log(`  ${line}`));
  const tookMs = systemClock.monotonic() - start;
  return { benchmark: benchmark.name, ...report, tookMs, noise: machine.read() };
}
