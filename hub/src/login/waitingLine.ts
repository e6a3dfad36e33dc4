import type { Clock, Log } from '@anyseat/base';
import { messageOf } from '@anyseat/base';
import type { Session, SessionId } from '../domain/session.ts';
import type { Claimed } from '../store/store.ts';

/** How a session in the queue gets a desktop: one conditional statement of the store. */
type Claim = (session: SessionId) => Promise<Claimed>;

/** What the one at the head of the line gets. */
type Got = Extract<Claimed, { kind: 'got' }>;

interface Entry {
  session: Session;
  claim: Claim;
  served: (got: Got | undefined) => void;
  onPlace: (place: number) => void;
}

const LOOK_EVERY_MS = 2000;

/**
 * The people who wait for a desktop, with a TC that is connected to this hub: whose desktop was swapped first, then the highest priority, then first come,
 * first served, by the pools that serve them. A place is the session's own start, so it survives a short loss of the connection.
 */
export class WaitingLine implements AsyncDisposable {
  readonly #entries: Entry[] = [];
  readonly #clock: Clock;
  readonly #log: Log;
  #timer: Disposable | undefined;
  #serving: Promise<void> = Promise.resolve();
  #askedAgain = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get size(): number {
    return this.#entries.length;
  }

  has(session: SessionId): boolean {
    return this.#entries.some((entry) => entry.session.id === session);
  }

  /** People whom this pool serves first. */
  waitingFor(pool: string): number {
    return this.#entries.filter((entry) => entry.session.pools[0] === pool).length;
  }

  /** The place of somebody who came now. */
  placeOfNew({ pools, queuePriority }: { pools: readonly string[]; queuePriority: number }): number {
    const before = this.#entries.filter(
      ({ session }) => priorityOf(session) >= queuePriority && sharesPool(session, pools),
    );
    return 1 + before.length;
  }

  #tellAll(entries: readonly Entry[]): void {
    for (const entry of entries) entry.onPlace(this.#placeOf(entry));
  }

  /** 1 is next. */
  #placeOf(entry: Entry): number {
    const before = this.#entries.slice(0, this.#entries.indexOf(entry));
    return 1 + before.filter((other) => sharesPool(other.session, entry.session.pools)).length;
  }

  /**
   * Waits until the session has a desktop; undefined when there is none to be had for it any more.
   * @param onPlace told the place, 1 being next, at once and whenever the line has moved
   * @throws the signal's reason when the person walks away
   */
  async wait(
    session: Session,
    claim: Claim,
    onPlace: (place: number) => void,
    signal: AbortSignal,
  ): Promise<Got | undefined> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Got | undefined>();
    const entry: Entry = { session, claim, served: resolve, onPlace };
    const at = this.#entries.findIndex((other) => comesBefore(session, other.session));
    this.#entries.splice(at < 0 ? this.#entries.length : at, 0, entry);
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    onPlace(this.#placeOf(entry));
    this.#tellAll(this.#entries.slice(this.#entries.indexOf(entry) + 1));
    this.#tick();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#entries.splice(this.#entries.indexOf(entry), 1);
      this.#tellAll(this.#entries);
    }
  }

  /** A desktop of some pool may be ready: serve whom it serves, in order. */
  serve(): void {
    // One look behind the one that runs is enough, however often it is asked for.
    if (this.#askedAgain) return;
    this.#askedAgain = true;
    this.#serving = this.#serving.then(() => {
      this.#askedAgain = false;
      return this.#serveAll();
    });
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
        if (got.kind !== 'none') entry.served(got.kind === 'got' ? got : undefined);
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

/** Whose desktop was taken from them comes before everybody. */
const priorityOf = ({ policy, swap }: Session): number => (swap ? Infinity : (policy?.queuePriority ?? 0));

const comesBefore = (a: Session, b: Session): boolean =>
  priorityOf(a) > priorityOf(b) || (priorityOf(a) === priorityOf(b) && a.startedAt < b.startedAt);

const sharesPool = (session: Session, pools: readonly string[]): boolean =>
  session.pools.some((pool) => pools.includes(pool));
