import { expect, test } from 'vitest';
import { isTooSimple } from './passwordRules.ts';

test.each([
  ['lettersonly', [], true],
  ['Letters', [], true],
  ['letters-1', [], false],
  ['Letters1', [], false],
  ['密码Letters', [], false],
  ['密码密码密码', [], true],
  ['Is-Plus-9', ['plus'], true],
  ['Is-Plus-9', ['Anna', 'Plus'], true],
  ['Is-Plus-9', ['us'], false],
])('%s for %j is too simple: %s', (password, names, simple) => {
  expect(isTooSimple(password, names)).toBe(simple);
});
