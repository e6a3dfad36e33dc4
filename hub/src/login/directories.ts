import { Fault, isFault } from '@anyseat/base';
import type { Directory } from '../directory/directory.ts';
import type { AuthAnswer, ChangeAnswer, Person, Standing } from '../domain/person.ts';

/**
 * Several directories, asked in order: the first that knows the name answers, so that the password is tried once.
 * One that is down is passed over, for break-glass accounts behind it; if nobody knows the name then, that is no proof
 * that there is no such person, and the answer is that the directory is unavailable.
 */
export class Directories {
  readonly all: readonly Directory[];

  constructor(all: readonly Directory[]) {
    this.all = all;
  }

  /** @throws Fault `directory-unavailable` (transient) */
  async authenticate(user: string, password: string, signal: AbortSignal): Promise<AuthAnswer> {
    return this.#first((directory) => directory.authenticate(user, password, signal));
  }

  async #first<T extends AuthAnswer | ChangeAnswer>(ask: (directory: Directory) => Promise<T>): Promise<T> {
    let down: Fault | undefined = this.all.length > 0 ? undefined : none();
    for (const directory of this.all) {
      try {
        const answer = await ask(directory);
        if (answer.ok || answer.reason !== 'unknown-user') return answer;
      } catch (error) {
        if (!isFault(error, 'directory-unavailable')) throw error;
        down = error;
      }
    }
    if (down) throw down;
    return { ok: false, reason: 'unknown-user' } as T;
  }

  /**
   * As `authenticate`: the first that knows the name.
   * @throws Fault `directory-unavailable`, `password-change-unknown` (transient)
   */
  async changePassword(
    user: string,
    password: string,
    newPassword: string,
    signal: AbortSignal,
  ): Promise<ChangeAnswer> {
    return this.#first((directory) => directory.changePassword(user, password, newPassword, signal));
  }

  /**
   * Somebody of a directory that hub.yaml does not name any more is not known to be gone.
   * @throws Fault `directory-unavailable`, `directory-cannot-search`
   */
  async look(id: string, signal: AbortSignal): Promise<Standing> {
    const directory = this.all.find(({ name }) => id.startsWith(`${name}:`));
    if (!directory) throw none();
    return directory.look(id, signal);
  }

  /** Which of these groups no directory has; none while one of them cannot say. Never throws. */
  async unknownGroups(groups: readonly string[], signal: AbortSignal): Promise<string[]> {
    let unknown = this.all.length > 0 ? [...groups] : [];
    try {
      for (const directory of this.all)
        if (unknown.length > 0) unknown = await directory.unknownGroups(unknown, signal);
      return unknown;
    } catch {
      return [];
    }
  }

  /** @throws Fault `directory-unavailable`, `directory-cannot-search` */
  async find(user: string, signal: AbortSignal): Promise<Person | undefined> {
    let fault: Fault | undefined;
    for (const directory of this.all) {
      try {
        const person = await directory.find(user, signal);
        if (person) return person;
      } catch (error) {
        if (!(error instanceof Fault) || error.retry === 'bug') throw error;
        fault = error;
      }
    }
    if (fault) throw fault;
    return undefined;
  }
}

const none = () =>
  new Fault('directory-unavailable', 'transient', 'hub.yaml names no directory, so nobody can log in');
