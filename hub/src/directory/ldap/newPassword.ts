import type { BindAnswer, ChangeReply, Connection } from './connection.ts';
import type { Limit } from './limit.ts';
import { RESULT } from './resultCodes.ts';

/** What a person typed. Passed along, kept nowhere. */
export interface Typed {
  password: string;
  newPassword: string;
}

/** How far a change came: the bind with the old password was refused, or there is an answer to the change itself. */
export type ChangeAttempt = { refused: BindAnswer } | { reply: ChangeReply };

/** On Active Directory the old password goes out and a new one in, by the service account: also where its person cannot bind. */
export async function changeForPerson(
  connection: Connection,
  dn: string,
  { password, newPassword }: Typed,
  limit: Limit,
): Promise<ChangeAttempt> {
  return { reply: await connection.changeUnicodePwd(dn, password, newPassword, limit) };
}

/** On OpenLDAP a person binds and then changes their own; a bind that is good for nothing else will do. */
export async function bindAndChange(
  connection: Connection,
  dn: string,
  { password, newPassword }: Typed,
  limit: Limit,
): Promise<ChangeAttempt> {
  const answer = await connection.bind(dn, password, limit);
  if (answer.code !== 0) return { refused: answer };
  return { reply: await connection.changeOwnPassword(password, newPassword, limit) };
}

/** Win32 errors ([MS-ERREF] 2.2): ERROR_INVALID_PASSWORD, ERROR_PASSWORD_RESTRICTION, ERROR_ACCOUNT_LOCKED_OUT. */
const INVALID_PASSWORD = 0x56;
const PASSWORD_RESTRICTION = 0x52d;
const LOCKED_OUT = 0x775;

/** What a change that was not made came to; `rule`: a rule about new passwords. `undefined`: nothing about the person. */
export function meaningOf({
  code,
  win32,
  policyError,
}: ChangeReply):
  | 'wrong-password'
  | 'account-locked'
  | 'password-not-changeable'
  | 'rule'
  | 'no-tls'
  | 'elsewhere'
  | undefined {
  if (win32 === INVALID_PASSWORD) return 'wrong-password';
  if (win32 === LOCKED_OUT) return 'account-locked';
  if (win32 === PASSWORD_RESTRICTION || policyError !== undefined) return 'rule';
  switch (code) {
    case RESULT.constraintViolation:
      return 'rule';
    case RESULT.invalidCredentials:
      return 'wrong-password';
    case RESULT.insufficientAccess:
      return 'password-not-changeable';
    case RESULT.confidentialityRequired:
    case RESULT.strongerAuthRequired:
      return 'no-tls';
    case RESULT.unwilling:
      // Active Directory on a line that is not private; OpenLDAP where nobody may, or on a copy that is only read.
      return win32 === undefined ? 'password-not-changeable' : 'no-tls';
    case RESULT.referral:
      return 'elsewhere';
    default:
      return undefined;
  }
}
