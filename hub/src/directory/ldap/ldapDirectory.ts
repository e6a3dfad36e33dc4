import { AndFilter, OrFilter, type Filter } from 'ldapts';
import type { Clock, Log } from '@anyseat/base';
import type { AuthAnswer, AuthRefusal, ChangeAnswer, Person, Standing } from '../../domain/person.ts';
import type { Directory } from '../directory.ts';
import type { BindAnswer } from './connection.ts';
import type { LdapEntry } from './entry.ts';
import { cannotSearch, misconfigured, unavailable } from '../faults.ts';
import { Groups } from './groups.ts';
import { limitOf, orLate, type Limit } from './limit.ts';
import { readLock } from './lockedUntil.ts';
import { bindNameOf, ownEntry } from './ownEntry.ts';
import { PasswordChange, type Refused } from './passwordChange.ts';
import { personOf } from './person.ts';
import { equals, readProfile, type Profile, type Search } from './profile.ts';
import { refusalOf } from './refusal.ts';
import { RESULT } from './resultCodes.ts';
import type { Server } from './server.ts';
import { NoServer, Servers } from './servers.ts';
import type { LdapSettings } from './settings.ts';
import { ResultCode, ServerTrouble } from './trouble.ts';
import { barredBy, byLastingKey, standingAttributes } from './standing.ts';
import { WrongPasswordPace } from './wrongPasswordPace.ts';

/** Nobody's name is longer; what is longer is not sent to a server. */
const LONGEST_USER = 256;

/**
 * People in an LDAP server or Active Directory. One attempt typed is one bind at most, sent to one server; searches go
 * to the next server when one fails. Opens at once and reaches its servers in its own time.
 */
export class LdapDirectory implements Directory {
  readonly name: string;
  readonly changesPasswords = true;
  readonly #settings: LdapSettings;
  readonly #clock: Clock;
  readonly #servers: Servers;
  readonly #groups: Groups;
  readonly #pace: WrongPasswordPace;
  readonly #passwordChange: PasswordChange;
  #profile: Profile | undefined;
  #reading: Promise<Profile> | undefined;

