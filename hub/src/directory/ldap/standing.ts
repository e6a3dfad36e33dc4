import type { AuthRefusal } from '../../domain/person.ts';
import { bytesOfGuid, type LdapEntry } from './entry.ts';
import { fileTime, fileTimeMs, generalizedTime } from './lockedUntil.ts';
import { equals, type Profile } from './profile.ts';

/** What shows, without a password, that somebody may not log in; read beside all that is read of a person. */
export function standingAttributes(profile: Profile): string[] {
  return profile.kind === 'active-directory'
    ? ['userAccountControl', 'accountExpires']
    : ['pwdAccountLockedTime', 'pwdEndTime', 'nsAccountLock'];
}

/** The entry with this lasting key; `undefined` when the text is none. */
export function byLastingKey(key: string, profile: Profile) {
  if (profile.idAttribute === 'entryUUID') return equals('entryUUID', key);
  const guid = bytesOfGuid(key);
  return guid === undefined ? undefined : equals('objectGUID', guid);
}

/** ADS_UF_ACCOUNTDISABLE ([MS-ADTS] 2.2.16). */
const DISABLED = 0x2;
/** Nought and the highest number there is: never ([MS-ADA1] accountExpires). */
const NEVER = 2n ** 63n - 1n;

/** Why a person would not be let in, so far as it stands in the entry and lasts. A lock that ends by itself is none. */
export function barredBy(entry: LdapEntry, profile: Profile, now: number): AuthRefusal | undefined {
  if (profile.kind === 'active-directory') {
    if ((Number(entry.text('userAccountControl') ?? 0) & DISABLED) !== 0) return 'account-disabled';
    const ends = fileTime(entry.text('accountExpires')) ?? 0n;
    return ends > 0n && ends < NEVER && fileTimeMs(ends) <= now ? 'account-expired' : undefined;
  }
  if (entry.text('nsAccountLock')?.toLowerCase() === 'true') return 'account-disabled';
  // Locked for good, which is how ppolicy disables somebody.
  if (entry.text('pwdAccountLockedTime')?.startsWith('0000')) return 'account-locked';
  const ends = generalizedTime(entry.text('pwdEndTime') ?? '');
  return ends !== undefined && ends <= now ? 'account-expired' : undefined;
}
