import { expect, test } from 'vitest';
import { LdapEntry } from './entry.ts';
import type { Profile } from './profile.ts';
import { barredBy } from './standing.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const fileTime = (ms: number) => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);

test.each([
  ['active-directory', { userAccountControl: '512', accountExpires: '0' }, undefined],
  ['active-directory', { userAccountControl: '514' }, 'account-disabled'],
  ['active-directory', { userAccountControl: '66050' }, 'account-disabled'],
  ['active-directory', { accountExpires: '9223372036854775807' }, undefined],
  ['active-directory', { accountExpires: fileTime(now + 1000) }, undefined],
  ['active-directory', { accountExpires: fileTime(now - 1000) }, 'account-expired'],
  // Somebody tries to guess their password: no reason to take their desktop.
  ['active-directory', { userAccountControl: '512', lockoutTime: fileTime(now) }, undefined],
  ['openldap', { pwdAccountLockedTime: '20261123115900Z' }, undefined],
  ['openldap', { pwdAccountLockedTime: '000001010000Z' }, 'account-locked'],
  ['openldap', { nsAccountLock: 'TRUE' }, 'account-disabled'],
  ['openldap', { pwdEndTime: '20261123115900Z' }, 'account-expired'],
  ['openldap', { pwdEndTime: '20261123120100Z' }, undefined],
  ['openldap', {}, undefined],
] as const)('on %s %j bars: %s', (kind, attributes, barred) => {
  expect(barredBy(new LdapEntry({ dn: 'cn=a', ...attributes }), { kind } as Profile, now)).toBe(barred);
});
