import { expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND, silentLog } from '@anyseat/base';
import { emptyCatalogue } from '../domain/catalogue.ts';
import type { Session, SessionId } from '../domain/session.ts';
import type { SessionPolicy } from '../domain/sessionPolicy.ts';
import { SessionLimits } from './sessionLimits.ts';

const idle = { afterMs: 30 * MINUTE, warnMs: 2 * MINUTE, action: 'lock' as const };
const atMost = { ms: 2 * HOUR, hours: undefined, warnMs: 10 * MINUTE };

/** One person at work; a clock that only the test moves, looked at as often as a hub looks. */
function world(policy: Partial<SessionPolicy>) {
  const start = 1_000_000_000;
  let now = start;
  let jumped = 0;
  let session: Session | undefined = {
    id: 'ses_1',
    state: 'connected',
    startedAt: start,
    generation: 1,
    tc: 'tc_1',
    user: 'anna',
    site: 'x',
    pools: [],
    policy: { queuePriority: 0, ...policy },
  } as unknown as Session;
  let touchedAt = now;
  const seat = { epoch: 1 as number | undefined, counts: true };
  const said: string[] = [];
  const say = (what: string) => said.push(`${Math.round((now - start) / MINUTE)} ${what}`);
  const end = (id: SessionId) => {
    const ended = session?.id === id ? session : undefined;
    session = undefined;
    return Promise.resolve(ended);
  };
  const open = () =>
    new SessionLimits({
      store: {
        endSession: end,
        lockSession: end,
      },
      catalogue: () => emptyCatalogue,
      clock: {
        now: () => now + jumped,
        monotonic: () => now,
        sleep: () => Promise.reject(new Error('not slept in this test')),
        after: () => ({ [Symbol.dispose]: () => undefined }),
      },
      log: silentLog,
      epochOf: () => seat.epoch,
      idleMs: () => (seat.counts ? now - touchedAt : undefined),
      graceMs: () => 0,
      warn: (_, warning) =>
        say(warning ? `${warning.code} in ${Math.round((warning.at - now) / MINUTE)}` : 'taken back'),
      onLooked: () => undefined,
      onEnded: (_, why) => say(why),
      onLocked: () => say('locked'),
    });
  let limits = open();
  return {
    seat,
    touch: () => (touchedAt = now),
    jump: (ms: number) => (jumped += ms),
    restart: () => (limits = open()),
    known: () =>
      (session ? limits.known(session) : []).map(
        ({ kind, action, inMs, warned }) =>
          `${kind} ${action} in ${Math.round(inMs / MINUTE)}${warned ? ', told' : ''}`,
      ),
    /** What was said in these minutes, without what was said before already. */
    pass: async (minutes: number) => {
      for (let passed = 0; passed < minutes * MINUTE; passed += 5 * SECOND) {
        now += 5 * SECOND;
        await limits.look(session ? [session] : []);
      }
      const all = said.splice(0);
      return all.filter((one, i) => codeOf(one) !== codeOf(all[i - 1] ?? ''));
    },
  };
}

const codeOf = (said: string): string | undefined => said.split(' ')[1];

test('a seat that nobody touches is warned, then locked', async () => {
  const w = world({ idle });
  expect(await w.pass(40)).toEqual(['28 idle-lock-soon in 2', '30 locked']);
});

test('who touches it in time goes on, and the warning goes', async () => {
  const w = world({ idle });
  expect(await w.pass(29)).toEqual(['28 idle-lock-soon in 2']);
  w.touch();
  expect(await w.pass(20)).toEqual(['29 taken back']);
});

test('a seat that does not count what is touched, or is silent, is never idle', async () => {
  const w = world({ idle });
  w.seat.counts = false;
  expect(await w.pass(99)).toEqual([]);
  const dark = world({ idle, atMost });
  dark.seat.epoch = undefined;
  expect(await dark.pass(999)).toEqual([]);
  dark.seat.epoch = 2;
  expect(await dark.pass(12)).toEqual(['999 idle-lock-soon in 2', '1001 locked']);
});

test('a session that has lasted long enough ends after its whole warning, over a restart of the hub and a broken line', async () => {
  const w = world({ atMost });
  expect(await w.pass(111)).toEqual(['110 session-time-soon in 10']);
  w.restart();
  expect(await w.pass(5)).toEqual(['111 session-time-soon in 10']);
  w.seat.epoch = undefined;
  expect(await w.pass(1)).toEqual(['116 taken back']);
  w.seat.epoch = 2;
  expect(await w.pass(20)).toEqual(['117 session-time-soon in 10', '127 session-too-long']);
});

test('a clock that is set ends nobody’s work', async () => {
  const w = world({ atMost });
  await w.pass(1);
  w.jump(9 * HOUR);
  expect(await w.pass(60)).toEqual([]);
});

test('without limits nobody is looked at', async () => {
  const w = world({});
  expect(await w.pass(9999)).toEqual([]);
});

test('when a session ends is known all the time, the nearest first', async () => {
  const w = world({ idle, atMost });
  await w.pass(1);
  expect(w.known()).toEqual(['idle lock in 29', 'too-long logOff in 119']);
  await w.pass(28);
  expect(w.known()).toEqual(['idle lock in 1, told', 'too-long logOff in 91']);
  w.touch();
  await w.pass(1);
  expect(w.known()).toEqual(['idle lock in 29', 'too-long logOff in 90']);
  // Nobody is there to be told, and nothing ends without that.
  w.seat.epoch = undefined;
  await w.pass(120);
  expect(w.known()).toEqual(['too-long logOff in 10']);
  const none = world({});
  await none.pass(1);
  expect(none.known()).toEqual([]);
});
