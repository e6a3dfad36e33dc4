import type { Clock } from '@anyseat/base';
import type { AuthAnswer, AuthRefusal, ChangeAnswer } from '../../domain/person.ts';
import { changeUnknown, misconfigured, unavailable } from '../faults.ts';
import type { BindAnswer, Connection } from './connection.ts';
import type { LdapEntry } from './entry.ts';
import type { Limit } from './limit.ts';
import { bindAndChange, changeForPerson, meaningOf, type ChangeAttempt, type Typed } from './newPassword.ts';
import { bindNameOf, ownEntry } from './ownEntry.ts';
import { brokenAdRule, brokenPolicyRule, type BrokenRule } from './passwordRules.ts';
import { personOf } from './person.ts';
import type { Profile, Search } from './profile.ts';
import type { Server } from './server.ts';
import { NoServer, type Servers } from './servers.ts';
import type { LdapSettings } from './settings.ts';
import { ServerTrouble } from './trouble.ts';
import type { WrongPasswordPace } from './wrongPasswordPace.ts';

export type Refused = Extract<AuthAnswer, { ok: false }>;

/** What a change shares with a login: finding the person, and telling why not. */
export interface ChangeParts {
  settings: LdapSettings;
  clock: Clock;
  servers: Servers;
  pace: WrongPasswordPace;
  searchBy: (limit: Limit) => Search;
  readProfile: (search: Search, limit: Limit) => Promise<Profile>;
  findOne: (
    user: string,
    profile: Profile,
    limit: Limit,
  ) => Promise<{ entry: LdapEntry; server: Server } | Refused>;
  refusalOf: (answer: BindAnswer) => AuthRefusal | undefined;
  refuse: (reason: AuthRefusal, entry: LdapEntry, profile: Profile, search: Search) => Promise<Refused>;
}

/** Gives people other passwords. Sent once, to one server: one try of the old one. */
export class PasswordChange {
  readonly #parts: ChangeParts;
  readonly #directory: string;

  constructor(parts: ChangeParts) {
    this.#parts = parts;
    this.#directory = parts.settings.name;
  }

  /** @throws as the directory's other requests; Fault `password-change-unknown` where it was sent and not answered */
  of(user: string, typed: Typed, limit: Limit): Promise<ChangeAnswer> {
    return this.#parts.settings.bindPattern === undefined
      ? this.#searchThenChange(user, typed, limit)
      : this.#bindThenChange(user, typed, limit);
  }

