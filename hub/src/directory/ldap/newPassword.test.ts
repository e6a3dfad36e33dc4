import { expect, test } from 'vitest';
import { meaningOf } from './newPassword.ts';

test.each([
  [{ code: 19, win32: 0x56 }, 'wrong-password'],
  [{ code: 19, win32: 0x775 }, 'account-locked'],
  [{ code: 19, win32: 0x52d }, 'rule'],
  // Windows answers some broken rules with "unwilling".
  [{ code: 53, win32: 0x52d }, 'rule'],
  // 0000001F: what Active Directory says on a line that is not private.
  [{ code: 53, win32: 0x1f }, 'no-tls'],
  [{ code: 50, win32: 5 }, 'password-not-changeable'],
  [{ code: 19, policyError: 6 }, 'rule'],
  [{ code: 19 }, 'rule'],
  [{ code: 49 }, 'wrong-password'],
  [{ code: 50 }, 'password-not-changeable'],
  [{ code: 53 }, 'password-not-changeable'],
  [{ code: 13 }, 'no-tls'],
  [{ code: 10 }, 'elsewhere'],
  [{ code: 51 }, undefined],
] as const)('a change answered with %j means %s', (reply, meaning) => {
  expect(meaningOf(reply)).toBe(meaning);
});
