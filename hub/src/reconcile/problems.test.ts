import { expect, test } from 'vitest';
import { MINUTE, type Clock } from '@anyseat/base';
import { Problems } from './problems.ts';

function opened() {
  let now = 0;
  const clock: Clock = {
    now: () => 1_000_000 + now,
    monotonic: () => now,
    sleep: () => Promise.resolve(),
    after: () => ({ [Symbol.dispose]: () => undefined }),
  };
  return { problems: new Problems(clock), pass: (ms: number) => void (now += ms) };
}
const about = { cloud: 'c', what: 'desktop 7' };

test('a removal is a problem when it lasts, with how often it was tried and the last words', () => {
  const { problems, pass } = opened();
  problems.note('delete-unfinished', 'd7', { ...about, text: 'locked', tried: true });
  expect(problems.list()).toEqual([]);
  pass(3 * MINUTE);
  problems.note('delete-unfinished', 'd7', { ...about, tried: true });
  expect(problems.list()).toEqual([
    { kind: 'delete-unfinished', ...about, since: 1_000_000, tries: 2, text: 'locked' },
  ]);
  problems.solved('delete-unfinished', 'd7');
  expect(problems.list()).toEqual([]);
});

test('of a sweep only what it found again stays', () => {
  const { problems } = opened();
  problems.note('stray', 'a', about);
  problems.note('stray', 'b', about);
  problems.note('stray', 'a', { ...about, cloud: 'other' });
  problems.onlyThese('stray', 'c', new Set(['b']));
  problems.note('stray', 'x', { cloud: 'c', what: 'another' });
  expect(problems.list().map(({ cloud, what }) => [cloud, what])).toEqual([
    ['other', 'desktop 7'],
    ['c', 'desktop 7'],
    ['c', 'another'],
  ]);
});

test('what an operator accepts is accepted for a quarter of an hour, in that cloud', () => {
  const { problems, pass } = opened();
  problems.accept('vanished', 'c');
  expect([problems.isAccepted('vanished', 'c'), problems.isAccepted('vanished', 'd')]).toEqual([true, false]);
  pass(15 * MINUTE);
  expect(problems.isAccepted('vanished', 'c')).toBe(false);
});
