import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '@anyseat/base';
import { afterAbsence, afterBoot, allowedBy, newPace, type HostPace, type MeasuredBoot } from './hostPace.ts';

const limits = { start: 4, most: 10 };
const boot = (tookMs: number, most: number, kind = 'win@1'): MeasuredBoot => ({ kind, tookMs, most });
const after = (boots: MeasuredBoot[], pace: HostPace = newPace(limits), elsewhereMs?: number): number =>
  boots.reduce((now, one) => afterBoot(now, one, limits, elsewhereMs), pace).limit;

const cases: [what: string, limit: number, boots: MeasuredBoot[], elsewhereMs?: number][] = [
  ['one more after as many fast boots as are allowed', 5, Array<MeasuredBoot>(4).fill(boot(100, 4))],
  ['nothing more while the limit is not used', 4, Array<MeasuredBoot>(20).fill(boot(100, 3))],
  ['half as many after a slow one', 2, [boot(151, 4)], 100],
  ['a slow one beside few halves those few', 1, [boot(151, 2)], 100],
  [
    'the others of the same storm say nothing new',
    2,
    [boot(151, 4), boot(190, 4), boot(200, 4), boot(210, 4)],
    100,
  ],
  ['never less than one', 1, [boot(500, 4), boot(500, 2), boot(500, 2)], 100],
  ['alone and slow is what it takes here', 4, [boot(500, 1), boot(520, 2)], 100],
  ['another kind of desktop has its own usual time', 4, [boot(20, 1, 'linux@1'), boot(180, 2)]],
  ['never more than the most', 10, Array<MeasuredBoot>(200).fill(boot(100, 10))],
];

test.each(cases)('%s', (_what, limit, boots, elsewhereMs) => {
  expect(Math.floor(after(boots, newPace(limits), elsewhereMs) + 1e-9)).toBe(limit);
});

test('a host that was away begins with a quarter', () => {
  expect([8, 4, 1].map((limit) => afterAbsence({ ...newPace(limits), limit }).limit)).toEqual([2, 1, 1]);
});

/**
 * A host of which n boots at once take 3 min × max(1, n/k)^1.22 each. Boots that begin and end at different times share it
 * as it is at every moment.
 */
function lastReady(k: number, desktops: number, allowed: (done: MeasuredBoot | undefined) => number): number {
  const step = SECOND;
  const booting: { left: number; from: number; most: number }[] = [];
  let waiting = desktops;
  let most = allowed(undefined);
  for (let now = 0; ; now += step) {
    while (waiting > 0 && booting.length < most) {
      booting.push({ left: 1, from: now, most: 0 });
      waiting--;
    }
    if (booting.length === 0) return now;
    const n = booting.length;
    const takes = 3 * MINUTE * Math.max(1, n / k) ** 1.22;
    for (const one of booting) {
      one.most = Math.max(one.most, n);
      one.left -= step / takes;
    }
    for (const one of booting.filter(({ left }) => left <= 0)) {
      booting.splice(booting.indexOf(one), 1);
      most = allowed(boot(now + step - one.from, one.most));
    }
  }
}

/** The kind's usual time is known from other hosts, as it is in a pool that has run for a while. */
function learning(): (done: MeasuredBoot | undefined) => number {
  let pace = newPace(limits);
  return (done) => {
    if (done) pace = afterBoot(pace, done, limits, 3 * MINUTE);
    return allowedBy(pace);
  };
}

test.each([2, 3, 4, 5, 6, 7, 8])(
  'a host that carries %i learns it: done within 1.2 of the best fixed limit, or 1.4 where it has far to climb',
  (k) => {
    const best = Math.min(...Array.from({ length: 16 }, (_, i) => lastReady(k, 33, () => i + 1)));
    expect(lastReady(k, 33, learning()) / best).toBeLessThan(k > 5 ? 1.4 : 1.2);
  },
);

test('a site of hosts that carry from 2 to 8 is served within 1.2 of the best fixed limits, where a storm takes far longer', () => {
  const hosts = Array.from({ length: 60 }, (_, i) => 2 + (i % 7));
  const last = (limit: (k: number) => (done: MeasuredBoot | undefined) => number) =>
    Math.max(...hosts.map((k) => lastReady(k, 33, limit(k))));
  const best = Math.max(
    ...[2, 3, 4, 5, 6, 7, 8].map((k) =>
      Math.min(...Array.from({ length: 16 }, (_, i) => lastReady(k, 33, () => i + 1))),
    ),
  );
  expect(last(learning) / best).toBeLessThan(1.15);
  expect(last(() => () => 33) / best).toBeGreaterThan(1.7);
});
