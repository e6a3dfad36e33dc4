import type { SrvRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { messageOf, MINUTE, SECOND, type Clock, type Log } from '@anyseat/base';
import type { LdapSettings } from './settings.ts';

/** Controllers come and go seldom; one that is new is found so late at most. */
const LOOK_EVERY_MS = 10 * MINUTE;
const AGAIN_MS = 5 * SECOND;
/** More are not used, the nearest sixteen are: each has connections of its own. */
const MOST = 16;

/** Of one resolver, so that a slow answer is not waited for longer than a login is. */
const TIMES = { timeout: 1000, tries: 2 };

/**
 * The domain controllers of an Active Directory domain, as its DNS names them ([MS-ADTS] 6.3.2.3): those of the site before
 * all others, by priority, and within one by chance as their weights say (RFC 2782). Looks again at intervals, and as soon
 * as somebody asks; while DNS does not answer, those that were found stay.
 */
export class Discovery implements AsyncDisposable {
  readonly #settings: LdapSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onFound: (urls: readonly string[]) => void;
  readonly #resolver = new Resolver(TIMES);
  /** By address: drawn once, so that a server keeps its place as long as its records stay the same. */
  readonly #lots = new Map<string, number>();
  #found = '';
  #problem: string | undefined;
  #lookedAt = -Infinity;
  #looking: Promise<void> | undefined;
  #timer: Disposable | undefined;
  #closed = false;

  constructor(settings: LdapSettings, clock: Clock, log: Log, onFound: (urls: readonly string[]) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.#onFound = onFound;
    if (settings.dnsServers !== undefined) this.#resolver.setServers(settings.dnsServers);
    this.#begin();
  }

  /** Why nothing was found at the last look; `undefined` when something was, or while nobody has looked yet. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Resolves when the look that is under way is over. Never rejects. */
  get looking(): Promise<void> {
    return this.#looking ?? Promise.resolve();
  }

  /** None of those that were found answers: there may be others by now. */
  lookAgain(): void {
    if (this.#clock.monotonic() - this.#lookedAt >= AGAIN_MS) this.#begin();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#resolver.cancel();
    await this.#looking;
  }

  #begin(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#closed || this.#looking !== undefined) return;
    this.#looking = this.#look().then(() => {
      this.#looking = undefined;
      this.#lookedAt = this.#clock.monotonic();
      if (this.#closed) return;
      const inMs = this.#problem === undefined ? LOOK_EVERY_MS : AGAIN_MS;
      this.#timer = this.#clock.after(inMs, () => this.#begin());
    });
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { domain, site } = this.#settings;
    const all = `_ldap._tcp.dc._msdcs.${domain}`;
    try {
      const near = site === undefined ? [] : await this.#ask(`_ldap._tcp.${site}._sites.dc._msdcs.${domain}`);
      const urls = [...new Set([...near, ...(await this.#ask(all))])].slice(0, MOST);
      if (urls.length === 0) throw new Error(`DNS names no domain controller at ${all}`);
      this.#say(undefined);
      if (urls.join() === this.#found || this.#closed) return;
      this.#found = urls.join();
      this.#log.info({ servers: urls }, 'domain controllers found in DNS');
      this.#onFound(urls);
    } catch (error) {
      if (!this.#closed) this.#say(messageOf(error));
    }
  }

  #say(problem: string | undefined): void {
    if (problem !== undefined && problem !== this.#problem)
      this.#log.warn({ problem }, 'domain controllers cannot be found in DNS; those of before stay');
    this.#problem = problem;
  }

  /** Addresses in order; none where DNS says that there is no such name. */
  async #ask(name: string): Promise<string[]> {
    const records = await this.#resolver.resolveSrv(name).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') return [];
      throw error;
    });
    return records
      .filter(({ name: host }) => host !== '' && host !== '.')
      .map((record) => ({ record, url: this.#urlOf(record), lot: this.#lotOf(record) }))
      .sort((a, b) => a.record.priority - b.record.priority || b.lot - a.lot)
      .map(({ url }) => url);
  }

  /** Records name the port of plain LDAP, where StartTLS begins; the other one is not in them. */
  #urlOf({ name, port }: SrvRecord): string {
    return this.#settings.startTls ? `ldap://${name}:${port}` : `ldaps://${name}`;
  }

  /** Twice the weight is twice as often before the other: chance to the power of 1/weight. */
  #lotOf(record: SrvRecord): number {
    const key = `${record.name} ${record.port} ${record.priority} ${record.weight}`;
    let lot = this.#lots.get(key);
    if (lot === undefined) this.#lots.set(key, (lot = Math.random() ** (1 / Math.max(record.weight, 0.01))));
    return lot;
  }
}
