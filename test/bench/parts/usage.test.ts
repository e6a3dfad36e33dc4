import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { cpuMs, residentBytes, treeCpuMs } from './usage.ts';

const work = (ms: number) => `for (const end = Date.now() + ${ms}; Date.now() < end;);`;

test('CPU of children counts for the tree, the ended ones too, and not for the process', () => {
  const before = { own: cpuMs(process.pid), tree: treeCpuMs(process.pid) };
  spawnSync(process.execPath, ['-e', work(300)]);
  const own = cpuMs(process.pid) - before.own;
  const ofChildren = treeCpuMs(process.pid) - before.tree - own;
  expect(ofChildren).toBeGreaterThan(0);
});

test('resident memory is what Node says, as far as it goes', () => {
  const [seen, said] = [residentBytes(process.pid), process.memoryUsage.rss()];
  expect(Math.abs(seen - said)).toBeLessThan(said / 2);
});
