import { expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND, type Clock } from '@anyseat/base';
import { poolSpec, type PoolSpec } from '@anyseat/protocol';
import { Sizes } from './sizes.ts';

const FROM = Date.parse('2026-11-24T17:00:00Z');

function opened(more: Partial<PoolSpec> = {}) {
  let passed = 0;
  const clock: Clock = {
    now: () => FROM + passed,
    monotonic: () => passed,
    sleep: () => Promise.resolve(),
    after: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const spec = {
    ...poolSpec.parse({ title: 'P', image: 'i', flavor: 'f', floor: 2, ceiling: 100, boots: 10 }),
    ...more,
  };
  const sizes = new Sizes(clock);
  const at = (minutes: number, ready = 40, revision = 1, floor = spec.floor) => {
    passed = minutes * MINUTE;
    return sizes.now(
      { revision, spec: { ...spec, floor } },
      'UTC',
      { bootMs: 4 * MINUTE, atOnce: 10 },
      ready,
    );
  };
  return { sizes, at };
}
const shift = { site: 's', floors: [{ hours: 'mon-fri 08:00-18:00', floor: 40 }] };

test('after a shift what was wanted is kept for a quarter of an hour', () => {
  const { at } = opened(shift);
  expect([at(59), at(60), at(73), at(76)].map(({ floor, keep }) => [floor, keep])).toEqual([
    [40, 40],
    [2, 40],
    [2, 40],
    [2, 2],
  ]);
});

test('and then goes a tenth a minute', () => {
  const { at, sizes } = opened(shift);
  expect(at(80, 40).shrink).toBe(4);
  sizes.shrunk();
  expect([at(80.5, 36).shrink, at(81, 36).shrink, at(81, 3).shrink]).toEqual([0, 4, 1]);
});

test('an operator who lowers the floor means it at once', () => {
  const { at } = opened();
  expect([at(0, 9, 1, 9).keep, at(1, 9, 2, 3).keep]).toEqual([9, 3]);
});

test('the boots of a morning begin before it, and not the evening before', () => {
  const { at } = opened(shift);
  const before = (minutes: number) => at((15 * HOUR) / MINUTE - minutes, 2).floor;
  expect([before(120), before(15), before(5)]).toEqual([2, 20, 40]);
});

test('what was reckoned holds for half a minute, and not for another pace', () => {
  const { at, sizes } = opened(shift);
  at(0);
  const first = sizes.size;
  at(20 * (SECOND / MINUTE));
  expect(sizes.size).toBe(first);
  at(40 * (SECOND / MINUTE));
  expect(sizes.size).not.toBe(first);
});
