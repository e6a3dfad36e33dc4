import { expect, test } from 'vitest';
import { rowOf } from './row.ts';
import { quantile, spreadOf } from './spread.ts';

test('a quantile lies between its neighbours, in proportion', () => {
  const values = [40, 10, 30, 20];
  expect([0, 0.5, 0.9, 1].map((share) => quantile(values, share))).toEqual([10, 25, 37, 40]);
});

test('a spread keeps its rounds in order, and needs one', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, rounds: [3, 1, 2] });
  expect(() => spreadOf([])).toThrow('nothing was measured');
});

test('a ratio is that of two rounds that belong together, not of two medians', () => {
  const row = { name: 'n', unit: '/s', better: 'more', floorIs: 'f' } as const;
  const rounds = [
    { measured: 10, floor: 20 },
    { measured: 100, floor: 400 },
    { measured: 30, floor: 40 },
  ];
  expect(rowOf({ ...row, goal: { ratioAtLeast: 0.5 } }, rounds)).toEqual({
    ...row,
    measured: { median: 30, min: 10, max: 100, rounds: [10, 100, 30] },
    floor: { median: 40, min: 20, max: 400, rounds: [20, 400, 40] },
    ratio: { median: 0.5, min: 0.25, max: 0.75, rounds: [0.5, 0.25, 0.75] },
    goal: { ratioAtLeast: 0.5 },
    met: true,
  });
  expect(rowOf({ ...row, goal: { atMost: 29 } }, rounds).met).toBe(false);
  expect(rowOf(row, rounds).met).toBeUndefined();
});
