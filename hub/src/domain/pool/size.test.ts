import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '@anyseat/base';
import { arriving, shareArrived } from './arrivals.ts';
import { fullAt, sizeAt, type Demand } from './size.ts';

const NINE = Date.parse('2026-11-24T09:00:00Z');
const demand = (more: Partial<Demand> = {}): Demand => ({
  floorAt: (at) => (at >= NINE && at < NINE + 8 * HOUR ? 40 : 2),
  arrivals: [],
  ceiling: 1000,
  ...more,
});
/** 10 at once, 4 minutes each, 5 with the margin: two a minute. */
const pace = { bootMs: 4 * MINUTE, atOnce: 10 };
const floorAt = (minutes: number, d = demand()) => sizeAt(NINE + minutes * MINUTE, d, pace).floor;

test('40 % come in the middle sixth of a window, and the others evenly', () => {
  const at = [-1, 0, 5 / 24, 5 / 12, 1 / 2, 7 / 12, 19 / 24, 1, 2];
  expect(at.map((part) => Math.round(shareArrived(part) * 1000))).toEqual([
    0, 0, 150, 300, 500, 700, 850, 1000, 1000,
  ]);
});

test('the share that has arrived only grows', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (a, b) => {
        expect(shareArrived(Math.min(a, b))).toBeLessThanOrEqual(shareArrived(Math.max(a, b)) + 1e-12);
      },
    ),
  );
});

test('a floor that rises at nine is begun as late as the measured boots allow, and stands at nine', () => {
  // 38 more take 19 minutes at two a minute, and the first needs its five.
  expect([-60, -26, -20, -15, -10, -5, 0].map((m) => floorAt(m))).toEqual([2, 2, 10, 20, 30, 40, 40]);
});

test('pools that boot more slowly begin earlier', () => {
  const slow = { bootMs: 16 * MINUTE, atOnce: 10 };
  expect(sizeAt(NINE - HOUR, demand(), slow)).toEqual({ floor: 20, for: { at: NINE, desktops: 40 } });
});

test('after the shift the floor falls', () => {
  expect(floorAt(8 * 60)).toBe(2);
});

test('people who are to come are counted until they have come, on their curve', () => {
  const window = { from: NINE, to: NINE + HOUR, people: 100 };
  const d = demand({ floorAt: () => 0, arrivals: [window] });
  const d0 = Math.round(arriving([window], NINE + 25 * MINUTE, NINE + 35 * MINUTE));
  expect(d0).toBe(40);
  // The middle takes four a minute and two can be made: what is missing has to be there before.
  const atTheMiddle = floorAt(25, d);
  expect([atTheMiddle >= 40 - 2 * 5, atTheMiddle < 70, floorAt(60, d)]).toEqual([true, true, 0]);
});

test('a day played through: whoever begins what the size says has everybody’s desktop ready when they come', () => {
  const windows = [{ from: NINE, to: NINE + HOUR, people: 200 }];
  const d = demand({ floorAt: () => 3, arrivals: windows });
  let ready = 3;
  let came = 0;
  const booting: number[] = [];
  let least = Infinity;
  let most = 0;
  for (let now = NINE - 4 * HOUR; now < NINE + 2 * HOUR; now += MINUTE / 4) {
    while (booting.length > 0 && booting[0]! <= now) ready += booting.shift() === undefined ? 0 : 1;
    const arrived = Math.floor(arriving(windows, 0, now));
    ready -= arrived - came;
    came = arrived;
    const wanted = sizeAt(now, d, pace).floor;
    while (ready + booting.length < wanted && booting.length < pace.atOnce) booting.push(now + pace.bootMs);
    least = Math.min(least, ready);
    most = Math.max(most, ready);
  }
  expect({ came, least: least >= 0, most: most < 110 }).toEqual({ came: 200, least: true, most: true });
});

test('never more than the ceiling', () => {
  expect(floorAt(0, demand({ floorAt: () => 500, ceiling: 30 }))).toBe(30);
  expect(floorAt(-5, demand({ ceiling: 30 }))).toBe(30);
});

test('full when the last of those on their way is ready, or the waves behind them', () => {
  const now = NINE;
  const minutes = (at: number) => (at - now) / MINUTE;
  const since = [now - 3 * MINUTE, now - MINUTE, now - 10 * MINUTE];
  expect([0, 1, 2, 3, 4, 13, 14].map((missing) => minutes(fullAt(now, missing, since, pace)))).toEqual([
    0, 0, 1, 3, 7, 7, 11,
  ]);
});
