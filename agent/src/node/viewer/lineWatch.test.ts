import { expect, test } from 'vitest';
import { openLog, systemClock, type Clock } from '@anyseat/base';
import { LineWatch } from './lineWatch.ts';

const display = { kind: 'spice', host: '10.0.0.1', port: 5900 } as const;

/** A line with a time of its own: `answers` and `heard` say what the desktop and the hub do at a second of it. */
async function watchLine(line: {
  answers: (second: number) => boolean;
  hubThere: (second: number) => boolean;
  seconds: number;
}) {
  let now = 0;
  let due: { at: number; run: () => void } | undefined;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => now,
    after: (ms, run) => {
      const mine = { at: now + ms, run };
      due = mine;
      return {
        [Symbol.dispose]: () => {
          if (due === mine) due = undefined;
        },
      };
    },
  };
  let heardAt = 0;
  let silentAt: number | undefined;
  const watch = new LineWatch({
    clock,
    log: openLog({ name: 'watch', level: 'silent' }),
    hub: {
      ping: () => {
        if (line.hubThere(now / 1000)) heardAt = now + 1;
      },
      heardAt: () => heardAt,
    },
    answers: () => {
      const answered = line.answers(now / 1000);
      if (!answered) now += 3000;
      return Promise.resolve(answered);
    },
  });
  using _watched = watch.watch(display, () => (silentAt = now / 1000));
  while (due && due.at <= line.seconds * 1000) {
    const { at, run } = due;
    due = undefined;
    now = Math.max(now, at);
    run();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return silentAt;
}

const always = () => true;
const until = (second: number) => (now: number) => now < second;

test.each([
  ['a desktop that answers is left alone', { answers: always, hubThere: always, seconds: 600 }, undefined],
  [
    'one that hangs is given up within twenty seconds, long before TCP would',
    { answers: until(21), hubThere: always, seconds: 600 },
    30,
  ],
  [
    'one that hangs soon after its picture came is found as well',
    { answers: until(3), hubThere: always, seconds: 600 },
    20,
  ],
  [
    'one that hangs for a moment is not',
    { answers: (second: number) => second < 21 || second > 26, hubThere: always, seconds: 600 },
    undefined,
  ],
  [
    'one that never answered is not: something lets the viewer through alone',
    { answers: () => false, hubThere: always, seconds: 600 },
    undefined,
  ],
  [
    'without the hub it is this box that is cut off',
    { answers: until(21), hubThere: until(15), seconds: 600 },
    undefined,
  ],
  [
    'a hub that is back is believed',
    { answers: until(21), hubThere: (second: number) => second > 60, seconds: 600 },
    70,
  ],
])('%s', async (_name, line, silentAt) => {
  expect(await watchLine(line)).toBe(silentAt);
});
