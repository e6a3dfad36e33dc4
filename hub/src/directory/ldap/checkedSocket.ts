import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { ServerTrouble } from './trouble.ts';
import { MessageCutter, NotLdap, RESPONSE, type Message } from './wire.ts';

/** What one request may be answered with, and how much of it. */
export interface Expected {
  tags: readonly number[];
  mostBytes: number;
  mostMessages: number;
}

/**
 * A connection as the client library sees it, with a check in between: one whole, well-made message at a time, only
 * answers to the request under way, and no more of them than that request allows. Anything else ends the connection.
 * One request at a time.
 */
export class CheckedSocket extends EventEmitter {
  /** The library opens a socket that is not open; this one is. */
  readonly connecting = false;
  readonly #socket: Socket;
  readonly #server: string;
  readonly #cutter = new MessageCutter();
  #expected: Expected | undefined;
  #id = 0;
  #failure: Error | undefined;

  constructor(socket: Socket, server: string) {
    super();
    this.#socket = socket;
    this.#server = server;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.destroy(this.#trouble('closed', 'the server ended the connection')));
    socket.on('error', (error) => this.destroy(this.#trouble('closed', error.message)));
    socket.on('close', () => {
      this.#failure ??= this.#trouble('closed', 'the connection ended');
      this.emit('close');
    });
    socket.resume();
  }

  get readyState(): string {
    return this.alive ? 'open' : 'closed';
  }

  get alive(): boolean {
    return this.#failure === undefined && !this.#socket.destroyed;
  }

  /** Why the connection is over; `undefined` while it is not. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  expect(expected: Expected): void {
    this.#expected = { ...expected };
  }

  /** The request is over: whatever comes now was not asked for. */
  expectNothing(): void {
    this.#expected = undefined;
  }

  write(bytes: Buffer, done?: (error?: Error | null) => void): boolean {
    // SEQUENCE, length, then the message's number: what the library writes is well made.
    const lengthBytes = bytes[1]! < 0x80 ? 0 : bytes[1]! - 0x80;
    const at = 3 + lengthBytes;
    this.#id = bytes.readIntBE(at + 1, bytes[at]!);
    return this.#socket.write(bytes, done);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(why?: Error): this {
    this.#failure ??= why ?? this.#trouble('closed', 'the connection was closed by us');
    this.#socket.destroy();
    return this;
  }

  /** As `destroy`, after what was written has left; for an orderly good-bye. */
  destroySoon(): void {
    this.#failure ??= this.#trouble('closed', 'the connection was closed by us');
    this.#socket.destroySoon();
  }

  #onData(chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      const left = this.#expected;
      if (left !== undefined && (left.mostBytes -= chunk.length) < 0)
        throw new NotLdap('it sends more than any answer could be');
      for (const message of this.#cutter.cut(chunk)) {
        this.#check(message);
        this.emit('data', message.bytes);
      }
    } catch (error) {
      if (!(error instanceof NotLdap)) throw error;
      this.destroy(this.#trouble('garbled', error.message));
    }
  }

  #check(message: Message): void {
    const expected = this.#expected;
    if (message.id === 0 && message.tag === RESPONSE.extended)
      return void this.destroy(this.#trouble('closed', 'the server says that it closes the connection'));
    if (expected === undefined || message.id !== this.#id || !expected.tags.includes(message.tag))
      throw new NotLdap('it sends an answer to nothing that was asked');
    if (--expected.mostMessages < 0) throw new NotLdap('it sends more entries than were asked for');
  }

  #trouble(kind: 'closed' | 'garbled', text: string): ServerTrouble {
    return new ServerTrouble(kind, this.#server, text);
  }
}
