import { timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { newSecret, type Log } from '@anyseat/base';
import { ownFolder, readIfThere, trySecretFile } from '../atomicFile.ts';

const MOST_REMEMBERED = 16;

/**
 * Who may open the page. An address carries a code; opening it gives the browser a cookie, and the address that the
 * shell's browser is started with works once, because everybody on the box can read it in the list of processes. The
 * lasting one is printed for a person to open; it survives the agent, so that an open page does too.
 */
export class DoorKeys {
  readonly #log: Log;
  readonly #lasting: string;
  readonly #once = new Set<string>();
  readonly #burnt = new Set<string>();
  readonly #cookies = new Set<string>();

  constructor(runDir: string, log: Log) {
    const path = join(ownFolder(runDir), 'page.key');
    this.#log = log;
    this.#lasting = readIfThere(path) ?? newSecret();
    trySecretFile(path, this.#lasting, log);
    this.#cookies.add(this.#lasting);
  }

  get lastingCode(): string {
    return this.#lasting;
  }

  onceCode(): string {
    const code = newSecret();
    this.#once.add(code);
    keepLast(this.#once);
    return code;
  }

  /** The cookie for whoever shows this code; undefined when it opens nothing. */
  exchange(code: string): string | undefined {
    if (same(code, this.#lasting)) return this.#lasting;
    if (this.#once.delete(code)) {
      const cookie = newSecret();
      this.#cookies.add(cookie);
      keepLast(this.#cookies, this.#lasting);
      this.#burnt.add(code);
      keepLast(this.#burnt);
      return cookie;
    }
    if (this.#burnt.has(code)) this.#log.warn('an address of the login page was tried a second time');
    return undefined;
  }

  opens(cookie: string | undefined): boolean {
    return cookie !== undefined && [...this.#cookies].some((one) => same(one, cookie));
  }
}

function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

function keepLast(set: Set<string>, but?: string): void {
  for (const one of set) {
    if (set.size <= MOST_REMEMBERED) return;
    if (one !== but) set.delete(one);
  }
}
