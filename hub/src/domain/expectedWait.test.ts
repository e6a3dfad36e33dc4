import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedWaitMs, type Refill } from './expectedWait.ts';

const refill = (more: Partial<Refill> = {}): Refill => ({
  bootMs: [90, 100, 110],
  comingMs: [],
  atOnce: 2,
  room: 10,
  gapsMs: [],
  ...more,
});
const waits = (more: Partial<Refill>, places = 6) =>
  Array.from({ length: places }, (_, i) => expectedWaitMs(i + 1, refill(more)));

test.each<[string, Partial<Refill>, (number | undefined)[]]>([
  ['boots in rounds', {}, [100, 100, 200, 200, 300, 300]],
  ['one that is half way comes first', { comingMs: [50] }, [50, 100, 150, 200, 250, 300]],
  ['one that is late is nearly there', { comingMs: [900] }, [10, 100, 110, 200, 210, 300]],
  [
    'the ceiling ends what can be told',
    { room: 1 },
    [100, undefined, undefined, undefined, undefined, undefined],
  ],
  [
    'beyond it, as often as some came back',
    { room: 1, gapsMs: [40, 30, 50] },
    [100, 140, 180, 220, 260, 300],
  ],
  ['nothing is made, some come back', { room: 0, gapsMs: [40] }, [40, 80, 120, 160, 200, 240]],
  ['nothing measured, nothing told', { bootMs: [] }, Array.from({ length: 6 }, () => undefined)],
  [
    'more on their way than boot at once now',
    { comingMs: [10, 20, 30], atOnce: 1, room: 0 },
    [70, 80, 90, undefined, undefined, undefined],
  ],
])('%s', (_what, more, expected) => {
  expect(waits(more)).toEqual(expected);
});

test('whoever is further back never waits less, and nobody waits less than nothing', () => {
  const times = fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 5 });
  const any = fc.record({
    bootMs: times,
    comingMs: times,
    atOnce: fc.integer({ min: 0, max: 4 }),
    room: fc.integer({ min: 0, max: 8 }),
    gapsMs: times,
  });
  fc.assert(
    fc.property(any, (one) => {
      const all = waits(one, 12).filter((ms) => ms !== undefined);
      expect(all).toEqual(all.toSorted((a, b) => a - b));
      expect(all.every((ms) => ms >= 0)).toBe(true);
    }),
  );
});
