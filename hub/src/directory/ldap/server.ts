import type { Clock, Log } from '@anyseat/base';
import { Connection, type SearchRequest } from './connection.ts';
import { Lane } from './lane.ts';
import { limitOf, type Limit } from './limit.ts';
import { ServiceAccount } from './serviceAccount.ts';
import type { LdapSettings } from './settings.ts';
import { ResultCode, ServerTrouble } from './trouble.ts';

/**
 * - `unknown`: not asked yet. Tried like one that answers.
 * - `up`: its last answer was one.
 * - `down`: its last request had none. No login is sent there until a check of ours is answered.
 */
export type ServerState =
  { is: 'unknown' } | { is: 'up' } | { is: 'down'; /** Epoch ms. */ since: number; why: string };

/** How often a server that answers is asked whether it still does, and connections are swept. */
const CHECK_MS = 10_000;
/** The first check of a server that failed is made at once; the longest wait between two is a person's patience. */
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 2000;
/** A server that fails again so soon after it came back has not really come back. */
const STEADY_MS = 10_000;

const ROOT: SearchRequest = { base: '', scope: 'base', filter: '(objectClass=*)', attributes: ['1.1'] };

/** One LDAP server: its connections, and whether it answers. Checks itself for as long as it lives. */
export class Server implements AsyncDisposable {
  readonly url: string;
  /** Connections of the service account; anonymous where there is none. */
  readonly searches: Lane;
  /** Connections that people's passwords are checked on. */
  readonly binds: Lane;
  readonly #settings: LdapSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #state: ServerState = { is: 'unknown' };
  #failures = 0;
  #upSince = 0;
  #timer: Disposable | undefined;
  #checking: Promise<boolean> | undefined;

  constructor(url: string, settings: LdapSettings, clock: Clock, log: Log) {
    this.url = url;
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log.child({ server: url });
    const lane = (most: number, open: (limit: Limit) => Promise<Connection>) =>
      new Lane({ open, clock, server: url, most, mostWaiting: settings.pool.waiting });
    const service = new ServiceAccount(url, settings, clock, (limit) => this.#openPlain(limit));
    this.searches = lane(settings.pool.search, (limit) => service.open(limit));
    this.binds = lane(settings.pool.bind, (limit) => this.#openPlain(limit));
    this.#schedule(0);
  }

  get state(): ServerState {
    return this.#state;
  }

  /** The first look at a server that has just failed, while it lasts: it may have been one bad connection only. */
  get secondLook(): Promise<boolean> | undefined {
    return this.#failures <= 1 ? this.#checking : undefined;
  }

  /** A request was answered. */
  worked(): void {
    if (this.#state.is === 'up') return;
    this.#log.info('directory server answers');
    this.#state = { is: 'up' };
    this.#upSince = this.#clock.monotonic();
  }

  /** A request was not answered; `busy` and `failed` are answers. */
  didNotWork(trouble: ServerTrouble): void {
    if (this.#stop.signal.aborted || trouble.kind === 'busy' || trouble.kind === 'failed') return;
    if (this.#state.is === 'down') return;
    if (this.#state.is === 'up' && this.#clock.monotonic() - this.#upSince > STEADY_MS) this.#failures = 0;
    this.#log.warn({ trouble: trouble.kind, why: trouble.message }, 'directory server does not answer');
    this.#state = { is: 'down', since: this.#clock.now(), why: trouble.message };
    this.searches.fail(trouble);
    this.binds.fail(trouble);
    this.#failures++;
    if (this.#checking === undefined) this.#schedule(this.#failures === 1 ? 0 : this.#retryMs());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const why = new ServerTrouble('closed', this.url, 'the directory is closed');
    this.#stop.abort(why);
    this.#timer?.[Symbol.dispose]();
    this.searches.close(why);
    this.binds.close(why);
    await this.#checking;
  }

  #retryMs(): number {
    return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 10));
  }

  #schedule(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#stop.signal.aborted) return;
    if (ms === 0) return this.#check();
    this.#timer = this.#clock.after(ms, () => this.#check());
  }

  #check(): void {
    this.#checking ??= this.#look().then((answers) => {
      this.#checking = undefined;
      this.#schedule(answers ? CHECK_MS : this.#retryMs());
      return answers;
    });
  }

  /** Asks for the root entry, which everybody may read. Never rejects. */
  async #look(): Promise<boolean> {
    this.searches.sweep();
    this.binds.sweep();
    const { connectMs } = this.#settings.limits;
    const limit = limitOf(this.#clock, connectMs, this.#stop.signal);
    try {
      await this.searches.use(limit, connectMs, (c) => c.search(ROOT, limit));
    } catch (error) {
      if (error instanceof ServerTrouble) return this.#lookFailed(error);
      // A result code is an answer, even to a question it does not like.
      if (!(error instanceof ResultCode))
        this.#log.error({ err: error }, 'check of a directory server failed');
    }
    this.worked();
    return true;
  }

  #lookFailed(trouble: ServerTrouble): boolean {
    if (trouble.kind === 'busy') return true;
    if (this.#state.is === 'down') {
      this.#failures++;
      this.#state = { ...this.#state, why: trouble.message };
    } else this.didNotWork(trouble);
    return false;
  }

  async #openPlain(limit: Limit): Promise<Connection> {
    const target = { ...this.#settings, url: this.url };
    const connection = await Connection.open(target, this.#clock, limit);
    connection.onClose(() => {
      // Somebody else ended it, perhaps the server's own end: find out before a login does.
      if (!connection.closedByUs && this.#state.is === 'up') this.#schedule(0);
    });
    return connection;
  }
}
