import { describe, expect, test } from 'vitest';
import { isBlank, Restless, type Picture } from './picture.ts';

const BLUE = 0xa8;
const WHITE = 0xffffff;

/** A blue screen of a hundred points by ten, with these points white. */
function picture(white: readonly number[] = []): Picture {
  const points = new Uint32Array(1000).fill(BLUE);
  for (const point of white) points[point] = WHITE;
  return { width: 100, height: 10, points };
}

const run = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);

test('a screen of one colour is blank, one with a letter on it is not', () => {
  expect([picture(), picture([3]), picture(run(100, 8))].map(isBlank)).toEqual([true, true, false]);
});

describe('what changes by itself', () => {
  const cursor = run(500, 16);

  test('is no answer, and a letter beside it is', () => {
    const restless = new Restless(picture());
    restless.learn(picture(), picture(cursor));
    restless.learn(picture(cursor), picture());
    const letter = run(520, 8);
    expect({
      share: restless.share,
      nothing: restless.answered(picture(), picture()),
      blinked: restless.answered(picture(), picture(cursor)),
      typed: restless.answered(picture(cursor), picture(letter)),
    }).toEqual({ share: 0.016, nothing: false, blinked: false, typed: true });
  });

  test('a letter under a block cursor is seen by the cursor’s next place', () => {
    const restless = new Restless(picture());
    restless.learn(picture(), picture(cursor));
    expect(restless.answered(picture(cursor), picture(run(516, 16)))).toBe(true);
  });

  test('a few points of noise are no answer', () => {
    expect(new Restless(picture()).answered(picture(), picture([1, 20, 300, 400, 999]))).toBe(false);
  });

  test('a screen of another size is another picture', () => {
    const wide: Picture = { width: 200, height: 10, points: new Uint32Array(2000) };
    expect(new Restless(picture()).answered(picture(), wide)).toBe(true);
  });
});
