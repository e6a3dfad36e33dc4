import type { AuthAnswer, ChangeAnswer, Person, Standing } from '../domain/person.ts';

/**
 * Who people are, and whether a password is theirs. The password is used for one bind and dropped: never kept,
 * logged or sent to a second server after it was sent to a first (rule 8).
 */
export interface Directory extends AsyncDisposable {
  readonly name: string;
  /** Whether anybody's password can be changed here; absent where none can. */
  readonly changesPasswords?: boolean;
  /** After how many wrong passwords it locks an account, where it does and shows it; known once it has been asked something. */
  readonly locksAfter?: number | undefined;
  /**
   * One attempt typed is one bind at most. Never takes longer than the directory's own deadline.
   * @throws Fault `directory-unavailable`: `transient` when it is down, hung, or refuses the service account;
   * `terminal` when it answers, and an operator must change a setting before the answer is of use.
   */
  authenticate(user: string, password: string, signal: AbortSignal): Promise<AuthAnswer>;
  /**
   * Gives a person another password, if `password` is theirs: that is one try of it, as a bind is one, never more. Never
   * sent to a second server, and never twice.
   * @throws Fault `directory-unavailable`: nothing was asked of it; `password-change-unknown` (transient): it was asked, and
   * did not answer.
   */
  changePassword(
    user: string,
    password: string,
    newPassword: string,
    signal: AbortSignal,
  ): Promise<ChangeAnswer>;
  /**
   * The person behind a login name, without a password, for `explain`.
   * @throws Fault `directory-unavailable`; `directory-cannot-search` where it has no service account.
   */
  find(user: string, signal: AbortSignal): Promise<Person | undefined>;
  /**
   * What has become of the person with this id.
   * @throws as `find`
   */
  look(id: string, signal: AbortSignal): Promise<Standing>;
  /**
   * Which of these groups it does not have: full names, or plain ones, as allocators write them. Whoever writes a rule is told,
   * so none is named of which it is not certain.
   * @throws as `find`
   */
  unknownGroups(groups: readonly string[], signal: AbortSignal): Promise<string[]>;
  /** Whether the directory answers now, in words, for status and warnings. */
  health(): { ok: boolean; text: string };
}
