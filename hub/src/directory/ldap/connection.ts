import type { Socket } from 'node:net';
import { Client, PasswordPolicyControl, type Filter } from 'ldapts';
import type { Clock } from '@anyseat/base';
import { CheckedSocket, type Expected } from './checkedSocket.ts';
import { LdapEntry } from './entry.ts';
import { guard, leftMs, type Limit } from './limit.ts';
import { passwordModification, unicodePwd, win32Of } from './passwordRequests.ts';
import { openTransport, type Target } from './transport.ts';
import { ResultCode, ServerTrouble } from './trouble.ts';
import { RESPONSE } from './wire.ts';

export interface SearchRequest {
  base: string;
  scope: 'base' | 'one' | 'sub';
  filter: Filter | string;
  attributes: string[];
  /** No more entries than this are wanted. */
  sizeLimit?: number;
  /** Asks page by page, for answers of any length. */
  pageSize?: number;
}

/** How a server answered a bind: the result, and what says why. Never the server's own words. */
export interface BindAnswer {
  code: number;
  /** Active Directory's sub-code: `52e` of `AcceptSecurityContext error, data 52e, v4563`. */
  subCode?: string;
  /** Error of draft-behera-ldap-password-policy section 6.2. */
  policyError?: number;
  /** Of a password that has run out: so often it is still taken (section 6.2, graceAuthNsRemaining). */
  graceLeft?: number;
}

/** How a server answered a change of password: the result, and what says why. Never the server's own words. */
export interface ChangeReply {
  code: number;
  /** Active Directory's reason, a Win32 error: 0x56 of `00000056: Constraint violation …`. */
  win32?: number;
  policyError?: number;
}

/** Beside the entries asked for: references, one for each naming context that is elsewhere, and the end. */
const REFERENCES = 100;
/** More groups than this, and nobody meant them. */
const MOST_ENTRIES = 20_000;
const searchAnswer = (sizeLimit = MOST_ENTRIES): Expected => ({
  tags: [RESPONSE.entry, RESPONSE.reference, RESPONSE.searchDone],
  mostBytes: 16 * 1024 * 1024,
  mostMessages: sizeLimit + REFERENCES,
});
const BIND: Expected = { tags: [RESPONSE.bind], mostBytes: 64 * 1024, mostMessages: 1 };
const MODIFY: Expected = { tags: [RESPONSE.modify], mostBytes: 64 * 1024, mostMessages: 1 };
const EXTENDED: Expected = { tags: [RESPONSE.extended], mostBytes: 64 * 1024, mostMessages: 1 };
const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';
const MODIFY_PASSWORD = '1.3.6.1.4.1.4203.1.11.1';

/** Attributes that are bytes, not text. */
const BYTES = ['objectGUID', 'objectSid', 'tokenGroups'];

/**
 * One connection to one server, for one request at a time. Never opened again once it is over: a request that was sent
 * can then never be sent a second time behind our back. Referrals are not followed.
 */
export class Connection {
  readonly #client: Client;
  readonly #socket: CheckedSocket;
  readonly #server: string;
  readonly #clock: Clock;
  /** On the clock's `monotonic`: when it was last given back. */
  idleSince = 0;
  /** Set when we, not the server, ended it. */
  closedByUs = false;

  private constructor(socket: CheckedSocket, server: string, clock: Clock) {
    let opened = false;
    const createConnection = () => {
      if (opened) throw new ServerTrouble('closed', server, 'the connection ended');
      opened = true;
      return socket as unknown as Socket;
    };
    // The address is for the library's own checks only: the line is open already, TLS and all.
    this.#client = new Client({ url: 'ldap://directory', createConnection });
    this.#socket = socket;
    this.#server = server;
    this.#clock = clock;
  }

  /** @throws ServerTrouble `unreachable`. */
  static async open(target: Target, clock: Clock, limit: Limit): Promise<Connection> {
    const line = await openTransport(target, clock, limit);
    return new Connection(new CheckedSocket(line, target.url), target.url, clock);
  }

  get alive(): boolean {
    return this.#socket.alive;
  }

  onClose(listener: () => void): void {
    this.#socket.on('close', listener);
  }

