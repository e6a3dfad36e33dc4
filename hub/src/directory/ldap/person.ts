import type { Person } from '../../domain/person.ts';
import { formatGuid, type LdapEntry } from './entry.ts';
import { misconfigured } from '../faults.ts';
import type { Profile } from './profile.ts';
import type { LdapSettings } from './settings.ts';

/**
 * An entry as a person.
 * @throws Fault `directory-unavailable` (terminal) when the entry shows nothing that lasts: a login name is no identity.
 */
export function personOf(
  entry: LdapEntry,
  groups: readonly string[],
  profile: Profile,
  settings: LdapSettings,
): Person {
  const user = profile.loginAttributes.map((name) => entry.text(name)).find((name) => name !== undefined);
  const key = lastingKey(entry, profile);
  if (key === undefined || user === undefined) {
    const missing = key === undefined ? profile.idAttribute : profile.loginAttributes.join(', ');
    throw misconfigured(settings.name, `shows no ${missing} of a person: let the service account read it`);
  }
  return {
    id: `${settings.name}:${key}`,
    directory: settings.name,
    user,
    displayName: entry.text(settings.displayNameAttribute) ?? entry.text('cn') ?? user,
    dn: entry.dn,
    groups,
    attributes: Object.fromEntries(
      settings.attributes.flatMap((name) => {
        const values = entry.texts(name);
        return values.length === 0 ? [] : [[name, values] as const];
      }),
    ),
  };
}

function lastingKey(entry: LdapEntry, profile: Profile): string | undefined {
  if (profile.idAttribute === 'entryUUID') return entry.text('entryUUID')?.toLowerCase();
  const guid = entry.bytes('objectGUID');
  return guid === undefined ? undefined : formatGuid(guid);
}
