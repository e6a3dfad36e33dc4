import type { Clock } from '@anyseat/base';
import type { NewPasswordRefusal } from '../../domain/person.ts';
import type { ChangeReply } from './connection.ts';
import type { LdapEntry } from './entry.ts';
import { fileTime, fileTimeMs, readEntry, readPolicy } from './lockedUntil.ts';
import type { Profile, Search } from './profile.ts';

/** Which rule of the directory a new password breaks, and what that rule asks for. */
export interface BrokenRule {
  reason: NewPasswordRefusal;
  fields?: Readonly<Record<string, number>>;
}

/** Of pwdProperties: DOMAIN_PASSWORD_COMPLEX ([MS-SAMR] 2.2.3.17, the same bits). */
const COMPLEX = 1;

/**
 * Active Directory says only that some rule is broken. Its rules can be read by everybody (those of the domain, or of the
 * person's own PSO), so the one that the password breaks is found by looking; what is left is its history, or a list of
 * forbidden words.
 */
export async function brokenAdRule(
  person: LdapEntry,
  newPassword: string,
  profile: Profile,
  search: Search,
  clock: Clock,
): Promise<BrokenRule> {
  const [fresh] = await readEntry(search, person.dn, ['pwdLastSet', 'msDS-ResultantPSO']);
  const own = fresh?.text('msDS-ResultantPSO');
  const names = own === undefined ? DOMAIN : PSO;
  const [policy] = await readEntry(search, own ?? profile.root, Object.values(names));
  const least = numberOf(policy?.text(names.least));
  if (least !== undefined && newPassword.length < least)
    return { reason: 'password-too-short', fields: { least } };
  const youngUntil = youngUntilMs(fresh?.text('pwdLastSet'), policy?.text(names.age));
  if (youngUntil !== undefined && youngUntil > clock.now())
    return { reason: 'password-too-young', fields: { until: youngUntil } };
  const complexity = policy?.text(names.complexity);
  const isComplex = own === undefined ? (Number(complexity) & COMPLEX) !== 0 : complexity === 'TRUE';
  if (isComplex && isTooSimple(newPassword, namesOf(person, profile)))
    return { reason: 'password-too-simple' };
  const history = numberOf(policy?.text(names.history));
  return { reason: 'password-not-accepted', ...(history ? { fields: { history } } : {}) };
}

const DOMAIN = {
  least: 'minPwdLength',
  age: 'minPwdAge',
  complexity: 'pwdProperties',
  history: 'pwdHistoryLength',
} as const;
const PSO = {
  least: 'msDS-MinimumPasswordLength',
  age: 'msDS-MinimumPasswordAge',
  complexity: 'msDS-PasswordComplexityEnabled',
  history: 'msDS-PasswordHistoryLength',
} as const;

/** draft-behera-ldap-password-policy section 6.2, from passwordModNotAllowed on. */
const POLICY_ERRORS: Readonly<Record<number, NewPasswordRefusal>> = {
  3: 'password-not-changeable',
  5: 'password-too-simple',
  6: 'password-too-short',
  7: 'password-too-young',
  8: 'password-used-before',
};

/** OpenLDAP's ppolicy says which rule it was; the figure that belongs to it stands in the policy. */
export async function brokenPolicyRule(
  reply: ChangeReply,
  person: LdapEntry,
  profile: Profile,
  search: Search,
): Promise<BrokenRule> {
  const reason = POLICY_ERRORS[reply.policyError ?? -1] ?? 'password-not-accepted';
  const attribute = { 'password-too-short': 'pwdMinLength', 'password-used-before': 'pwdInHistory' }[
    reason as string
  ];
  if (attribute === undefined) return { reason };
  const policy = await readPolicy(person, profile, search, [attribute]).catch(() => undefined);
  const figure = numberOf(policy?.text(attribute));
  const field = reason === 'password-too-short' ? 'least' : 'history';
  return { reason, ...(figure === undefined ? {} : { fields: { [field]: figure } }) };
}

/** Fewer than three kinds of characters, or a part of its person's name ([MS-SAMR] 3.1.1.7.2). */
export function isTooSimple(password: string, names: readonly string[]): boolean {
  const kinds = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u, /[\p{Lo}\p{Lt}\p{Lm}]/u];
  const low = password.toLowerCase();
  return (
    kinds.filter((kind) => kind.test(password)).length < 3 ||
    names.some((name) => name.length > 2 && low.includes(name.toLowerCase()))
  );
}

/** The login name as a whole; the name as shown, cut where Windows cuts it. */
const namesOf = (person: LdapEntry, profile: Profile): string[] => [
  ...person.texts(profile.loginAttributes[0]!),
  ...person.texts('displayName').flatMap((name) => name.split(/[,.\-_\s#\t]+/)),
];

function youngUntilMs(lastSet: string | undefined, age: string | undefined): number | undefined {
  const [set, least] = [fileTime(lastSet), fileTime(age)];
  // Nought: it must be changed, at whatever age. Ages are negative.
  return set === undefined || set === 0n || least === undefined ? undefined : fileTimeMs(set - least);
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
