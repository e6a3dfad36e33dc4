import { expect, test } from 'vitest';
import { closeReason, retryAfterOf } from './closeCodes.ts';

test('a close frame says when to come back', () => {
  expect(retryAfterOf(closeReason(2500.4))).toBe(2500);
  expect(['', 'bye', 'retryAfterMs=', 'retryAfterMs=-1', 'retryAfterMs=1e9'].map(retryAfterOf)).toEqual(
    Array(5).fill(undefined),
  );
});
