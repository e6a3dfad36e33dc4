import { expect, test } from 'vitest';
import { MINUTE, SECOND, type Clock } from '@anyseat/base';
import type { Boot } from '../domain/boot/bootRoom.ts';
import { BootBudget } from './bootBudget.ts';

/** Time that goes on when it is told to. */
function stoodClock(): Clock & { pass(ms: number): void } {
  let now = 0;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.resolve(),
    after: () => ({ [Symbol.dispose]: () => undefined }),
    pass: (ms) => void (now += ms),
  };
}

const open = (most = 50) => {
  const clock = stoodClock();
  return { clock, budget: new BootBudget({ most, perHost: { start: 4, most: 10 } }, clock) };
};
const boots = (pool: string, count: number, host?: string): Boot[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${pool}-${i}`, pool, host }));
const has = (all: Boot[], needed = 0, most = 20) => ({ boots: all, most, needed });

test('what one pool reserves is gone for the next, before any row says so', () => {
  const { budget } = open(10);
  budget.count('a', has([]));
  budget.count('b', has([]));
  budget.reserve('a', boots('a', 7));
  expect(budget.room('b', 'c').forPeople).toBe(3);
  budget.forget('a');
  expect(budget.room('b', 'c').forPeople).toBe(10);
});

test('people who wait on another pool come before spares here, as far as that pool may boot for them', () => {
  const { budget } = open(10);
  budget.count('a', has([], 30, 4));
  budget.count('b', has([]));
  const { forPeople, forSpares } = budget.room('b', 'c');
  expect({ forPeople, forSpares }).toEqual({ forPeople: 10, forSpares: 6 });
});

test('a host whose boots are slow is given fewer, and creation pauses while it has too many', () => {
  const { budget, clock } = open();
  budget.listed(
    'c',
    new Map([
      ['h1', true],
      ['h2', true],
    ]),
  );
  const one: Boot = { id: 'alone', pool: 'p', host: 'c/h2' };
  budget.count('p', has([]));
  budget.reserve('p', [one]);
  clock.pass(MINUTE);
  expect(budget.ended('alone', 'p@1')).toBe(MINUTE);

  budget.count('p', has([]));
  budget.reserve('p', boots('p', 4, 'c/h1'));
  clock.pass(3 * MINUTE);
  budget.ended('p-0', 'p@1');
  budget.count('p', has(boots('p', 4, 'c/h1').slice(1)));
  expect(budget.report()).toEqual([
    { host: 'c/h1', booting: 3, allowed: 2, up: true },
    { host: 'c/h2', booting: 0, allowed: 4, up: true },
  ]);
  const { on, paused, unplaced } = budget.room('p', 'c');
  expect({ h1: on('c/h1'), h2: on('c/h2'), paused, unplaced }).toEqual({
    h1: 0,
    h2: 4,
    paused: '3 desktops boot on host h1, where 2 may',
    unplaced: 0,
  });
});

test('a count that sees the end of a boot before it is told of it costs no measurement', () => {
  const { budget, clock } = open();
  budget.count('p', has([]));
  budget.reserve('p', boots('p', 1));
  clock.pass(MINUTE);
  budget.count('p', has([]));
  expect(budget.ended('p-0', 'p@1')).toBe(MINUTE);
});

test('what had begun before the hub looked is not measured', () => {
  const { budget, clock } = open();
  budget.count('p', has(boots('p', 1, 'c/h1')));
  clock.pass(MINUTE);
  expect(budget.ended('p-0', 'p@1')).toBe(undefined);
});

test('after an outage of the cloud everything goes slowly for ten minutes; a short hiccup is none', () => {
  const { budget, clock } = open(40);
  budget.count('p', has([], 0, 40));
  const room = () => budget.room('p', 'c').forPeople;
  const fail = (ms: number) => {
    budget.failed('c');
    clock.pass(ms);
    budget.failed('c');
    budget.listed('c', new Map());
  };
  fail(30 * SECOND);
  expect(room()).toBe(40);
  fail(MINUTE);
  expect(room()).toBe(10);
  clock.pass(10 * MINUTE);
  expect(room()).toBe(40);
});

test('a host that nothing of ours is on any more is forgotten after a while, and places there are not counted on', () => {
  const { budget, clock } = open();
  budget.listed('c', new Map([['h1', true]]));
  clock.pass(10 * MINUTE);
  budget.listed('c', new Map([['h2', true]]));
  const places = () => budget.room('p', 'c').unplaced;
  expect(places()).toBe(8);
  clock.pass(6 * MINUTE);
  budget.listed('c', new Map([['h2', true]]));
  expect(places()).toBe(4);
});

test('a host that was down begins with a quarter; all hosts down at once were the message bus', () => {
  const { budget } = open();
  const hosts = Array.from({ length: 20 }, (_, i) => `h${i}`);
  const listed = (down: (name: string) => boolean) =>
    budget.listed('c', new Map(hosts.map((name) => [name, !down(name)])));
  const limits = () => new Set(budget.report().map(({ allowed }) => allowed));
  listed(() => true);
  listed(() => false);
  expect(limits()).toEqual(new Set([4]));
  listed((name) => name === 'h3');
  listed(() => false);
  expect(budget.report().filter(({ allowed }) => allowed < 4)).toEqual([
    { host: 'c/h3', booting: 0, allowed: 1, up: true },
  ]);
});
