import type { Clock, Log } from '@anyseat/base';
import { messageOf } from '@anyseat/base';
import type { Desktop } from '../domain/desktop.ts';
import type { Session, SessionId } from '../domain/session.ts';

/** How a session in the queue gets a desktop: one conditional statement of the store. */
type Claim = (session: SessionId) => Promise<{ session: Session; desktop: Desktop } | undefined>;

interface Entry {
  session: Session;
  claim: Claim;
  served: (got: { session: Session; desktop: Desktop }) => void;
  moved: () => void;
}

const LOOK_EVERY_MS = 2000;

/**
 * The people who wait for a desktop, with a TC that is connected to this hub: first come, first served, by the pools
 * that serve them. A place is the session's own start, so it survives a short loss of the connection.
 */
export class WaitingLine implements AsyncDisposable {
  readonly #entries: Entry[] = [];
  readonly #clock: Clock;
  readonly #log: Log;
  #timer: Disposable | undefined;
  #serving: Promise<void> = Promise.resolve();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get sessions(): ReadonlySet<SessionId> {
    return new Set(this.#entries.map((entry) => entry.session.id));
  }

  /** People whom this pool serves first. */
  waitingFor(pool: string): number {
    return this.#entries.filter((entry) => entry.session.pools[0] === pool).length;
  }

  /** 1 is next. */
  placeOf(session: Session): number {
    const before = this.#entries.filter(
      (other) =>
        other.session.id !== session.id &&
        other.session.startedAt < session.startedAt &&
        other.session.pools.some((pool) => session.pools.includes(pool)),
    );
    return before.length + 1;
  }

  /**
   * Waits until the session has a desktop.
   * @param onMoved called when the line has moved, so that the place can be told anew
   * @throws the signal's reason when the person walks away
   */
  async wait(
    session: Session,
    claim: Claim,
    onMoved: () => void,
    signal: AbortSignal,
  ): Promise<{ session: Session; desktop: Desktop }> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<{ session: Session; desktop: Desktop }>();
    const entry: Entry = { session, claim, served: resolve, moved: onMoved };
    const at = this.#entries.findIndex((other) => other.session.startedAt > session.startedAt);
    this.#entries.splice(at < 0 ? this.#entries.length : at, 0, entry);
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#tick();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#entries.splice(this.#entries.indexOf(entry), 1);
      for (const other of this.#entries) other.moved();
    }
  }

  /** A desktop of some pool may be ready: serve whom it serves, in order. */
  serve(): void {
    this.#serving = this.#serving.then(() => this.#serveAll());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.#serving;
  }

  async #serveAll(): Promise<void> {
    const empty = new Set<string>();
    for (const entry of this.#entries.slice()) {
      if (!this.#entries.includes(entry) || entry.session.pools.every((pool) => empty.has(pool))) continue;
      try {
        const got = await entry.claim(entry.session.id);
        if (got) entry.served(got);
        else if (entry.session.binding === 'none') for (const pool of entry.session.pools) empty.add(pool);
      } catch (error) {
        this.#log.warn({ session: entry.session.id, why: messageOf(error) }, 'a claim for the queue failed');
      }
    }
  }

  /** Levels, not edges: a lost word of a ready desktop costs two seconds. */
  #tick(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#entries.length === 0) return;
    this.serve();
    this.#timer = this.#clock.after(LOOK_EVERY_MS, () => this.#tick());
  }
}
