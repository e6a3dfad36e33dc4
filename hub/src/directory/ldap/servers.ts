import type { Clock, Log } from '@anyseat/base';
import type { Connection } from './connection.ts';
import type { LdapEntry } from './entry.ts';
import { Discovery } from './discovery.ts';
import { leftMs, limitOf, orLate, share, type Limit } from './limit.ts';
import type { SearchRequest } from './connection.ts';
import { Server } from './server.ts';
import type { LdapSettings } from './settings.ts';
import { ResultCode, ServerTrouble } from './trouble.ts';

/** Results that say "not now": operationsError, timeLimitExceeded, adminLimitExceeded, busy, unavailable, other. */
const NOT_NOW = new Set([1, 3, 11, 51, 52, 80]);

/** Nobody may wait for a connection so long that no time is left to use it. */
const SHARE_FOR_USE = 0.2;

/** No server could be asked, and why, server by server. */
export class NoServer extends Error {
  override readonly name = 'NoServer';
  readonly troubles: readonly ServerTrouble[];

  constructor(troubles: readonly ServerTrouble[]) {
    super(troubles.map((trouble) => `${trouble.server}: ${trouble.message}`).join('; '));
    this.troubles = troubles;
  }
}

/**
 * Several servers with the same content. The first in the list that answers is asked; the next one when it cannot be
 * reached or does not answer a search. A bind goes to one server: once it was sent, that was it.
 */
export class Servers implements AsyncDisposable {
  readonly #log: Log;
  readonly #discovery: Discovery | undefined;
  readonly #leaving = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #all: readonly Server[];
  readonly #settings: LdapSettings;
  readonly #clock: Clock;

  constructor(settings: LdapSettings, clock: Clock, log: Log) {
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.#all = (settings.servers ?? []).map((url) => new Server(url, settings, clock, log));
    if (settings.domain !== undefined)
      this.#discovery = new Discovery(settings, clock, log, (urls) => this.#useThese(urls));
  }

  /** In order of preference. */
  get all(): readonly Server[] {
    return this.#all;
  }

  /** Why there is none, where DNS is to name them. */
  get problem(): string | undefined {
    return this.#discovery?.problem;
  }

