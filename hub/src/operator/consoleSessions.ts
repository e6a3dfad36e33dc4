import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { HOUR, MINUTE, newSecret, type Clock } from '@anyseat/base';
import type { ConsoleSessionView } from '@anyseat/protocol';
import type { Operator, Right, Role } from './permissions.ts';

/** A shift and a little; then a new link. */
const LONGEST = 13 * HOUR;
/** An open page counts as use. */
const UNUSED = 30 * MINUTE;
const MOST_LINKS = 100;
const MOST_SESSIONS = 200;
/** Of one name: their own oldest goes, not somebody else's. */
const MOST_OF_ONE = 8;

interface Link {
  name: string;
  rights: readonly Right[];
  until: number;
}

interface Session extends Link {
  id: string;
  /** Of a directory; absent for who came by a link. */
  person: string | undefined;
  since: number;
  usedAt: number;
  /** Told when it ends, so that what it listens to is hung up. */
  onEnd: Set<() => void>;
}

/**
 * Who is in at the console: links that are good once, and the sessions that they became. Kept in memory alone and by their
 * hashes: a hub that starts anew lets nobody in who has no new link, and nothing that is read here opens anything.
 */
export class ConsoleSessions {
  readonly #clock: Clock;
  readonly #links = new Map<string, Link>();
  readonly #sessions = new Map<string, Session>();
  #made = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the code of a link; it is told once. */
  link(name: string, role: Role, forMs: number): { code: string; expiresAt: number } {
    const code = newSecret();
    const until = this.#clock.now() + forMs;
    keepLast(this.#links, MOST_LINKS - 1);
    this.#links.set(hashOf(code), { name, rights: [{ role }], until });
    return { code, expiresAt: until };
  }

  /** The secret of a new session for whoever has this code; the code is used up. */
  enter(code: string): { secret: string; operator: Operator } | undefined {
    const key = hashOf(code);
    const link = this.#links.get(key);
    this.#links.delete(key);
    if (!link || link.until <= this.#clock.now()) return undefined;
    return this.open(link.name, link.rights);
  }

  /** The secret of a new session. @param person of a directory, whose rights may change */
  open(name: string, rights: readonly Right[], person?: string): { secret: string; operator: Operator } {
    const now = this.#clock.now();
    const secret = newSecret();
    const own = [...this.#sessions].filter(([, session]) => session.name === name).map(([key]) => key);
    for (const key of own.slice(0, -MOST_OF_ONE + 1)) this.#remove(key);
    for (const key of [...this.#sessions.keys()].slice(0, -MOST_SESSIONS + 1)) this.#remove(key);
    const session: Session = {
      id: `${++this.#made}-${newSecret().slice(0, 6)}`,
      name,
      rights,
      person,
      since: now,
      usedAt: now,
      until: now + LONGEST,
      onEnd: new Set(),
    };
    this.#sessions.set(hashOf(secret), session);
    return { secret, operator: operatorOf(session) };
  }

  /** Who has this secret, if its session is not over; it counts as used. */
  operator(secret: string | undefined): Operator | undefined {
    const session = this.#live(secret);
    if (!session) return undefined;
    session.usedAt = this.#clock.now();
    return operatorOf(session);
  }

  /** Calls back once, when this session ends by anybody's act. */
  onEnd(secret: string | undefined, ended: () => void): Disposable {
    const session = this.#live(secret);
    session?.onEnd.add(ended);
    return { [Symbol.dispose]: () => void session?.onEnd.delete(ended) };
  }

  leave(secret: string | undefined): void {
    if (secret !== undefined) this.#remove(hashOf(secret));
  }

  list(): ConsoleSessionView[] {
    this.#forgetOld();
    return [...this.#sessions.values()].map(({ id, name, rights, since, usedAt, until }) => ({
      id,
      name,
      rights,
      since,
      usedAt,
      endsAt: until,
    }));
  }

  /** @returns whose it was; undefined when there is no such session. */
  end(id: string): string | undefined {
    for (const [key, session] of this.#sessions) {
      if (session.id !== id) continue;
      this.#remove(key);
      return session.name;
    }
    return undefined;
  }

  /** Everybody of a directory who is in, once. */
  people(): string[] {
    this.#forgetOld();
    return [...new Set([...this.#sessions.values()].flatMap(({ person }) => person ?? []))];
  }

  /** What somebody of a directory may do from now on; nothing puts them out. @returns whether anything changed */
  judge(person: string, rights: readonly Right[]): boolean {
    let changed = false;
    for (const [key, session] of this.#sessions) {
      if (session.person !== person || isDeepStrictEqual(session.rights, rights)) continue;
      changed = true;
      session.rights = rights;
      if (rights.length === 0) this.#remove(key);
    }
    return changed;
  }

  #live(secret: string | undefined): Session | undefined {
    if (secret === undefined) return undefined;
    this.#forgetOld();
    return this.#sessions.get(hashOf(secret));
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [key, { until, usedAt }] of this.#sessions)
      if (until <= now || usedAt + UNUSED <= now) this.#remove(key);
  }

  #remove(key: string): void {
    const session = this.#sessions.get(key);
    this.#sessions.delete(key);
    for (const ended of session?.onEnd ?? []) ended();
  }
}

const operatorOf = ({ name, rights, until }: Session): Operator => ({ name, rights, endsAt: until });
const hashOf = (secret: string): string => hash('sha256', secret, 'hex');

function keepLast(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
