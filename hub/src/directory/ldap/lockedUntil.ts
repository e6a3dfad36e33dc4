import type { LdapEntry } from './entry.ts';
import type { Profile, Search } from './profile.ts';

/** Until when an account is locked: epoch ms, or for good as far as the directory goes. */
export type Lock = { until: number } | 'until-unlocked';

/** 1601-01-01 to 1970-01-01 in ms; Active Directory counts from there in steps of 100 ns. */
const FILETIME_EPOCH_MS = 11_644_473_600_000n;

/**
 * When a lock ends by itself, read after the fact and only for people who are locked: the lock's time and the policy's
 * duration. `undefined` when the service account may not read them, or when there is no lock.
 */
export async function readLock(
  person: LdapEntry,
  profile: Profile,
  search: Search,
): Promise<Lock | undefined> {
  return profile.kind === 'active-directory'
    ? readAdLock(person, profile, search)
    : readPolicyLock(person, profile, search);
}

async function readAdLock(person: LdapEntry, profile: Profile, search: Search): Promise<Lock | undefined> {
  const [fresh] = await readEntry(search, person.dn, ['lockoutTime', 'msDS-ResultantPSO']);
  const lockedAt = fileTime(fresh?.text('lockoutTime'));
  if (lockedAt === undefined || lockedAt === 0n) return undefined;
  const policy = fresh?.text('msDS-ResultantPSO');
  const [source] = await readEntry(search, policy ?? profile.root, [
    'lockoutDuration',
    'msDS-LockoutDuration',
  ]);
  const duration = fileTime(source?.text('msDS-LockoutDuration') ?? source?.text('lockoutDuration'));
  if (duration === undefined) return undefined;
  // Durations are negative; nought, and the lowest number there is, mean: until somebody unlocks it.
  if (duration === 0n || duration <= -(2n ** 63n)) return 'until-unlocked';
  return { until: fileTimeMs(lockedAt - duration) };
}

/** OpenLDAP's ppolicy; the lock itself was read along with the person (draft-behera-ldap-password-policy 5.3.3). */
async function readPolicyLock(
  person: LdapEntry,
  profile: Profile,
  search: Search,
): Promise<Lock | undefined> {
  const lockedAt = person.text('pwdAccountLockedTime');
  if (lockedAt === undefined) return undefined;
  if (lockedAt.startsWith('0000')) return 'until-unlocked';
  const start = generalizedTime(lockedAt);
  const policy = await readPolicy(person, profile, search, ['pwdLockoutDuration']);
  if (policy === undefined || start === undefined) return undefined;
  const seconds = Number(policy.text('pwdLockoutDuration') ?? 0);
  return seconds > 0 ? { until: start + seconds * 1000 } : 'until-unlocked';
}

/**
 * OpenLDAP's policy of a person. Which one is the default stands in the server's own settings only: without a name, it is
 * the only one there is.
 */
export async function readPolicy(
  person: LdapEntry,
  profile: Profile,
  search: Search,
  attributes: string[],
): Promise<LdapEntry | undefined> {
  const name = person.text('pwdPolicySubentry') ?? profile.passwordPolicy;
  if (name !== undefined) return (await readEntry(search, name, attributes))[0];
  const filter = '(objectClass=pwdPolicy)';
  const found = await search({ base: profile.root, scope: 'sub', filter, attributes, sizeLimit: 2 });
  return found.length === 1 ? found[0] : undefined;
}

export function readEntry(search: Search, base: string, attributes: string[]): Promise<LdapEntry[]> {
  return search({ base, scope: 'base', filter: '(objectClass=*)', attributes });
}

/** A time or a length of time as Active Directory writes them: steps of 100 ns. */
export function fileTime(text: string | undefined): bigint | undefined {
  return text !== undefined && /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

/** Epoch ms of a time. */
export const fileTimeMs = (time: bigint): number => Number(time / 10_000n - FILETIME_EPOCH_MS);

/** `20261123093000Z`, with or without a fraction (RFC 4517 section 3.3.13); directories write UTC. */
export function generalizedTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
