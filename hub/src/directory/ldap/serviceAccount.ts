import { readFile } from 'node:fs/promises';
import { messageOf, type Clock } from '@anyseat/base';
import type { Connection } from './connection.ts';
import { orLate, type Limit } from './limit.ts';
import { refusalOf } from './refusal.ts';
import type { LdapSettings } from './settings.ts';
import { ServerTrouble } from './trouble.ts';

/** A password that was refused is not tried again for so long: three servers stay below any lock-out threshold. */
const REFUSED_MS = 30 * 60_000;

/**
 * Opens connections to one server in the name of the service account; anonymous ones where there is none. A password
 * that the server has not taken yet is tried by one connection, and a refused one not again before its file changes:
 * the account of the hub is not to be locked by the hub.
 */
export class ServiceAccount {
  readonly #server: string;
  readonly #settings: LdapSettings;
  readonly #clock: Clock;
  readonly #openPlain: (limit: Limit) => Promise<Connection>;
  #accepted: string | undefined;
  #refused: { password: string; at: number } | undefined;
  /** While a password is tried; resolves with what went wrong. */
  #proving: Promise<unknown> | undefined;

  constructor(
    server: string,
    settings: LdapSettings,
    clock: Clock,
    openPlain: (limit: Limit) => Promise<Connection>,
  ) {
    this.#server = server;
    this.#settings = settings;
    this.#clock = clock;
    this.#openPlain = openPlain;
  }

  /** @throws ServerTrouble `unreachable`, `service-refused`. */
  async open(limit: Limit): Promise<Connection> {
    const { bindDn } = this.#settings;
    if (bindDn === undefined) return this.#openPlain(limit);
    for (;;) {
      const password = await this.#password();
      if (password === this.#accepted) return this.#openWith(bindDn, password, limit);
      if (this.#proving === undefined) {
        const attempt = this.#openWith(bindDn, password, limit);
        this.#proving = attempt
          .then(() => undefined)
          .catch((error: unknown) => error)
          .finally(() => (this.#proving = undefined));
        return attempt;
      }
      const failure = await orLate(this.#clock, limit, this.#proving, () => this.#noAnswer());
      if (failure instanceof ServerTrouble) throw failure;
    }
  }

  async #openWith(bindDn: string, password: string, limit: Limit): Promise<Connection> {
    const connection = await this.#openPlain(limit);
    try {
      await this.#bind(connection, bindDn, password, limit);
      this.#accepted = password;
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #bind(connection: Connection, name: string, password: string, limit: Limit): Promise<void> {
    const answer = await connection.bind(name, password, limit).catch((error: unknown) => {
      // A server that takes connections and never answers is no better than one that takes none.
      if (error instanceof ServerTrouble && error.kind === 'silent') throw this.#noAnswer();
      throw error;
    });
    if (answer.code === 0) return;
    const refusal = refusalOf(answer);
    if (refusal === 'wrong-password' || refusal === 'unknown-user')
      this.#refused = { password, at: this.#clock.monotonic() };
    throw this.#refuse(`it refuses the service account: ${refusal ?? `LDAP result ${answer.code}`}`);
  }

  async #password(): Promise<string> {
    const file = this.#settings.passwordFile!;
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw this.#refuse(`the service account's password cannot be read: ${messageOf(error)}`);
    });
    const password = text.replace(/\r?\n$/, '');
    // An empty one would bind anonymously, and be called a success.
    if (password === '') throw this.#refuse(`${file} is empty`);
    const refused = this.#refused;
    if (refused?.password === password && this.#clock.monotonic() - refused.at < REFUSED_MS)
      throw this.#refuse(
        'it refused the service account; the same password is not tried again for half an hour',
      );
    return password;
  }

  #refuse(text: string): ServerTrouble {
    return new ServerTrouble('service-refused', this.#server, text);
  }

  #noAnswer(): ServerTrouble {
    return new ServerTrouble('unreachable', this.#server, 'it takes connections and does not answer');
  }
}
