import { stat } from 'node:fs/promises';
import { isFault, messageOf, SECOND, type Clock, type Log } from '@anyseat/base';
import { z } from 'zod';
import { escapeDnValue } from '../domain/distinguishedName.ts';
import { unknownOf } from '../domain/namedGroups.ts';
import type { AuthAnswer, ChangeAnswer, Person, Standing } from '../domain/person.ts';
import type { Directory } from './directory.ts';
import { unavailable } from './faults.ts';
import { hashPassword, isPassword } from './passwordHash.ts';
import { loginKey, readUsersFile, type FileUser } from './usersFile.ts';

/** One users file as a directory. */
export const fileSettings = z.strictObject({
  type: z.literal('file').meta({ description: 'A small file of people.', example: 'file' }),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, {
      error: 'is not a name: small letters, digits and hyphens, 32 at most',
    })
    .meta({
      description: "Part of every person's lasting id: never change it once somebody has logged in.",
      example: 'local',
    }),
  file: z.string().min(1).meta({
    description: 'YAML file of the people; read again when it changes.',
    example: '/etc/anyseat/users.yaml',
  }),
});

export type FileSettings = z.output<typeof fileSettings>;

/** How often the file is looked at while nobody logs in. */
const LOOK_MS = 5 * SECOND;

/** Hashing takes a thread and some 20 MB; more at once would starve what else runs in the hub. */
const AT_ONCE = 2;
/** About four seconds' work; who comes after is told at once. */
const MOST_WAITING = 200;

/**
 * People in a file. A changed file counts from the next login on; a bad one is refused whole, and said, and the people
 * of the last good one stay. An unknown name is checked against a hash that nobody has, so that it takes as long.
 */
export class FileDirectory implements Directory {
  readonly name: string;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #users: Map<string, FileUser>;
  #version: string;
  #problem: string | undefined;
  #looking: Promise<void> | undefined;
  #timer: Disposable | undefined;
  #nobody: Promise<string> | undefined;
  #checking = 0;
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  private constructor(settings: FileSettings, deps: { clock: Clock; log: Log }, version: string) {
    this.name = settings.name;
    this.#file = settings.file;
    this.#clock = deps.clock;
    this.#log = deps.log.child({ directory: settings.name });
    this.#version = version;
    this.#users = readUsersFile(settings.file);
    this.#later();
  }

  /** @throws ConfigFault with every problem of the file: a hub does not start on a bad one. */
  static async open(settings: FileSettings, deps: { clock: Clock; log: Log }): Promise<FileDirectory> {
    // The version first: a change between the two is then seen at the next look.
    const version = await versionOf(settings.file);
    return new FileDirectory(settings, deps, version);
  }

  async authenticate(user: string, password: string, signal: AbortSignal): Promise<AuthAnswer> {
    signal.throwIfAborted();
    if (password === '') return { ok: false, reason: 'empty-password' };
    await this.#look();
    const known = this.#users.get(loginKey(user.trim()));
    const isRight = await this.#check(password, known?.password, signal);
    if (known === undefined) return { ok: false, reason: 'unknown-user' };
    if (!isRight) return { ok: false, reason: 'wrong-password' };
    if (known.disabled) return { ok: false, reason: 'account-disabled' };
    return { ok: true, person: this.#personOf(known) };
  }

  /** The file is an operator's to write. Said only to who knows the password. */
  async changePassword(
    user: string,
    password: string,
    _newPassword: string,
    signal: AbortSignal,
  ): Promise<ChangeAnswer> {
    const answer = await this.authenticate(user, password, signal);
    return answer.ok ? { ok: false, reason: 'password-not-changeable' } : answer;
  }

  async find(user: string, signal: AbortSignal): Promise<Person | undefined> {
    signal.throwIfAborted();
    await this.#look();
    const known = this.#users.get(loginKey(user.trim()));
    return known === undefined ? undefined : this.#personOf(known);
  }

  async unknownGroups(groups: readonly string[], signal: AbortSignal): Promise<string[]> {
    signal.throwIfAborted();
    await this.#look();
    return unknownOf(groups, new Set([...this.#users.values()].flatMap((user) => user.groups)));
  }

  async look(id: string, signal: AbortSignal): Promise<Standing> {
    signal.throwIfAborted();
    await this.#look();
    const known = this.#users.values().find((one) => this.#idOf(one) === id);
    if (known === undefined) return undefined;
    return { person: this.#personOf(known), barred: known.disabled ? 'account-disabled' : undefined };
  }

  health(): { ok: boolean; text: string } {
    const people = this.#users.size === 1 ? '1 person' : `${this.#users.size} people`;
    if (this.#problem === undefined)
      return { ok: true, text: `directory ${this.name}: ${people} in ${this.#file}` };
    return {
      ok: false,
      text: `directory ${this.name}: still with ${people} of before, because ${this.#problem}`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    await this.#looking;
  }

  async #check(password: string, hash: string | undefined, signal: AbortSignal): Promise<boolean> {
    this.#nobody ??= hashPassword('nobody has this one');
    const against = hash ?? (await this.#nobody);
    if (this.#waiting.length >= MOST_WAITING)
      throw unavailable(this.name, 'too many people are logging in at once');
    if (this.#checking >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#checking++;
    try {
      signal.throwIfAborted();
      return await isPassword(password, against);
    } finally {
      // The place is handed on, or given up.
      const next = this.#waiting.shift();
      if (next === undefined) this.#checking--;
      else next();
    }
  }

  #idOf = (known: FileUser): string => `${this.name}:${known.uuid.toLowerCase()}`;

  #personOf(known: FileUser): Person {
    const { user, ou } = known;
    const own = `uid=${escapeDnValue(user)}`;
    return {
      id: this.#idOf(known),
      directory: this.name,
      user,
      displayName: known.displayName ?? user,
      dn: ou.trim() === '' ? own : `${own},${ou}`,
      groups: known.groups,
      attributes: known.attributes,
    };
  }

  #later(): void {
    this.#timer = this.#clock.after(LOOK_MS, () => {
      this.#look()
        .catch((error: unknown) => this.#log.error({ err: error }, 'look at the users file failed'))
        .finally(() => this.#closed || this.#later())
        .catch(() => undefined);
    });
  }

  /** Reads the file again if it is another one than before. */
  async #look(): Promise<void> {
    this.#looking ??= this.#readIfChanged().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  async #readIfChanged(): Promise<void> {
    const version = await versionOf(this.#file);
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#users = readUsersFile(this.#file);
      this.#problem = undefined;
      this.#log.info({ people: this.#users.size }, 'users file read again');
    } catch (error) {
      if (!isFault(error, 'config-invalid')) throw error;
      this.#problem = messageOf(error);
      this.#log.warn({ problem: this.#problem }, 'users file is bad; the people of before stay');
    }
  }
}

/** What changes with the content: an editor writes a new file, or the same one with another time. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return `cannot be read: ${messageOf(error)}`;
  }
}
