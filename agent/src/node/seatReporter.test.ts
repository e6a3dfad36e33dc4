import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import type { FromTc } from '@anyseat/protocol';
import { FakeInput } from './input/fakeInput.ts';
import { SeatReporter } from './seatReporter.ts';
import { Inbox } from './waiting.fixture.ts';

const welcome = { epoch: 3, reportEveryMs: 20 };

function startReporter() {
  const said = new Inbox<FromTc>();
  const input = new FakeInput(systemClock);
  const reporter = new SeatReporter({ input, clock: systemClock, send: (frame) => said.put(frame) });
  const next = () => said.take(() => true, 'a report');
  return { said, input, reporter, next };
}

test('a person at work is reported again and again, each time since the last', async () => {
  const { input, reporter, next } = startReporter();
  using _open = reporter;
  reporter.follow({ welcome, session: 'ses_1' });
  input.meter!.count('keys');
  const first = await next();
  expect(first).toEqual({
    type: 'activity',
    epoch: 3,
    sessionId: 'ses_1',
    overMs: expect.any(Number),
    keys: 1,
    clicks: 0,
    wheel: 0,
    moves: 0,
    idleMs: expect.any(Number),
  });
  expect(await next()).toMatchObject({ sessionId: 'ses_1', keys: 0 });
});

test('without a hub nothing is said, and what was done meanwhile is in the first report after that', async () => {
  const { said, input, reporter, next } = startReporter();
  using _open = reporter;
  reporter.follow({ welcome: undefined, session: 'ses_1' });
  input.meter!.count('clicks');
  expect(said.rest).toEqual([]);
  reporter.follow({ welcome: { ...welcome, epoch: 4 }, session: 'ses_1' });
  expect(await next()).toMatchObject({ epoch: 4, clicks: 1 });
});

test('another session starts from nothing, and without one nothing is counted', () => {
  const { input, reporter } = startReporter();
  using _open = reporter;
  reporter.follow({ welcome, session: 'ses_1' });
  const first = input.meter;
  reporter.follow({ welcome, session: 'ses_2' });
  expect(input.meter).not.toBe(first);
  reporter.follow({ welcome, session: undefined });
  expect(input.meter).toBeUndefined();
});

test('a box that cannot count says nothing', async () => {
  const { said, next } = startReporter();
  let asked = 0;
  const input = { count: () => ({ read: () => (++asked > 2 ? reading : undefined), [Symbol.dispose]() {} }) };
  const reading = { overMs: 1, keys: 0, clicks: 0, wheel: 0, moves: 0, idleMs: 9 };
  using reporter = new SeatReporter({ input, clock: systemClock, send: (frame) => said.put(frame) });
  reporter.follow({ welcome, session: 'ses_1' });
  expect(await next()).toMatchObject({ idleMs: 9 });
  expect(asked).toBeGreaterThanOrEqual(3);
});
