import { expect, test } from 'vitest';
import { refusalOf } from './refusal.ts';

test.each([
  [{ code: 0 }, undefined],
  [{ code: 49 }, 'wrong-password'],
  [{ code: 48 }, 'wrong-password'],
  [{ code: 49, subCode: '525' }, 'unknown-user'],
  [{ code: 49, subCode: '52e' }, 'wrong-password'],
  [{ code: 49, subCode: '530' }, 'not-these-hours'],
  [{ code: 49, subCode: '531' }, 'not-this-workstation'],
  [{ code: 49, subCode: '532' }, 'password-expired'],
  [{ code: 49, subCode: '533' }, 'account-disabled'],
  [{ code: 49, subCode: '701' }, 'account-expired'],
  [{ code: 49, subCode: '773' }, 'password-must-change'],
  [{ code: 49, subCode: '775' }, 'account-locked'],
  [{ code: 49, subCode: '52f' }, 'wrong-password'],
  [{ code: 49, policyError: 0 }, 'password-expired'],
  [{ code: 49, policyError: 1 }, 'account-locked'],
  [{ code: 0, policyError: 2 }, 'password-must-change'],
  [{ code: 49, policyError: 5 }, 'wrong-password'],
  [{ code: 0, graceLeft: 2 }, 'password-expired'],
  [{ code: 0, graceLeft: 0 }, undefined],
  [{ code: 32 }, 'unknown-user'],
  [{ code: 34 }, 'unknown-user'],
  [{ code: 51 }, undefined],
] as const)('a bind answered with %j is %s', (answer, refusal) => {
  expect(refusalOf(answer)).toBe(refusal);
});
