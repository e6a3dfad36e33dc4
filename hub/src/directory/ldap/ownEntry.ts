import { AndFilter, OrFilter } from 'ldapts';
import { escapeDnValue } from '../../domain/distinguishedName.ts';
import type { Connection } from './connection.ts';
import type { LdapEntry } from './entry.ts';
import { misconfigured } from '../faults.ts';
import type { Limit } from './limit.ts';
import { equals, type Profile, type Search } from './profile.ts';
import type { LdapSettings } from './settings.ts';

/** The name that binds for a login name; what was typed as a whole `user@domain` is one already. */
export function bindNameOf(pattern: string, user: string): string {
  if (pattern.includes('={user}')) return pattern.replaceAll('{user}', () => escapeDnValue(user));
  return user.includes('@') && pattern.startsWith('{user}@')
    ? user
    : pattern.replaceAll('{user}', () => user);
}

/**
 * The entry of whoever has just bound, by the server's own word, because a name that binds one person may stand in
 * another one's login attribute: the SIDs of the connection on Active Directory ([MS-ADTS] 3.1.1.3.2.21), else RFC 4532.
 * @throws Fault `directory-unavailable` (terminal) when the server does not say who it is, or does not show them.
 */
export async function ownEntry(
  connection: Connection,
  profile: Profile,
  settings: LdapSettings,
  search: Search,
  limit: Limit,
): Promise<LdapEntry> {
  const found =
    profile.kind === 'active-directory'
      ? await searchBySids(profile, settings, search)
      : await searchByIdentity(await connection.whoAmI(limit), search, profile.attributes);
  if (found.length !== 1)
    throw misconfigured(settings.name, 'does not show the person who has just logged in');
  return found[0]!;
}

/** Among the SIDs of a connection are its person's and those of groups; one of them is a person's. */
async function searchBySids(profile: Profile, settings: LdapSettings, search: Search) {
  const { attributes } = profile;
  const everything = '(objectClass=*)';
  const [own] = await search({ base: '', scope: 'base', filter: everything, attributes: ['tokenGroups'] });
  const sids = own?.allBytes('tokenGroups') ?? [];
  if (sids.length === 0) return [];
  const anyOf = new OrFilter({ filters: sids.map((sid) => equals('objectSid', sid)) });
  const filter = new AndFilter({ filters: [profile.userFilter, anyOf] });
  return search({ base: settings.userBase, scope: 'sub', filter, attributes, sizeLimit: 2 });
}

async function searchByIdentity(identity: string, search: Search, attributes: string[]) {
  const dn = /^dn:(.+)$/is.exec(identity)?.[1];
  if (dn === undefined) return [];
  return search({ base: dn, scope: 'base', filter: '(objectClass=*)', attributes });
}