  constructor(settings: LdapSettings, deps: { clock: Clock; log: Log }) {
    this.name = settings.name;
    this.#settings = settings;
    this.#clock = deps.clock;
    this.#servers = new Servers(settings, deps.clock, deps.log.child({ directory: settings.name }));
    this.#groups = new Groups(settings, deps.clock);
    this.#pace = new WrongPasswordPace(deps.clock);
    this.#passwordChange = new PasswordChange({
      settings,
      clock: deps.clock,
      servers: this.#servers,
      pace: this.#pace,
      searchBy: (limit) => this.#searchBy(limit),
      readProfile: (search, limit) => this.#readProfile(search, limit),
      findOne: (user, profile, limit) => this.#findOne(user, profile, limit),
      refusalOf: (answer) => this.#refusalOf(answer),
      refuse: (reason, entry, profile, search) => this.#refuse(reason, entry, profile, search),
    });
  }

  get locksAfter(): number | undefined {
    return this.#profile?.locksAfter;
  }

  async authenticate(user: string, password: string, signal: AbortSignal): Promise<AuthAnswer> {
    if (password === '') return { ok: false, reason: 'empty-password' };
    const name = user.trim();
    if (!isName(name)) return { ok: false, reason: 'unknown-user' };
    return this.#inTime(signal, (limit) =>
      this.#settings.bindPattern === undefined
        ? this.#searchThenBind(name, password, limit)
        : this.#bindThenSearch(name, password, limit),
    );
  }

  async changePassword(
    user: string,
    password: string,
    newPassword: string,
    signal: AbortSignal,
  ): Promise<ChangeAnswer> {
    if (password === '') return { ok: false, reason: 'empty-password' };
    if (newPassword === '') return { ok: false, reason: 'password-too-short' };
    const name = user.trim();
    if (!isName(name)) return { ok: false, reason: 'unknown-user' };
    const typed = { password, newPassword };
    return this.#inTime(signal, (limit) => this.#passwordChange.of(name, typed, limit));
  }

  async find(user: string, signal: AbortSignal): Promise<Person | undefined> {
    if (this.#settings.bindPattern !== undefined) throw cannotSearch(this.name);
    const name = user.trim();
    if (!isName(name)) return undefined;
    return this.#inTime(signal, async (limit) => {
      const search = this.#searchBy(limit);
      const profile = await this.#readProfile(search, limit);
      const [entry, another] = await search(this.#requestFor(name, profile));
      if (entry === undefined || another !== undefined) return undefined;
      return this.#personOf(entry, profile, search);
    });
  }

  async look(id: string, signal: AbortSignal): Promise<Standing> {
    if (this.#settings.bindPattern !== undefined) throw cannotSearch(this.name);
    return this.#inTime(signal, async (limit) => {
      const search = this.#searchBy(limit);
      const profile = await this.#readProfile(search, limit);
      const key = byLastingKey(id.slice(this.name.length + 1), profile);
      if (key === undefined) return undefined;
      const [entry] = await search({
        base: this.#settings.userBase,
        scope: 'sub',
        filter: new AndFilter({ filters: [profile.userFilter, key] }),
        attributes: [...new Set([...profile.attributes, ...standingAttributes(profile)])],
        sizeLimit: 2,
      });
      if (entry === undefined) return undefined;
      const person = await this.#personOf(entry, profile, search);
      return { person, barred: barredBy(entry, profile, this.#clock.now()) };
    });
  }

  async unknownGroups(groups: readonly string[], signal: AbortSignal): Promise<string[]> {
    if (this.#settings.bindPattern !== undefined) throw cannotSearch(this.name);
    return this.#inTime(signal, async (limit) => {
      const search = this.#searchBy(limit);
      return this.#groups.unknown(groups, await this.#readProfile(search, limit), search);
    });
  }

  health(): { ok: boolean; text: string } {
    const { all, problem } = this.#servers;
    const ok = all.some((server) => server.state.is === 'up');
    const dns = problem === undefined ? [] : [`its servers cannot be found in DNS (${problem})`];
    const blind =
      this.#settings.bindPattern === undefined
        ? []
        : ['without a service account nobody can be looked up, for explain or while they are at work'];
    return { ok, text: `directory ${this.name}: ${[...all.map(inWords), ...dns, ...blind].join('; ')}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers[Symbol.asyncDispose]();
  }

  async #searchThenBind(user: string, password: string, limit: Limit): Promise<AuthAnswer> {
    const profile = await this.#readProfile(this.#searchBy(limit), limit);
    const found = await this.#findOne(user, profile, limit);
    if ('ok' in found) return found;
    const { entry, server } = found;
    const answer = await this.#bind(entry.dn, password, server, limit);
    const search = this.#searchBy(limit);
    const refusal = this.#refusalOf(answer);
    if (refusal === undefined) return { ok: true, person: await this.#personOf(entry, profile, search) };
    const refused = await this.#refuse(refusal, entry, profile, search);
    // OpenLDAP lets a person change it who could bind; Active Directory takes it by the service account.
    const changeable = profile.kind === 'active-directory' || answer.code === 0;
    return changeable && TO_BE_CHANGED.has(refused.reason) ? { ...refused, changeable } : refused;
  }

  async #findOne(
    user: string,
    profile: Profile,
    limit: Limit,
  ): Promise<{ entry: LdapEntry; server: Server } | Refused> {
    const { entries, server } = await this.#servers.search(this.#requestFor(user, profile), limit);
    const [entry, another] = entries;
    if (another !== undefined) return { ok: false, reason: 'ambiguous-user' };
    // An entry without a name would make the bind an anonymous one.
    if (entry !== undefined && entry.dn !== '') return { entry, server };
    await this.#pace.wait(limit);
    return { ok: false, reason: 'unknown-user' };
  }

  async #bind(dn: string, password: string, server: Server, limit: Limit): Promise<BindAnswer> {
    const started = this.#clock.monotonic();
    const answer = await this.#servers.bindOn(limit, server, (connection) =>
      connection.bind(dn, password, limit),
    );
    if (answer.code !== 0) this.#pace.took(this.#clock.monotonic() - started);
    return answer;
  }

  /** Without a service account: the person's own connection shows who they are. */
  async #bindThenSearch(user: string, password: string, limit: Limit): Promise<AuthAnswer> {
    const name = bindNameOf(this.#settings.bindPattern!, user);
    return this.#servers.bindOn(limit, undefined, async (connection) => {
      const refusal = this.#refusalOf(await connection.bind(name, password, limit));
      if (refusal !== undefined) return { ok: false, reason: refusal };
      const search: Search = (request) => connection.search(request, limit);
      const profile = await this.#readProfile(search, limit);
      const entry = await ownEntry(connection, profile, this.#settings, search, limit);
      return { ok: true, person: await this.#personOf(entry, profile, search) };
    });
  }

  #refusalOf(answer: BindAnswer): AuthRefusal | undefined {
    const refusal = refusalOf(answer);
    if (refusal !== undefined || answer.code === 0) return refusal;
    if (answer.code === RESULT.strongerAuthRequired || answer.code === RESULT.confidentialityRequired)
      throw misconfigured(this.name, 'takes passwords over TLS only');
    throw unavailable(this.name, `a server answers a bind with LDAP result ${answer.code}`);
  }

  /** A locked person is told so, and until when, where the directory says it only to those who look. */
  async #refuse(reason: AuthRefusal, entry: LdapEntry, profile: Profile, search: Search): Promise<Refused> {
    const mayBeLocked =
      reason === 'account-locked' ||
      (reason === 'wrong-password' && entry.text('pwdAccountLockedTime') !== undefined);
    if (!mayBeLocked) return { ok: false, reason };
    const lock = await readLock(entry, profile, search).catch(() => undefined);
    if (lock === undefined) return { ok: false, reason };
    if (lock === 'until-unlocked') return { ok: false, reason: 'account-locked' };
    const isOver = lock.until <= this.#clock.now();
    if (isOver) return { ok: false, reason };
    return { ok: false, reason: 'account-locked', until: lock.until };
  }

  async #personOf(entry: LdapEntry, profile: Profile, search: Search): Promise<Person> {
    const groups = await this.#groups.of(entry, profile, search);
    return personOf(entry, groups, profile, this.#settings);
  }

  #requestFor(user: string, profile: Profile) {
    const names = profile.loginAttributes.map((attribute) => equals(attribute, user));
    const who: Filter = names.length === 1 ? names[0]! : new OrFilter({ filters: names });
    return {
      base: this.#settings.userBase,
      scope: 'sub' as const,
      filter: new AndFilter({ filters: [profile.userFilter, who] }),
      attributes: profile.attributes,
      sizeLimit: 2,
    };
  }

  #searchBy(limit: Limit): Search {
    return async (request) => (await this.#servers.search(request, limit)).entries;
  }

  /** Read once; while one login reads it the others wait, and one of them reads it when that fails. */
  async #readProfile(search: Search, limit: Limit): Promise<Profile> {
    while (this.#profile === undefined) {
      if (this.#reading === undefined) {
        this.#reading = readProfile(this.#settings, search).finally(() => (this.#reading = undefined));
        this.#profile = await this.#reading;
      } else {
        const read = this.#reading.catch(() => undefined);
        await orLate(this.#clock, limit, read, () => unavailable(this.name, 'no server answers'));
      }
    }
    return this.#profile;
  }

  /** One deadline over everything; what goes wrong inside becomes a fault at this edge. */
  async #inTime<T>(signal: AbortSignal, act: (limit: Limit) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await act(limitOf(this.#clock, this.#settings.limits.answerMs, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NoServer) throw unavailable(this.name, error.message, error);
      if (error instanceof ServerTrouble)
        throw unavailable(this.name, `${error.server}: ${error.message}`, error);
      if (error instanceof ResultCode)
        throw misconfigured(this.name, `answers a search with LDAP result ${error.code}`, error);
      throw error;
    }
  }
}

/** What its person can mend at the login screen. */
const TO_BE_CHANGED: ReadonlySet<AuthRefusal> = new Set(['password-expired', 'password-must-change']);

const isName = (user: string): boolean => user !== '' && user.length <= LONGEST_USER && !user.includes('\0');

function inWords({ url, state }: Server): string {
  if (state.is === 'unknown') return `${url} has not been reached yet`;
  if (state.is === 'up') return `${url} answers`;
  return `${url} has not answered since ${new Date(state.since).toISOString()} (${state.why})`;
}
