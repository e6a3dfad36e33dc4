import { expect, test } from 'vitest';
import { Fault, MINUTE, SECOND, type Clock } from '@anyseat/base';
import { PoolHealth } from './poolHealth.ts';

function opened() {
  let now = 1000;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.resolve(),
    after: () => ({ [Symbol.dispose]: () => undefined }),
  };
  return { health: new PoolHealth(clock), pass: (ms: number) => void (now += ms) };
}
const quota = new Fault('cloud-quota', 'terminal', 'Quota exceeded for instances');

test('ten orders refused for one reason are one time, and what follows is a single try', () => {
  const { health, pass } = opened();
  for (let i = 0; i < 10; i++) health.refused(quota);
  expect(health.trouble).toEqual({
    kind: 'quota',
    text: 'Quota exceeded for instances',
    since: 1000,
    times: 1,
    retryAt: 31_000,
    retryFrom: 31_000,
  });
  expect(health.mayCreate()).toBe(0);
  pass(30 * SECOND);
  expect(health.mayCreate()).toBe(1);
  health.ordered();
  expect(health.mayCreate()).toBe(0);
});

test('an order that is taken ends a bad image, and a server that runs ends a full cloud', () => {
  const { health } = opened();
  health.refused(new Fault('cloud-refused-order', 'terminal', 'no image', { fields: { about: 'image' } }));
  health.buildFailed('no-valid-host', 'No valid host was found.');
  health.accepted();
  expect(health.trouble?.kind).toBe('no-valid-host');
  health.running();
  expect(health.trouble).toBe(undefined);
});

test('the try that fails waits longer, and the time since when stays', () => {
  const { health, pass } = opened();
  health.buildFailed('no-valid-host', 'a');
  pass(MINUTE);
  health.ordered();
  pass(MINUTE);
  health.buildFailed('no-valid-host', 'b');
  const { times, since, text, retryAt } = health.trouble!;
  expect({ times, since, text, waits: retryAt - since }).toEqual({
    times: 2,
    since: 1000,
    text: 'b',
    waits: 4 * MINUTE,
  });
});

test('the cloud says how long to wait, and is heard', () => {
  const { health } = opened();
  health.refused(new Fault('cloud-busy', 'transient', 'later', { fields: { retryAfterMs: 5 * MINUTE } }));
  expect(health.trouble?.retryAt).toBe(1000 + 5 * MINUTE);
});

test('three boots in a row that fail are trouble, and a desktop that becomes ready ends all of it', () => {
  const { health } = opened();
  health.bootFailed('x');
  health.bootFailed('x');
  expect(health.mayCreate()).toBe(Infinity);
  health.bootFailed('y');
  expect(health.trouble?.text).toBe('3 in a row, the last: y');
  health.becameReady();
  expect(health.mayCreate()).toBe(Infinity);
});

test('a new specification is a new try', () => {
  const { health } = opened();
  health.specIs(1);
  health.refused(quota);
  health.specIs(1);
  expect(health.mayCreate()).toBe(0);
  health.specIs(2);
  expect(health.mayCreate()).toBe(Infinity);
});
