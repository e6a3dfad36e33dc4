import type { Clock } from '@anyseat/base';
import type { Connection } from './connection.ts';
import { guard, leftMs, limitOf, type Limit } from './limit.ts';
import { ServerTrouble } from './trouble.ts';

/** Younger than any directory's own idle limit (Active Directory: 15 minutes), so that we are the one to close. */
const LONGEST_IDLE_MS = 60_000;

interface Waiter {
  waitUntil: Limit;
  connectMs: number;
  resolve: (connection: Connection) => void;
  reject: (why: Error) => void;
}

/**
 * Connections to one server for one purpose: each used by one request at a time, so many at most, opened when wanted,
 * the rest wait in line. The line is bounded in length, and each wait in time.
 */
export class Lane {
  readonly #open: (limit: Limit) => Promise<Connection>;
  readonly #clock: Clock;
  readonly #server: string;
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #waiting = new Set<Waiter>();
  #opening = 0;
  #closed: Error | undefined;

  constructor(options: {
    open: (limit: Limit) => Promise<Connection>;
    clock: Clock;
    server: string;
    most: number;
    mostWaiting: number;
  }) {
    this.#open = options.open;
    this.#clock = options.clock;
    this.#server = options.server;
    this.#most = options.most;
    this.#mostWaiting = options.mostWaiting;
  }

  /**
   * Runs one request on a connection of its own. Waiting for one takes until `waitUntil` at most, opening one
   * `connectMs`; what `act` does, it limits itself.
   * @throws ServerTrouble `busy`, `unreachable`, `service-refused`; what `act` throws.
   */
  async use<T>(waitUntil: Limit, connectMs: number, act: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#take(waitUntil, connectMs);
    try {
      return await act(connection);
    } finally {
      this.#giveBack(connection);
    }
  }

  /** Those who wait are told, idle connections closed; requests under way are left to their own limits. */
  fail(why: Error): void {
    for (const waiter of this.#waiting) waiter.reject(why);
    this.#waiting.clear();
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  /** As `fail`, and requests under way end too, and nothing is opened any more. */
  close(why: Error): void {
    this.#closed = why;
    this.fail(why);
    for (const connection of this.#all) connection.close();
  }

  /** Closes what nobody has used for long. */
  sweep(): void {
    const oldest = this.#clock.monotonic() - LONGEST_IDLE_MS;
    for (const connection of this.#idle.filter((c) => c.idleSince < oldest)) connection.close();
  }

  async #take(waitUntil: Limit, connectMs: number): Promise<Connection> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop())
      if (idle.alive) return idle;
    if (this.#hasRoom()) return this.#openOne(waitUntil, connectMs);
    if (this.#waiting.size >= this.#mostWaiting || leftMs(this.#clock, waitUntil) === 0) throw this.#busy();
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const waiter: Waiter = { waitUntil, connectMs, resolve, reject };
    this.#waiting.add(waiter);
    using _ = guard(
      this.#clock,
      waitUntil,
      () => this.#busy(),
      (why) => this.#waiting.delete(waiter) && reject(why),
    );
    return await promise;
  }

  #hasRoom(): boolean {
    return this.#all.size + this.#opening < this.#most;
  }

  async #openOne(waitUntil: Limit, connectMs: number): Promise<Connection> {
    const { signal } = waitUntil;
    const ms = Math.min(connectMs, leftMs(this.#clock, waitUntil));
    this.#opening++;
    try {
      const connection = await this.#open(limitOf(this.#clock, ms, signal));
      if (this.#closed !== undefined) {
        connection.close();
        throw this.#closed;
      }
      this.#all.add(connection);
      connection.onClose(() => this.#drop(connection));
      return connection;
    } finally {
      this.#opening--;
      // Called off by one person: the room is the next one's. (A server that cannot be reached fails the whole lane.)
      if (signal.aborted) this.#openForNext();
    }
  }

  #openForNext(): void {
    const [next] = this.#waiting;
    if (next === undefined || !this.#hasRoom()) return;
    this.#waiting.delete(next);
    this.#openOne(next.waitUntil, next.connectMs).then(next.resolve, next.reject);
  }

  #giveBack(connection: Connection): void {
    if (!connection.alive) return; // its end makes room
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next);
      return next.resolve(connection);
    }
    connection.idleSince = this.#clock.monotonic();
    this.#idle.push(connection);
  }

  /** A connection has ended: whoever waits gets a new one in its place. */
  #drop(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#openForNext();
  }

  #busy(): ServerTrouble {
    return new ServerTrouble('busy', this.#server, 'all connections are in use');
  }
}
