import { escapeDnValue } from '../../domain/distinguishedName.ts';
import type { Connection } from './connection.ts';
import type { LdapEntry } from './entry.ts';
import { misconfigured } from '../faults.ts';
import type { Limit } from './limit.ts';
import { attributesOf, equals, type Profile, type Search } from './profile.ts';
import type { LdapSettings } from './settings.ts';

/** The name that binds for a login name; what was typed as a whole `user@domain` is one already. */
export function bindNameOf(pattern: string, user: string): string {
  if (pattern.includes('={user}')) return pattern.replaceAll('{user}', () => escapeDnValue(user));
  return user.includes('@') && pattern.startsWith('{user}@')
    ? user
    : pattern.replaceAll('{user}', () => user);
}

/**
 * The entry of whoever has just bound, by the server's own word (RFC 4532): a name that binds one person may stand in
 * another one's login attribute.
 * @throws Fault `directory-unavailable` (terminal) when the server does not say who it is, or does not show them.
 */
export async function ownEntry(
  connection: Connection,
  profile: Profile,
  settings: LdapSettings,
  search: Search,
  limit: Limit,
): Promise<LdapEntry> {
  const identity = await connection.whoAmI(limit);
  const dn = /^dn:(.+)$/is.exec(identity)?.[1];
  const account = /^u:[^\\]*\\(.+)$/is.exec(identity)?.[1];
  const attributes = attributesOf(profile, settings);
  const found =
    dn !== undefined
      ? await search({ base: dn, scope: 'base', filter: '(objectClass=*)', attributes })
      : account !== undefined
        ? await search({
            base: settings.userBase,
            scope: 'sub',
            filter: equals('sAMAccountName', account),
            attributes,
          })
        : [];
  if (found.length !== 1)
    throw misconfigured(settings.name, 'does not show the person who has just logged in');
  return found[0]!;
}
