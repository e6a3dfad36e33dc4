import { expect, test } from 'vitest';
import { systemClock, type Clock } from '@anyseat/base';
import { FirstPage } from './firstPage.ts';

const isUp = async (page: FirstPage): Promise<boolean> => {
  let up = false;
  page.up.then(
    () => (up = true),
    () => undefined,
  );
  await new Promise((resolve) => setImmediate(resolve));
  return up;
};

test('the viewer may come once a page is there, at once where none is expected, and after a while all the same', async () => {
  let over: () => void = () => undefined;
  const clock: Clock = {
    ...systemClock,
    after: (_ms, fn) => {
      over = fn;
      return { [Symbol.dispose]: () => undefined };
    },
  };
  const awaited = new FirstPage(true, clock);
  awaited.count(0);
  expect(await isUp(awaited)).toBe(false);
  awaited.count(1);
  expect(await isUp(awaited)).toBe(true);
  expect(await isUp(new FirstPage(false, clock))).toBe(true);
  const never = new FirstPage(true, clock);
  expect(await isUp(never)).toBe(false);
  over();
  expect(await isUp(never)).toBe(true);
});
