import { AndFilter, ExtensibleFilter, OrFilter, type Filter } from 'ldapts';
import type { Clock } from '@anyseat/base';
import { unknownOf } from '../../domain/namedGroups.ts';
import { siblingSid, type LdapEntry } from './entry.ts';
import { equals, type Profile, type Search } from './profile.ts';
import type { LdapSettings } from './settings.ts';

/** LDAP_MATCHING_RULE_IN_CHAIN: a member, or a member of a member, however deep ([MS-ADTS] 3.1.1.3.4.4.3). */
const IN_CHAIN = '1.2.840.113556.1.4.1941';

/** Groups asked about in one search. */
const AT_ONCE = 100;
/** Deeper nesting is a mistake, and more groups than this are no answer that somebody meant. */
const DEEPEST = 64;
const MOST = 20_000;
/** Which entry is a domain's primary group changes as good as never. */
const PRIMARY_GROUP_MS = 5 * 60_000;
const MOST_REMEMBERED = 50_000;

interface Remembered<T> {
  value: T;
  until: number;
}

/**
 * The groups of a person: direct, primary, and the groups that hold those. Who is a member is asked at every login;
 * which groups hold a group is remembered for `groups.cacheSeconds`, because it is the same for everybody.
 */
export class Groups {
  readonly #settings: LdapSettings;
  readonly #clock: Clock;
  /** By the group's DN in lower case. */
  readonly #parents = new Map<string, Remembered<readonly string[]>>();
  readonly #primary = new Map<string, Remembered<readonly string[]>>();

  constructor(settings: LdapSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Distinguished names, each once. @throws what `search` throws: half an answer is none. */
  async of(person: LdapEntry, profile: Profile, search: Search): Promise<string[]> {
    if (profile.groupsHow === 'none') return [];
    const primary = await this.#primaryGroup(person, profile, search);
    // Active Directory shows 1500 values at a time; who is in more groups is looked up the other way round.
    if (profile.groupsHow === 'inChain' || person.isPartial('memberOf'))
      return unique([...primary, ...(await this.#inChain([person.dn, ...primary], profile, search))]);
    const direct =
      profile.groupsHow === 'memberOf'
        ? person.texts('memberOf')
        : await this.#holding(person, profile, search);
    const groups = unique([...direct, ...primary]);
    return this.#settings.groups.nested ? this.#walk(groups, profile, search) : groups;
  }

  /** Which of these names, plain or distinguished, no entry has. @throws what `search` throws */
  async unknown(wanted: readonly string[], profile: Profile, search: Search): Promise<string[]> {
    if (profile.groupsHow === 'none' || wanted.length === 0) return [];
    const named = profile.kind === 'active-directory' ? 'distinguishedName' : 'entryDN';
    const found: string[] = [];
    for (let from = 0; from < wanted.length; from += AT_ONCE) {
      const filters = wanted
        .slice(from, from + AT_ONCE)
        .map((group) => equals(group.includes('=') ? named : 'cn', group));
      const entries = await search({
        base: profile.root,
        scope: 'sub',
        filter: any(filters),
        attributes: ['1.1'],
        pageSize: this.#settings.pageSize,
      });
      found.push(...entries.map(({ dn }) => dn));
    }
    return unknownOf(wanted, found);
  }

  async #inChain(dns: readonly string[], profile: Profile, search: Search): Promise<string[]> {
    const { nested } = this.#settings.groups;
    const filters = dns.map((dn) =>
      nested
        ? new ExtensibleFilter({ matchType: 'member', rule: IN_CHAIN, value: dn })
        : equals('member', dn),
    );
    return this.#groupNames(any(filters), profile, search);
  }

  /** Upwards level by level; a group already seen is not followed again, so a cycle ends. */
  async #walk(direct: readonly string[], profile: Profile, search: Search): Promise<string[]> {
    const seen = new Map(direct.map((dn) => [dn.toLowerCase(), dn]));
    let level = [...seen.values()];
    for (let depth = 0; level.length > 0 && depth < DEEPEST && seen.size < MOST; depth++) {
      const above = await this.#parentsOf(level, profile, search);
      level = above.filter((dn) => !seen.has(dn.toLowerCase()));
      for (const dn of level) seen.set(dn.toLowerCase(), dn);
    }
    return [...seen.values()];
  }

  async #parentsOf(groups: readonly string[], profile: Profile, search: Search): Promise<string[]> {
    const now = this.#clock.monotonic();
    const known: (readonly string[])[] = [];
    const unknown: string[] = [];
    for (const dn of groups) {
      const remembered = this.#parents.get(dn.toLowerCase());
      if (remembered !== undefined && remembered.until > now) known.push(remembered.value);
      else unknown.push(dn);
    }
    const asked = unknown.length === 0 ? [] : await this.#askParents(unknown, profile, search);
    return unique([...known, ...asked].flat());
  }

  async #askParents(
    groups: readonly string[],
    profile: Profile,
    search: Search,
  ): Promise<(readonly string[])[]> {
    const until = this.#clock.monotonic() + this.#settings.groups.cacheSeconds * 1000;
    const parents =
      profile.groupsHow === 'memberOf'
        ? await this.#memberOfGroups(groups, profile, search)
        : await this.#holdersOfGroups(groups, profile, search);
    if (this.#parents.size + parents.size > MOST_REMEMBERED) this.#parents.clear();
    for (const [dn, value] of parents) this.#parents.set(dn, { value, until });
    return [...parents.values()];
  }

  /** The memberOf of many groups at a time. A group that is not found (gone, or hidden) has no parents. */
  async #memberOfGroups(groups: readonly string[], profile: Profile, search: Search) {
    const attribute = profile.kind === 'active-directory' ? 'distinguishedName' : 'entryDN';
    const parents = new Map<string, readonly string[]>(groups.map((dn) => [dn.toLowerCase(), []]));
    for (let from = 0; from < groups.length; from += AT_ONCE) {
      const some = groups.slice(from, from + AT_ONCE);
      const found = await search({
        base: profile.root,
        scope: 'sub',
        filter: any(some.map((dn) => equals(attribute, dn))),
        attributes: ['memberOf'],
        pageSize: this.#settings.pageSize,
      });
      for (const entry of found) parents.set(entry.dn.toLowerCase(), entry.texts('memberOf'));
    }
    return parents;
  }

