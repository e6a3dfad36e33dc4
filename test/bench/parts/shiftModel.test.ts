import { expect, test } from 'vitest';
import { MINUTE } from '@anyseat/base';
import { bootMs, fixed, ours, runShift, type Shift } from './shiftModel.ts';

const site = (people: number, carries: number): Shift => ({
  hosts: [{ name: 'h1', carries }],
  people: Array.from({ length: people }, () => ({ host: 'h1', arrivesMs: 0, luck: 1 })),
});

test('boots that a host does not carry take longer, each of them', () => {
  expect([bootMs(1, 4), bootMs(4, 4)].map((ms) => ms / MINUTE)).toEqual([3, 3]);
  expect(Math.round(bootMs(33, 4) / MINUTE)).toBe(39);
});

test('a limit serves people in groups, and without one the storm takes as long as the model says', () => {
  const inGroups = runShift(
    site(8, 4),
    fixed(() => 4),
  );
  expect([inGroups.mostAtOnce, Math.round(inGroups.lastMs / MINUTE)]).toEqual([4, 6]);
  const storm = runShift(
    site(33, 4),
    fixed(() => Infinity),
  );
  expect([storm.mostAtOnce, Math.round(storm.lastMs / MINUTE)]).toEqual([33, 39]);
});

test('ours finds what a host carries, and is done well before a storm is over', () => {
  const storm = runShift(
    site(60, 3),
    fixed(() => Infinity),
  );
  const learnt = runShift(site(60, 3), ours(['h1']));
  expect(learnt.mostAtOnce).toBeLessThan(8);
  expect(learnt.lastMs).toBeLessThan(storm.lastMs * 0.8);
});
