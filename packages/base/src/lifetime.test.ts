import { expect, test } from 'vitest';
import { Lifetime } from './lifetime.ts';

test('what is under way when something ends is broken off, and nobody is at fault', async () => {
  const life = new Lifetime();
  const { signal } = life;
  await life[Symbol.asyncDispose]();
  expect(signal.reason).toMatchObject({ code: 'stopping', retry: 'transient' });
});