  /** @throws ServerTrouble, ResultCode. */
  async search(request: SearchRequest, limit: Limit): Promise<LdapEntry[]> {
    const { base, pageSize, ...options } = request;
    const seconds = Math.max(1, Math.ceil((limit.at - this.#clock.monotonic()) / 1000));
    const ask = () =>
      this.#client.search(base, {
        ...options,
        timeLimit: seconds,
        explicitBufferAttributes: BYTES,
        ...(pageSize === undefined ? {} : { paged: { pageSize } }),
      });
    const { searchEntries } = await this.#ask(searchAnswer(request.sizeLimit), limit, ask);
    return searchEntries.map((entry) => new LdapEntry(entry));
  }

  /**
   * Sends one bind, unless the connection is over already.
   * @throws ServerTrouble where there was no answer; whether the server counted the try is then unknown.
   */
  async bind(name: string, password: string, limit: Limit): Promise<BindAnswer> {
    const policy = new PasswordPolicyControl();
    const { code, text } = await this.#outcome(BIND, limit, () => this.#client.bind(name, password, policy));
    const subCode = subCodeOf(text);
    const { error: policyError, graceAuthNsRemaining: graceLeft } = policy.value ?? {};
    return {
      code,
      ...(subCode === undefined ? {} : { subCode }),
      ...(policyError === undefined ? {} : { policyError }),
      ...(graceLeft === undefined ? {} : { graceLeft }),
    };
  }

  /**
   * The old `unicodePwd` out, a new one in, in one request: whoever asks need not be its person, and the domain's rules hold
   * ([MS-ADTS] 3.1.1.3.1.5.1).
   * @throws ServerTrouble where there was no answer; whether it was done is then unknown.
   */
  async changeUnicodePwd(
    dn: string,
    password: string,
    newPassword: string,
    limit: Limit,
  ): Promise<ChangeReply> {
    const { code, text } = await this.#outcome(MODIFY, limit, () =>
      this.#client.modify(dn, [unicodePwd('delete', password), unicodePwd('add', newPassword)]),
    );
    const win32 = win32Of(text);
    return { code, ...(win32 === undefined ? {} : { win32 }) };
  }

  /** Another password for whoever has bound here (RFC 3062). @throws ServerTrouble, as `changeUnicodePwd`. */
  async changeOwnPassword(password: string, newPassword: string, limit: Limit): Promise<ChangeReply> {
    const policy = new PasswordPolicyControl();
    const { code } = await this.#outcome(EXTENDED, limit, () =>
      this.#client.exop(MODIFY_PASSWORD, passwordModification(password, newPassword), policy),
    );
    const policyError = policy.value?.error;
    return { code, ...(policyError === undefined ? {} : { policyError }) };
  }

  /** The identity that the last bind gave, `dn:…` or `u:…` (RFC 4532). @throws ServerTrouble, ResultCode. */
  async whoAmI(limit: Limit): Promise<string> {
    const answer = await this.#ask(EXTENDED, limit, () => this.#client.exop(WHO_AM_I));
    return answer.value ?? '';
  }

  /** Says good-bye and ends the connection, without waiting for anything. */
  close(): void {
    if (!this.alive) return;
    this.closedByUs = true;
    const unbind = Buffer.from('30050201014200', 'hex');
    this.#socket.write(unbind);
    this.#socket.destroySoon();
  }

  /** A request of which any result is an answer; with the server's own words, to be read for a code and dropped. */
  #outcome(expected: Expected, limit: Limit, act: () => Promise<unknown>) {
    return this.#ask(expected, limit, async () => {
      try {
        await act();
        return { code: 0, text: '' };
      } catch (error) {
        if (!isResult(error)) throw error;
        return { code: error.code, text: error.message };
      }
    });
  }

  async #ask<T>(expected: Expected, limit: Limit, act: () => Promise<T>): Promise<T> {
    const socket = this.#socket;
    limit.signal.throwIfAborted();
    if (leftMs(this.#clock, limit) === 0)
      throw new ServerTrouble('busy', this.#server, 'no time left to ask');
    if (!socket.alive) throw this.#asTrouble(socket.failure);
    socket.expect(expected);
    using _ = guard(
      this.#clock,
      limit,
      () => new ServerTrouble('silent', this.#server, 'no answer in time'),
      (why) => socket.destroy(why),
    );
    try {
      return await act();
    } catch (error) {
      if (!socket.alive) throw this.#asTrouble(socket.failure);
      if (isResult(error)) throw new ResultCode(error.code);
      // The library could not read what passed the check: this connection is not to be trusted any more.
      const trouble = new ServerTrouble('garbled', this.#server, 'an answer cannot be read');
      socket.destroy(trouble);
      throw trouble;
    } finally {
      socket.expectNothing();
    }
  }

  #asTrouble(failure: Error | undefined): Error {
    return failure ?? new ServerTrouble('closed', this.#server, 'the connection ended');
  }
}

/** What the library throws for a result other than success. */
function isResult(error: unknown): error is Error & { code: number } {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'number';
}

/** The one place where a server's text carries a code of a bind: Active Directory's reason for a refused bind. */
function subCodeOf(text: string): string | undefined {
  return /AcceptSecurityContext error, data ([0-9a-f]{1,8})\b/i.exec(text)?.[1]?.toLowerCase();
}
