import { argon2Sync, createHash } from 'node:crypto';
import { escapeDnValue } from '../../hub/src/domain/distinguishedName.ts';
import { BASE, ouDn, uuidOf, type CallCentre, type Staff, type StaffState, type Team } from './callCentre.ts';

/** How passwords are kept. ARGON2 with slapd's own defaults costs 30 times SSHA to check. */
export type Scheme = 'SSHA' | 'ARGON2';

export const PEOPLE = `ou=people,${BASE}`;
export const GROUPS = `ou=groups,${BASE}`;
export const SERVICE_DN = `cn=anyseat,ou=services,${BASE}`;
export const SERVICE_PASSWORD = 'service-Pw-5520';

const POLICIES = `ou=policies,${BASE}`;
const OLD = '20200101000000Z';

export const staffDn = (staff: Pick<Staff, 'cn' | 'ou'>): string =>
  `cn=${escapeDnValue(staff.cn)},${ouDn(staff.ou, PEOPLE)}`;
export const teamDn = (name: string): string => `cn=${escapeDnValue(name)},${GROUPS}`;

/**
 * A whole directory as LDIF for slapadd, in pieces. slapadd runs no overlays, so memberOf is written here as the overlay
 * would keep it.
 */
export function* ldif(
  centre: CallCentre,
  scheme: Scheme,
  options: { memberOf: boolean; policy: boolean },
): Generator<string> {
  yield entry(BASE, { objectClass: ['dcObject', 'organization'], dc: ['call'], o: ['Call'] });
  for (const name of ['people', 'groups', 'services', 'policies'])
    yield entry(`ou=${name},${BASE}`, { objectClass: ['organizationalUnit'], ou: [name] });
  for (const ou of centre.ous)
    yield entry(ouDn(ou, PEOPLE), { objectClass: ['organizationalUnit'], ou: [ou.at(-1)!] });
  yield entry(SERVICE_DN, {
    objectClass: ['organizationalRole', 'simpleSecurityObject'],
    cn: ['anyseat'],
    userPassword: [hash(SERVICE_PASSWORD, 'SSHA')],
  });
  if (options.policy) yield* policies();
  for (const staff of centre.staff) yield person(staff, scheme, options);
  const holders = new Map<string, string[]>();
  for (const team of centre.teams)
    for (const inner of team.groups) holders.set(inner, [...(holders.get(inner) ?? []), team.name]);
  const members = new Map<string, string[]>();
  for (const staff of centre.staff) {
    for (const name of staff.groups) {
      const list = members.get(name) ?? [];
      if (list.length === 0) members.set(name, list);
      list.push(staffDn(staff));
    }
  }
  for (const team of centre.teams)
    yield group(team, members.get(team.name) ?? [], options.memberOf ? (holders.get(team.name) ?? []) : []);
}

function person(staff: Staff, scheme: Scheme, options: { memberOf: boolean; policy: boolean }): string {
  return entry(staffDn(staff), {
    objectClass: ['inetOrgPerson', 'extensibleObject'],
    uid: [staff.user],
    cn: [staff.cn],
    sn: [staff.displayName],
    displayName: [staff.displayName],
    ...staff.attributes,
    userPassword: [hash(staff.password, scheme)],
    entryUUID: [uuidOf(staff.user)],
    ...(options.memberOf ? { memberOf: staff.groups.map(teamDn) } : {}),
    ...(options.policy ? policyState(staff) : {}),
  });
}

/** What ppolicy can express of a state; the rest are states of Active Directory. */
function policyState({ state }: Staff): Record<string, string[]> {
  const states: Partial<Record<StaffState, Record<string, string[]>>> = {
    locked: { pwdAccountLockedTime: [zulu(0)], pwdPolicySubentry: [`cn=default,${POLICIES}`] },
    disabled: { pwdAccountLockedTime: ['000001010000Z'] },
    'password-expired': { pwdChangedTime: [OLD], pwdPolicySubentry: [`cn=ageing,${POLICIES}`] },
    'in-grace': { pwdChangedTime: [OLD], pwdPolicySubentry: [`cn=grace,${POLICIES}`] },
    'must-change': { pwdReset: ['TRUE'] },
  };
  return state === undefined ? {} : (states[state] ?? {});
}

export const LOCKOUT_SECONDS = 3600;
/** What the policies ask of new passwords. */
export const LEAST_LETTERS = 8;
export const HISTORY = 3;

function* policies(): Generator<string> {
  const common = {
    objectClass: ['applicationProcess', 'pwdPolicy'],
    pwdAttribute: ['userPassword'],
    pwdLockout: ['TRUE'],
    pwdLockoutDuration: [String(LOCKOUT_SECONDS)],
    pwdMaxFailure: ['3'],
    pwdMustChange: ['TRUE'],
    pwdCheckQuality: ['1'],
    pwdMinLength: [String(LEAST_LETTERS)],
    pwdInHistory: [String(HISTORY)],
  };
  yield entry(`cn=default,${POLICIES}`, { cn: ['default'], ...common });
  yield entry(`cn=grace,${POLICIES}`, {
    cn: ['grace'],
    ...common,
    pwdMaxAge: ['86400'],
    pwdGraceAuthnLimit: ['4'],
  });
  yield entry(`cn=ageing,${POLICIES}`, { cn: ['ageing'], ...common, pwdMaxAge: ['86400'] });
}

/** A groupOfNames may not be empty: one without members holds itself out of reach, as administrators do. */
function group(team: Team, members: readonly string[], holders: readonly string[]): string {
  const all = [...members, ...team.groups.map(teamDn)];
  return entry(teamDn(team.name), {
    objectClass: ['groupOfNames', 'extensibleObject'],
    cn: [team.name],
    member: all.length > 0 ? all : [SERVICE_DN],
    ...(holders.length > 0 ? { memberOf: holders.map(teamDn) } : {}),
  });
}

function entry(dn: string, attributes: Record<string, readonly string[]>): string {
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    values.map((value) => line(name, value)),
  );
  return [line('dn', dn), ...lines, '', ''].join('\n');
}

/** Everything in base64: no rule about leading spaces, colons or letters to get wrong (RFC 2849). */
const line = (name: string, value: string): string => `${name}:: ${Buffer.from(value).toString('base64')}`;

const zulu = (ms: number): string =>
  new Date(Date.now() + ms)
    .toISOString()
    .replace(/[-:T]/g, '')
    .replace(/\.\d+Z$/, 'Z');

function hash(password: string, scheme: Scheme): string {
  const salt = createHash('sha256').update(`salt ${password}`).digest().subarray(0, 16);
  if (scheme === 'SSHA') {
    const digest = createHash('sha1').update(password).update(salt.subarray(0, 8)).digest();
    return `{SSHA}${Buffer.concat([digest, salt.subarray(0, 8)]).toString('base64')}`;
  }
  // slapd's defaults: argon2i, 4 MiB, three passes.
  const tag = argon2Sync('argon2i', {
    message: password,
    nonce: salt,
    parallelism: 1,
    tagLength: 32,
    memory: 4096,
    passes: 3,
  });
  const b64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$${b64(salt)}$${b64(tag)}`;
}
