import type { AuthRefusal } from '../../domain/person.ts';
import type { BindAnswer } from './connection.ts';
import { RESULT } from './resultCodes.ts';

/**
 * Active Directory's reasons for result 49 (the hexadecimal Win32 error in its diagnostic text). All but `525`, `52e`
 * and `775` are only said to who knows the password. Samba says `52e` where Windows says `525`.
 */
const SUB_CODES: Readonly<Record<string, AuthRefusal>> = {
  '525': 'unknown-user',
  '52e': 'wrong-password',
  '530': 'not-these-hours',
  '531': 'not-this-workstation',
  '532': 'password-expired',
  '533': 'account-disabled',
  '701': 'account-expired',
  '773': 'password-must-change',
  '775': 'account-locked',
};

/** draft-behera-ldap-password-policy section 6.2: passwordExpired, accountLocked, changeAfterReset. */
const POLICY_ERRORS: readonly (AuthRefusal | undefined)[] = [
  'password-expired',
  'account-locked',
  'password-must-change',
];

/**
 * Why a bind did not let the person in; `undefined` when it did, or when its result says nothing about the person.
 * A bind that succeeds only so that the password can be changed is a refusal, and so is one of the few that a password
 * still has that has run out.
 */
export function refusalOf(answer: BindAnswer): AuthRefusal | undefined {
  const byPolicy = POLICY_ERRORS[answer.policyError ?? -1];
  switch (answer.code) {
    case 0:
      // Its last time is the person's own: nobody could change it afterwards.
      return byPolicy ?? ((answer.graceLeft ?? 0) > 0 ? 'password-expired' : undefined);
    case RESULT.invalidCredentials:
    case RESULT.inappropriateAuthentication:
      return byPolicy ?? SUB_CODES[answer.subCode ?? ''] ?? 'wrong-password';
    case RESULT.noSuchObject:
    case RESULT.invalidDnSyntax:
      return 'unknown-user';
    default:
      return undefined;
  }
}
