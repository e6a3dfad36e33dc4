import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { WorkQueue } from './workQueue.ts';

const gate = () => Promise.withResolvers<void>();

test('a key added while its work runs is looked at exactly once more', async () => {
  const looks: string[] = [];
  const first = gate();
  const second = gate();
  await using queue = new WorkQueue<string>({
    clock: systemClock,
    onFailure: () => undefined,
    work: async (key) => {
      looks.push(key);
      if (looks.length === 1) await first.promise;
      else second.resolve();
      return { again: 'whenTold' };
    },
  });
  queue.add('a');
  queue.add('a');
  queue.add('a');
  first.resolve();
  await second.promise;
  expect(looks).toEqual(['a', 'a']);
});

test('no more keys are looked at together than allowed', async () => {
  let now = 0;
  let most = 0;
  const done = gate();
  let left = 10;
  await using queue = new WorkQueue<string>({
    clock: systemClock,
    concurrency: 3,
    onFailure: () => undefined,
    work: async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      if (--left === 0) done.resolve();
      return { again: 'whenTold' };
    },
  });
  for (let i = 0; i < 10; i++) queue.add(`k${i}`);
  await done.promise;
  expect(most).toBe(3);
});

test('a look that throws is told of and tried again', async () => {
  const failures: number[] = [];
  const done = gate();
  let tries = 0;
  const hurried = { ...systemClock, after: (_ms: number, fn: () => void) => systemClock.after(0, fn) };
  await using queue = new WorkQueue<string>({
    clock: hurried,
    onFailure: (_key, _error, n) => failures.push(n),
    work: async () => {
      if (++tries < 3) throw new Error('not yet');
      done.resolve();
      return { again: 'whenTold' };
    },
  });
  queue.add('a');
  await done.promise;
  expect(failures).toEqual([1, 2]);
});