  /** Without memberOf there is no asking for many at a time: the answer would not say which holds which. */
  async #holdersOfGroups(groups: readonly string[], profile: Profile, search: Search) {
    const parents = new Map<string, readonly string[]>();
    for (const dn of groups)
      parents.set(dn.toLowerCase(), await this.#groupNames(any(this.#membersByDn(dn)), profile, search));
    return parents;
  }

  /** The groups that name a person, by DN or by login name. */
  async #holding(person: LdapEntry, profile: Profile, search: Search): Promise<string[]> {
    const login = person.text(profile.loginAttributes[0]!);
    const byName = login === undefined ? [] : this.#memberAttributes(true).map((name) => equals(name, login));
    return this.#groupNames(any([...this.#membersByDn(person.dn), ...byName]), profile, search);
  }

  #membersByDn(dn: string): Filter[] {
    return this.#memberAttributes(false).map((name) => equals(name, dn));
  }

  #memberAttributes(byName: boolean): string[] {
    return this.#settings.groups.memberAttributes.filter(
      (name) => (name.toLowerCase() === 'memberuid') === byName,
    );
  }

  async #groupNames(filter: Filter, profile: Profile, search: Search): Promise<string[]> {
    const { pageSize } = this.#settings;
    const found = await search({
      base: profile.groupBase,
      scope: 'sub',
      filter,
      attributes: ['1.1'],
      pageSize,
    });
    return found.map((entry) => entry.dn);
  }

  /** The group that no memberOf and no member shows: by primaryGroupID on Active Directory, by gidNumber elsewhere. */
  async #primaryGroup(person: LdapEntry, profile: Profile, search: Search): Promise<readonly string[]> {
    const filter = primaryGroupFilter(person, profile);
    if (filter === undefined) return [];
    const key = filter.toString();
    const remembered = this.#primary.get(key);
    if (remembered !== undefined && remembered.until > this.#clock.monotonic()) return remembered.value;
    const found = await search({
      base: profile.root,
      scope: 'sub',
      filter,
      attributes: ['1.1'],
      sizeLimit: 5,
    });
    const value = found.map((entry) => entry.dn);
    if (this.#primary.size >= MOST_REMEMBERED) this.#primary.clear();
    this.#primary.set(key, { value, until: this.#clock.monotonic() + PRIMARY_GROUP_MS });
    return value;
  }
}

function primaryGroupFilter(person: LdapEntry, profile: Profile): Filter | undefined {
  if (profile.kind === 'active-directory') {
    const [sid, id] = [person.bytes('objectSid'), Number(person.text('primaryGroupID'))];
    const group = sid === undefined || !Number.isInteger(id) || id < 0 ? undefined : siblingSid(sid, id);
    return group === undefined ? undefined : equals('objectSid', group);
  }
  const gid = person.text('gidNumber');
  if (gid === undefined) return undefined;
  return new AndFilter({ filters: [equals('objectClass', 'posixGroup'), equals('gidNumber', gid)] });
}

const any = (filters: Filter[]): Filter => (filters.length === 1 ? filters[0]! : new OrFilter({ filters }));

/** By lower case: one server spells one name in one way. */
const unique = (dns: readonly string[]): string[] => [
  ...new Map(dns.map((dn) => [dn.toLowerCase(), dn])).values(),
];
