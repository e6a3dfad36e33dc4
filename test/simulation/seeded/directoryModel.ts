import { Fault, SECOND } from '@anyseat/base';
import type { Directory } from '../../../hub/src/directory/directory.ts';
import type { AuthAnswer, Person } from '../../../hub/src/domain/person.ts';
import type { Dice } from './dice.ts';
import type { VirtualTime } from './virtualTime.ts';

/** Every password is typed once in a world, and says so: that is how often it may be tried (rule 8). */
export const MARK = 'sesame#';

/** A directory that knows everybody, and may be away. Outside of every hub: what one did to it stays. */
export class DirectoryModel {
  readonly #time: VirtualTime;
  readonly #dice: Dice;
  readonly #violate: (rule: string, text: string) => void;
  readonly #tried = new Map<string, number>();
  state: 'well' | 'down' | 'hung' = 'well';
  #typed = 0;

  constructor(time: VirtualTime, dice: Dice, violate: (rule: string, text: string) => void) {
    this.#time = time;
    this.#dice = dice;
    this.#violate = violate;
  }

  /** What somebody types. */
  type(right: boolean): string {
    return `${MARK}${++this.#typed}${right ? '' : ' wrong'}`;
  }

  /** As one hub has it open. */
  port(): Directory {
    return {
      name: 'staff',
      authenticate: (user, password, signal) => this.#authenticate(user, password, signal),
      changePassword: () => Promise.reject(this.#unavailable()),
      find: (user) => Promise.resolve(personCalled(user)),
      look: (id) => this.#look(id),
      unknownGroups: () => Promise.resolve([]),
      health: () => ({ ok: this.state === 'well', text: this.state }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  async #authenticate(user: string, password: string, signal: AbortSignal): Promise<AuthAnswer> {
    const tries = (this.#tried.get(password) ?? 0) + 1;
    this.#tried.set(password, tries);
    if (tries > 1) this.#violate('8', `the password that ${user} typed once was tried ${tries} times`);
    if (this.state === 'hung') await this.#time.sleep(5 * SECOND);
    else await this.#time.sleep(this.#dice.between(1, 60));
    signal.throwIfAborted();
    if (this.state !== 'well') throw this.#unavailable();
    if (password.endsWith(' wrong')) return { ok: false, reason: 'wrong-password' };
    return { ok: true, person: personCalled(user) };
  }

  async #look(id: string): Promise<{ person: Person; barred: undefined }> {
    await this.#time.sleep(this.#dice.between(1, 60));
    if (this.state !== 'well') throw this.#unavailable();
    return { person: personCalled(id.replace('staff:', '')), barred: undefined };
  }

  #unavailable(): Fault {
    return new Fault('directory-unavailable', 'transient', `the directory is ${this.state}`);
  }
}

const personCalled = (user: string): Person => ({
  id: `staff:${user}`,
  directory: 'staff',
  user,
  displayName: user.toUpperCase(),
  dn: `uid=${user},ou=people`,
  groups: user.startsWith('own') ? ['owners'] : ['staff'],
  attributes: {},
});
