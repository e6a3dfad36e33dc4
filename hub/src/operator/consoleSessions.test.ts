import { expect, test } from 'vitest';
import { HOUR, MINUTE, type Clock } from '@anyseat/base';
import { ConsoleSessions } from './consoleSessions.ts';

function setUp() {
  const time = { now: 1_000_000 };
  const clock = { now: () => time.now } as Clock;
  return { sessions: new ConsoleSessions(clock), time };
}

test('a link is good once, until it is too old', () => {
  const { sessions, time } = setUp();
  const first = sessions.link('li.na', 'help', 10 * MINUTE);
  expect(sessions.enter(`${first.code}x`)).toBeUndefined();
  const entered = sessions.enter(first.code)!;
  expect(entered.operator).toEqual({
    name: 'li.na',
    rights: [{ role: 'help' }],
    endsAt: time.now + 13 * HOUR,
  });
  expect(sessions.enter(first.code)).toBeUndefined();
  const second = sessions.link('li.na', 'help', 10 * MINUTE);
  time.now += 10 * MINUTE;
  expect(sessions.enter(second.code)).toBeUndefined();
  // What opens the door is neither the link nor anything that is shown.
  expect(sessions.operator(first.code)).toBeUndefined();
  expect(sessions.operator(sessions.list()[0]!.id)).toBeUndefined();
  expect(sessions.operator(undefined)).toBeUndefined();
});

test('a session ends when nobody used it for half an hour, and after a shift in any case', () => {
  const { sessions, time } = setUp();
  const enter = () => sessions.enter(sessions.link('li.na', 'view', MINUTE).code)!.secret;
  const left = enter();
  time.now += 30 * MINUTE;
  expect(sessions.operator(left)).toBeUndefined();
  const used = enter();
  const from = time.now;
  for (time.now += 20 * MINUTE; time.now < from + 13 * HOUR; time.now += 20 * MINUTE)
    expect(sessions.operator(used)?.name).toBe('li.na');
  expect(sessions.operator(used)).toBeUndefined();
  expect(sessions.list()).toEqual([]);
});

test('whoever is put out, leaves or runs out of time is told, once', () => {
  const { sessions } = setUp();
  const enter = () => sessions.enter(sessions.link('li.na', 'view', MINUTE).code)!.secret;
  const ends: string[] = [];
  const [first, second, third] = [enter(), enter(), enter()];
  sessions.onEnd(first, () => ends.push('first'));
  sessions.onEnd(second, () => ends.push('second'));
  sessions.onEnd(third, () => ends.push('third'))[Symbol.dispose]();
  expect(sessions.end(sessions.list()[0]!.id)).toBe('li.na');
  expect(sessions.end('no such one')).toBeUndefined();
  sessions.leave(second);
  sessions.leave(third);
  sessions.leave(second);
  expect(ends).toEqual(['first', 'second']);
  expect([first, second, third].map((one) => sessions.operator(one))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('of very many links and sessions the oldest are forgotten', () => {
  const { sessions } = setUp();
  const first = sessions.link('li.na', 'view', HOUR).code;
  const secrets = Array.from(
    { length: 201 },
    (_, i) => sessions.enter(sessions.link(`x${i}`, 'view', HOUR).code)!.secret,
  );
  expect(sessions.list().length).toBe(200);
  expect(sessions.operator(secrets[0])).toBeUndefined();
  expect(sessions.operator(secrets[200])?.name).toBe('x200');
  expect(sessions.enter(first)?.operator.name).toBe('li.na');
  for (let i = 0; i < 100; i++) sessions.link('x', 'view', HOUR);
  const last = sessions.link('y', 'view', HOUR).code;
  expect(sessions.enter(last)?.operator.name).toBe('y');
});

test('whoever comes in again and again puts nobody out but themselves', () => {
  const { sessions } = setUp();
  const boss = sessions.open('boss', [{ role: 'administer' }]).secret;
  const own = Array.from({ length: 200 }, () => sessions.open('li.na', [{ role: 'view' }]).secret);
  expect(sessions.operator(boss)?.name).toBe('boss');
  expect(own.filter((secret) => sessions.operator(secret)).length).toBe(8);
});
