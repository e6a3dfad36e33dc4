import { expect, test } from 'vitest';
import { IdleMeter } from './idleMeter.ts';

function meterAt() {
  let now = 5000;
  return { meter: new IdleMeter(() => now), pass: (ms: number) => void (now += ms) };
}
const nothing = { keys: 0, clicks: 0, wheel: 0, moves: 0 };

test('an interval has its own counts, and idle time goes on over it', () => {
  const { meter, pass } = meterAt();
  meter.count('keys');
  meter.count('keys');
  meter.count('clicks');
  pass(1000);
  meter.count('wheel');
  meter.count('moves');
  pass(14_000);
  expect(meter.read()).toEqual({
    overMs: 15_000,
    keys: 2,
    clicks: 1,
    wheel: 1,
    moves: 1,
    idleMs: 14_000,
  });
  pass(15_000);
  expect(meter.read()).toEqual({ overMs: 15_000, ...nothing, idleMs: 29_000 });
});

test('what the screen knows of the time before counts until something is touched', () => {
  const { meter, pass } = meterAt();
  pass(10);
  meter.idleFor(60_000);
  expect(meter.read()).toMatchObject({ overMs: 10, idleMs: 60_000 });
  meter.count('moves');
  meter.idleFor(60_000);
  expect(meter.read()).toMatchObject({ idleMs: 0 });
});
