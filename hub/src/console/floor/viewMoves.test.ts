import { expect, test } from 'vitest';
import type { Layout } from './layOut.ts';
import { centred, fitted, isSeen, neighbour, seatAt, zoomed } from './viewMoves.ts';

const spots = new Map([
  ['a', { x: 0, y: 0 }],
  ['b', { x: 1, y: 0 }],
  ['c', { x: 4, y: 0.5 }],
  ['d', { x: 1, y: 3 }],
]);
const layout: Layout = { spots, sites: [], rooms: [], width: 5, height: 4 };
const size = { width: 1000, height: 600 };

test('the whole map is seen at first, and few seats are not blown up', () => {
  const view = fitted(layout, size);
  expect([...spots.values()].every((spot) => isSeen(view, spot, size))).toBe(true);
  expect(view.scale).toBe(48);
  const wide = fitted({ ...layout, width: 500, height: 40 }, size);
  expect(wide.scale).toBeLessThan(2);
});

test('what is under the pointer stays there, however close, and there is an end to both sides', () => {
  const at = { x: 300, y: 200 };
  let view = fitted(layout, size);
  const under = () => [view.x + at.x / view.scale, view.y + at.y / view.scale];
  const before = under();
  for (const times of [1.7, 2.2, 0.4, 100, 1e-9]) {
    view = zoomed(view, at, times, 4);
    under().forEach((place, i) => expect(place).toBeCloseTo(before[i]!, 9));
  }
  expect(view.scale).toBe(4);
  expect(zoomed(view, at, 1e9, 4).scale).toBe(140);
});

test('a press finds the seat under it, and nothing between seats', () => {
  const view = { x: -1, y: -1, scale: 10 };
  const found = [
    { x: 15, y: 15 },
    { x: 25, y: 15 },
    { x: 45, y: 15 },
    { x: 5, y: 15 },
  ].map((at) => seatAt(layout, view, at));
  expect(found).toEqual(['a', 'b', undefined, undefined]);
});

test('the arrows go to the nearest seat, rather straight ahead than aside', () => {
  const go = (from: string, dx: number, dy: number) => neighbour(layout, from, { dx, dy });
  expect([
    go('a', 1, 0),
    go('b', 1, 0),
    go('c', -1, 0),
    go('b', 0, 1),
    go('a', -1, 0),
    go('x', 1, 0),
  ]).toEqual(['b', 'c', 'b', 'd', undefined, undefined]);
});

test('a seat that is gone to is in the middle, and can be read', () => {
  const view = centred({ x: 0, y: 0, scale: 3 }, { x: 4, y: 0.5 }, size, 36);
  expect(view.scale).toBe(36);
  expect([(4.5 - view.x) * 36, (1 - view.y) * 36]).toEqual([500, 300]);
});