  /** @throws NoServer; ResultCode for a search that no server will ever answer as it is. */
  async search(request: SearchRequest, limit: Limit): Promise<{ entries: LdapEntry[]; server: Server }> {
    return this.#onOneThatWorks(limit, undefined, async (server, part, connectMs) => {
      const entries = await server.searches.use(this.#wait(part), connectMs, (connection) =>
        this.#search(server, connection, request, part),
      );
      return { entries, server };
    });
  }

  /**
   * One connection for what is sent once: a bind and what belongs to it, or a change in the name of the service account.
   * Another server is tried only while `act` has not begun.
   * @throws NoServer where `act` never began; else what `act` throws.
   */
  async bindOn<T>(
    limit: Limit,
    preferred: Server | undefined,
    act: (connection: Connection) => Promise<T>,
    lane: 'binds' | 'searches' = 'binds',
  ): Promise<T> {
    let began = false;
    return this.#onOneThatWorks(limit, preferred, async (server, part, connectMs) => {
      try {
        return await server[lane].use(this.#wait(part), connectMs, (connection) => {
          began = true;
          return act(connection);
        });
      } catch (error) {
        if (!began || !(error instanceof ServerTrouble)) throw error;
        server.didNotWork(error);
        throw new NoServer([error]);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#discovery?.[Symbol.asyncDispose]();
    await Promise.all([...this.#leaving, ...this.#all.map((server) => server[Symbol.asyncDispose]())]);
  }

  /** Those that stay keep what is known of them; those that go answer first what they were asked. */
  #useThese(urls: readonly string[]): void {
    const known = new Map(this.#all.map((server) => [server.url, server]));
    this.#all = urls.map((url) => known.get(url) ?? new Server(url, this.#settings, this.#clock, this.#log));
    for (const url of urls) known.delete(url);
    for (const server of known.values()) {
      const left = this.#clock
        .sleep(this.#settings.limits.answerMs, this.#stop.signal)
        .catch(() => undefined)
        .then(() => server[Symbol.asyncDispose]())
        .finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
  }

  async #search(
    server: Server,
    connection: Connection,
    request: SearchRequest,
    part: Limit,
  ): Promise<LdapEntry[]> {
    try {
      return await connection.search(request, part);
    } catch (error) {
      if (error instanceof ResultCode && NOT_NOW.has(error.code))
        throw new ServerTrouble('failed', server.url, `it answers with LDAP result ${error.code}`);
      throw error;
    }
  }

  async #onOneThatWorks<T>(
    limit: Limit,
    preferred: Server | undefined,
    act: (server: Server, part: Limit, connectMs: number) => Promise<T>,
  ): Promise<T> {
    const order = await this.#order(limit, preferred);
    const troubles: ServerTrouble[] = [];
    let connectMs = this.#settings.limits.connectMs;
    for (const [i, server] of order.entries()) {
      const more = i < order.length - 1;
      const started = this.#clock.monotonic();
      try {
        const result = await act(server, share(this.#clock, limit, more), more ? connectMs / 2 : connectMs);
        server.worked();
        return result;
      } catch (error) {
        limit.signal.throwIfAborted();
        if (!(error instanceof ServerTrouble)) throw error;
        server.didNotWork(error);
        troubles.push(error);
        if (error.kind === 'unreachable') connectMs -= this.#clock.monotonic() - started;
      }
    }
    throw new NoServer(troubles);
  }

  /** @throws NoServer when every server is known not to answer: the person hears it at once. */
  async #order(limit: Limit, preferred: Server | undefined): Promise<Server[]> {
    let able = this.#able();
    if (able.length === 0 && this.#discovery !== undefined) {
      this.#discovery.lookAgain();
      if (this.#all.length === 0) await this.#found(this.#discovery, limit);
      able = this.#able();
    }
    const looks = this.all.flatMap((server) => server.secondLook ?? []);
    if (able.length === 0 && looks.length > 0) {
      await this.#oneComesBack(looks, limit);
      able = this.#able();
    }
    if (able.length === 0) throw new NoServer(this.#whyNone());
    if (preferred === undefined || !able.includes(preferred)) return able;
    return [preferred, ...able.filter((server) => server !== preferred)];
  }

  /** At the start, or while DNS has named nobody yet. @throws NoServer */
  async #found(discovery: Discovery, limit: Limit): Promise<void> {
    const connect = limitOf(
      this.#clock,
      Math.min(leftMs(this.#clock, limit), this.#settings.limits.connectMs),
      limit.signal,
    );
    const domain = this.#settings.domain!;
    const none = (why: string) => new NoServer([new ServerTrouble('unreachable', domain, why)]);
    await orLate(this.#clock, connect, discovery.looking, () => none('DNS does not answer'));
    if (this.#all.length === 0) throw none(discovery.problem ?? 'DNS has named no domain controller yet');
  }

  #able(): Server[] {
    return this.all.filter((server) => server.state.is !== 'down');
  }

  async #oneComesBack(looks: readonly Promise<boolean>[], limit: Limit): Promise<void> {
    const inTime = new AbortController();
    const late = this.#clock
      .sleep(Math.min(leftMs(this.#clock, limit), this.#settings.limits.connectMs), inTime.signal)
      .catch(() => undefined);
    const good = looks.map(async (look) => {
      if (!(await look)) throw new Error('still down');
    });
    await Promise.race([Promise.any(good).catch(() => undefined), late]);
    inTime.abort(new Error('over'));
    limit.signal.throwIfAborted();
  }

  #whyNone(): ServerTrouble[] {
    return this.all.map(
      ({ url, state }) => new ServerTrouble('unreachable', url, state.is === 'down' ? state.why : ''),
    );
  }

  #wait(part: Limit): Limit {
    const reserve = this.#settings.limits.answerMs * SHARE_FOR_USE;
    return limitOf(this.#clock, Math.max(0, leftMs(this.#clock, part) - reserve), part.signal);
  }
}
