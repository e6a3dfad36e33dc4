import type { Readable } from 'node:stream';

/** The peer went away (`cause`: how) before the bytes that were asked for had come. */
export class PeerGone extends Error {
  override readonly name = 'PeerGone';
}

/**
 * Reads a stream in pieces of known length. Never holds more than what was asked for and one highWaterMark of the
 * stream: what a peer sends beyond waits in the kernel. One read at a time.
 */
export class ByteReader {
  readonly #stream: Readable;
  #waiting: (() => void) | undefined;
  #gone: { cause: Error | undefined } | undefined;
  readonly #wake = () => this.#waiting?.();
  /** Bytes handed out so far: 0 says that the peer never said a word. */
  total = 0;

  constructor(stream: Readable) {
    this.#stream = stream;
    const over = (cause?: Error) => {
      this.#gone ??= { cause };
      this.#wake();
    };
    stream.on('readable', this.#wake);
    stream.once('end', () => over());
    stream.once('close', () => over());
    stream.once('error', over);
  }

  /** Exactly `length` bytes. Rejects with PeerGone when the stream ends before. */
  async read(length: number): Promise<Buffer> {
    for (;;) {
      if (length === 0) return Buffer.alloc(0);
      const piece = this.#stream.read(length) as Buffer | null;
      // What is left at the end of a stream is handed out even when it is too short.
      if (piece?.length === length) {
        this.total += length;
        return piece;
      }
      // Made only where somebody still wants to read: every connection ends, and an error with its stack is dear.
      if (this.#gone)
        throw new PeerGone('the peer went away', this.#gone.cause && { cause: this.#gone.cause });
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
      this.#waiting = undefined;
    }
  }

  /** Throws away `length` bytes, however many they are, without ever holding them. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; left -= Math.min(left, 4096)) await this.read(Math.min(left, 4096));
  }

  /** From now on whatever comes goes there as it comes, beginning with what is held already. No read after it. */
  handOver(take: (chunk: Buffer) => void): void {
    this.#stream.off('readable', this.#wake);
    this.#stream.on('data', take).resume();
  }

  /** Lets everything that still comes pass unread, so that the stream sees its end. No read after it. */
  discardRest(): void {
    this.#stream.off('readable', this.#wake);
    this.#stream.resume();
  }
}