  async #searchThenChange(user: string, typed: Typed, limit: Limit): Promise<ChangeAnswer> {
    const { clock, findOne, pace, readProfile, searchBy } = this.#parts;
    const search = searchBy(limit);
    const profile = await readProfile(search, limit);
    const found = await findOne(user, profile, limit);
    if ('ok' in found) return found;
    const { entry, server } = found;
    const isAd = profile.kind === 'active-directory';
    const change = isAd ? changeForPerson : bindAndChange;
    const started = clock.monotonic();
    const attempt = await this.#sendOnce(
      limit,
      server,
      (connection) => change(connection, entry.dn, typed, limit),
      isAd ? 'searches' : 'binds',
    );
    const answer = await this.#answerOf(attempt, entry, typed, profile, search);
    if (!answer.ok && answer.reason === 'wrong-password') pace.took(clock.monotonic() - started);
    const isByRights = isAd && !answer.ok && answer.reason === 'password-not-changeable';
    return isByRights && (await this.#isWrong(entry.dn, typed.password, server, limit))
      ? { ok: false, reason: 'wrong-password' }
      : answer;
  }

  async #bindThenChange(user: string, typed: Typed, limit: Limit): Promise<ChangeAnswer> {
    const { readProfile, refusalOf, settings } = this.#parts;
    const name = bindNameOf(settings.bindPattern!, user);
    return this.#sendOnce(limit, undefined, async (connection): Promise<ChangeAnswer> => {
      const bound = await connection.bind(name, typed.password, limit);
      const refusal = refusalOf(bound);
      // One with grace left is good for a change; one that must be changed is good for nothing else than that, not even to
      // find out whose it is.
      if (refusal !== undefined && bound.graceLeft === undefined) return { ok: false, reason: refusal };
      const search: Search = (request) => connection.search(request, limit);
      const profile = await readProfile(search, limit);
      const entry = await ownEntry(connection, profile, settings, search, limit);
      const reply =
        profile.kind === 'active-directory'
          ? await connection.changeUnicodePwd(entry.dn, typed.password, typed.newPassword, limit)
          : await connection.changeOwnPassword(typed.password, typed.newPassword, limit);
      return this.#answerOf({ reply }, entry, typed, profile, search);
    });
  }

  /**
   * Where a server looked at an account's rights and not at its password: what it said is for those only who know the
   * password. Nothing was tried before.
   */
  async #isWrong(dn: string, password: string, server: Server, limit: Limit): Promise<boolean> {
    const { refusalOf, servers } = this.#parts;
    const answer = await servers.bindOn(limit, server, (connection) => connection.bind(dn, password, limit));
    return refusalOf(answer) === 'wrong-password';
  }

  /** Where the answer is lost, that is said; what fails before anything was sent is what it is. */
  async #sendOnce<T>(
    limit: Limit,
    preferred: Server | undefined,
    act: (connection: Connection) => Promise<T>,
    lane: 'binds' | 'searches' = 'binds',
  ): Promise<T> {
    let began = false;
    const send = (connection: Connection) => {
      began = true;
      return act(connection);
    };
    try {
      return await this.#parts.servers.bindOn(limit, preferred, send, lane);
    } catch (error) {
      if (!began || !(error instanceof NoServer || error instanceof ServerTrouble)) throw error;
      throw changeUnknown(this.#directory, error.message, error);
    }
  }

  /** What a directory's answer comes to, for its person. */
  async #answerOf(
    attempt: ChangeAttempt,
    entry: LdapEntry,
    typed: Typed,
    profile: Profile,
    search: Search,
  ): Promise<ChangeAnswer> {
    const { refusalOf, refuse, settings } = this.#parts;
    if ('refused' in attempt)
      return withUntil(await refuse(refusalOf(attempt.refused)!, entry, profile, search));
    const { reply } = attempt;
    if (reply.code === 0) {
      const { id, user } = personOf(entry, [], profile, settings);
      return { ok: true, id, user };
    }
    const meaning = meaningOf(reply);
    switch (meaning) {
      case 'wrong-password':
      case 'password-not-changeable':
        return { ok: false, reason: meaning };
      case 'account-locked':
        return withUntil(await refuse(meaning, entry, profile, search));
      case 'rule':
        return { ok: false, ...(await this.#brokenRule(attempt, entry, typed, profile, search)) };
      case 'no-tls':
        throw misconfigured(this.#directory, 'takes new passwords over TLS only');
      case 'elsewhere':
        throw misconfigured(this.#directory, 'takes new passwords on another of its servers only');
      case undefined: {
        const text = `a server answers a change of password with LDAP result ${reply.code}`;
        throw unavailable(this.#directory, text);
      }
      default:
        return meaning satisfies never;
    }
  }

  /** Which rule it was, where that can be found out: that it was one is certain. */
  async #brokenRule(
    { reply }: Extract<ChangeAttempt, { reply: unknown }>,
    entry: LdapEntry,
    { newPassword }: Typed,
    profile: Profile,
    search: Search,
  ): Promise<BrokenRule> {
    const found =
      profile.kind === 'active-directory'
        ? brokenAdRule(entry, newPassword, profile, search, this.#parts.clock)
        : brokenPolicyRule(reply, entry, profile, search);
    return found.catch((): BrokenRule => ({ reason: 'password-not-accepted' }));
  }
}

const withUntil = ({ reason, until }: Refused): ChangeAnswer => ({
  ok: false,
  reason,
  ...(until === undefined ? {} : { fields: { until } }),
});
