import { expect, test } from 'vitest';
import type { Binding } from './binding.ts';
import type { Desktop } from './desktop.ts';
import { dueBindings, isGoneForGood, type BoundWorld } from './lostBinding.ts';

const desktop = (n: number) => ({ serverId: `s${n}`, state: 'bound', stateSince: 10 }) as Desktop;
const world = (more: Partial<BoundWorld> = {}, there: readonly string[] = ['s2', 's3']): BoundWorld => ({
  desktop: desktop(1),
  bound: [1, 2, 3].map(desktop),
  listing: { complete: true, startedAt: 11, has: (id) => there.includes(id), size: there.length },
  answer: 'gone',
  ...more,
});

test.each<[string, BoundWorld, boolean]>([
  ['both the listing and the cloud itself say so', world(), true],
  ['the row is history', world({ desktop: { ...desktop(1), state: 'gone' }, answer: 'unknown' }), true],
  ['the cloud still has it', world({ answer: 'there' }), false],
  ['the cloud does not answer', world({ answer: 'unknown' }), false],
  ['there is no listing', world({ listing: undefined }), false],
  ['the listing has it', world({}, ['s1', 's2', 's3']), false],
  ['the listing is not whole', world({ listing: { ...world().listing!, complete: false } }), false],
  [
    'the listing began before it was bound',
    world({ listing: { ...world().listing!, startedAt: 10 } }),
    false,
  ],
  ['the listing is empty: a wrong project', world({}, []), false],
  ['a second one is missing: a wrong region', world({}, ['s3', 'other']), false],
])('gone for good? %s', (_what, seen, gone) => {
  expect(isGoneForGood(seen)).toBe(gone);
});

const DAY = 86_400_000;
const binding = (n: number, usedAt: number, allocator: string | undefined = 'a'): Binding =>
  ({ id: `bnd_${n}`, allocator, usedAt }) as unknown as Binding;

test('a binding ends when nobody used it for as long as its allocator says, and nobody has it open', () => {
  const bindings = [
    binding(1, 0),
    binding(2, DAY),
    binding(3, 0, 'b'),
    { ...binding(4, 0), allocator: undefined },
    binding(5, 0),
  ];
  const seen = dueBindings({
    bindings,
    daysOf: (allocator) => (allocator === 'a' ? 30 : undefined),
    isInUse: (one) => one.id === binding(5, 0).id,
    now: 30 * DAY,
  });
  expect(seen).toEqual({ due: [bindings[0]], tooMany: false });
});

test('so many at once that it is the clock, or not what was meant, are left for an operator', () => {
  const many = (due: number, all: number) =>
    dueBindings({
      bindings: Array.from({ length: all }, (_, i) => binding(i, i < due ? 0 : 40 * DAY)),
      daysOf: () => 30,
      isInUse: () => false,
      now: 40 * DAY,
    }).tooMany;
  expect([many(10, 10), many(11, 11), many(50, 1000), many(51, 1000)]).toEqual([false, true, false, true]);
});
