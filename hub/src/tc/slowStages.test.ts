import { expect, test } from 'vitest';
import type { Clock } from '@anyseat/base';
import { SlowStages } from './slowStages.ts';

/** Time that passes when told to. Its timers are a little early, as real ones may be. */
function handClock() {
  let now = 0;
  let timers: { at: number; fn: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
    after: (ms, fn) => {
      const timer = { at: now + ms - 0.5, fn };
      timers.push(timer);
      return { [Symbol.dispose]: () => void (timers = timers.filter((other) => other !== timer)) };
    },
  };
  return {
    clock,
    timers: () => timers.length,
    pass: (ms: number) => {
      for (const end = now + ms; now < end; now += 0.5)
        for (const timer of timers.filter(({ at }) => at <= now)) {
          timers = timers.filter((other) => other !== timer);
          timer.fn();
        }
    },
  };
}

test('of a login whose stages are short nobody is told, and one timer is all that it costs', () => {
  const { clock, timers, pass } = handClock();
  const told: string[] = [];
  {
    using stages = new SlowStages(clock, (stage) => told.push(stage));
    for (const stage of ['directory', 'allocator', 'desktop', 'proof'] as const) {
      stages.enter(stage);
      expect(timers()).toBe(1);
      pass(100);
    }
  }
  expect([told, timers()]).toEqual([[], 0]);
});

test('a stage is told once it lasts, once, and so is each later one that does', () => {
  const { clock, pass } = handClock();
  const told: string[] = [];
  using stages = new SlowStages(clock, (stage) => told.push(stage));
  stages.enter('directory');
  pass(149);
  expect(told).toEqual([]);
  pass(1000);
  expect(told).toEqual(['directory']);
  stages.enter('allocator');
  stages.enter('desktop');
  pass(60);
  stages.enter('proof');
  pass(149);
  expect(told).toEqual(['directory']);
  pass(2);
  expect(told).toEqual(['directory', 'proof']);
});

test('a login that waits in the queue is not told to be somewhere else', () => {
  const { clock, pass } = handClock();
  const told: string[] = [];
  using stages = new SlowStages(clock, (stage) => told.push(stage));
  stages.enter('desktop');
  pass(10);
  stages.leave();
  pass(1000);
  stages.enter('proof');
  pass(200);
  expect(told).toEqual(['proof']);
});
