import type { WebSocket } from 'ws';
import { SECOND, type Clock } from '@anyseat/base';
import { CloseCode, closeReason, type ToTcInput } from '@anyseat/protocol';
import type { Tc } from '../domain/tc.ts';
import { TokenBucket } from './tokenBucket.ts';

/** More than this not taken by the TC, and it is too slow to be of use; it comes back and gets the latest state. */
const MOST_BUFFERED_BYTES = 256 * 1024;
const BURST = 40;
const PER_SECOND = 10;

/** An agent closes in turn at once; whoever does not is cut off. */
const CLOSES_WITHIN = 2 * SECOND;

/** Says why and when to come back, and does not wait long for the other side to agree. */
export function hangUp(socket: WebSocket, code: number, retryAfterMs: number, clock: Clock): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.close(code, closeReason(retryAfterMs));
  const late = clock.after(CLOSES_WITHIN, () => socket.terminate());
  socket.once('close', () => late[Symbol.dispose]());
}

/** A signal of its own for each request: one made of two (`AbortSignal.any`) costs ten times as much. */
interface Asked {
  controller: AbortController;
  /** By the seat. */
  cancelled: boolean;
  /** The person says yes to what they were asked. */
  confirm?: () => void;
}

/** One TC's socket, after its key is proved. Everything that is asked over it dies with it. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #gone = new AbortController();
  readonly #bucket: TokenBucket;
  readonly #asked = new Map<string, Asked>();
  #kept: Promise<unknown> = Promise.resolve();
  /** Stands in every report; a report of an older connection is dropped. */
  readonly epoch: number;
  readonly address: string;
  tc: Tc;
  /** Monotonic ms of the last word or pong. */
  heardAt: number;

  constructor(options: { socket: WebSocket; tc: Tc; epoch: number; address: string; clock: Clock }) {
    this.#socket = options.socket;
    this.#clock = options.clock;
    this.#bucket = new TokenBucket(options.clock, BURST, PER_SECOND);
    this.tc = options.tc;
    this.epoch = options.epoch;
    this.address = options.address;
    this.heardAt = options.clock.monotonic();
  }

  /** Aborted when the socket is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** False when the TC sends more than it may. */
  mayTalk(): boolean {
    return this.#bucket.take();
  }

  send(frame: ToTcInput): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MOST_BUFFERED_BYTES) {
      this.#socket.terminate();
      return;
    }
    this.#socket.send(JSON.stringify(frame));
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  close(code: number, retryAfterMs = 0): void {
    hangUp(this.#socket, code, retryAfterMs, this.#clock);
  }

  /** False once it is closed from our side: what is still said over it nobody listens to. */
  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** The line is dead: no closing handshake, nobody would answer it. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Keeps what the seat says of itself, one word after the other. */
  keep(word: () => Promise<void>): Promise<void> {
    const kept = this.#kept.then(word);
    this.#kept = kept.catch(() => undefined);
    return kept;
  }

  /** Does what the seat asks for once all is kept that it said before: a picture that ended has ended for what comes next. */
  afterKept<T>(work: () => Promise<T>): Promise<T> {
    return this.#kept.then(work);
  }

  /** A request of this TC, until it is answered; aborted when it is cancelled or the socket is gone. */
  begin(requestId: string): {
    signal: AbortSignal;
    wasCancelled: () => boolean;
    [Symbol.dispose]: () => void;
  } {
    const asked: Asked = { controller: new AbortController(), cancelled: false };
    if (this.#gone.signal.aborted) asked.controller.abort(this.#gone.signal.reason);
    this.#asked.set(requestId, asked);
    return {
      signal: asked.controller.signal,
      wasCancelled: () => asked.cancelled,
      [Symbol.dispose]: () => this.#asked.delete(requestId),
    };
  }

  get busy(): boolean {
    return this.#asked.size > 0;
  }

  /** Resolves when the person says yes to a question of this request; never, if they do not. */
  confirmed(requestId: string): Promise<void> {
    return new Promise((resolve) => {
      const asked = this.#asked.get(requestId);
      if (asked) asked.confirm = resolve;
    });
  }

  confirm(requestId: string): void {
    this.#asked.get(requestId)?.confirm?.();
  }

  isAnswering(requestId: string): boolean {
    return this.#asked.has(requestId);
  }

  cancel(requestId: string): void {
    const asked = this.#asked.get(requestId);
    if (!asked || asked.controller.signal.aborted) return;
    asked.cancelled = true;
    asked.controller.abort(new Error('cancelled at the seat'));
  }

  ended(): void {
    const why = new Error('the connection is gone');
    this.#gone.abort(why);
    for (const { controller } of this.#asked.values()) controller.abort(why);
  }

  /** Another connection of the same key is served from now on: nobody waits for answers over this one. */
  replaced(): void {
    this.ended();
    this.close(CloseCode.replaced, 30_000);
  }
}
