import {
  CLIENT_MESSAGE,
  MESSAGE,
  messageHeaderBytes,
  readMessageHeader,
  word,
  writeMessage,
} from './wire.ts';

/** All that is looked at of a PING (spice.proto: its number, uint32, and its time, uint64). */
const PING_BYTES = 12;
/** Generation and window, a uint32 each. */
const SET_ACK_BYTES = 8;

/**
 * The client's duties on a main channel that shows nothing: every PING gets its PONG, every window its ACK, and the rest
 * passes unread. Holds no more than one header and twelve bytes of a body, however the bytes come.
 */
export class MainChannel {
  readonly #mini: boolean;
  readonly #send: (bytes: Buffer) => void;
  readonly #onChannelsList: () => void;
  #held: Buffer | undefined;
  /** Bytes of a body that are of no interest. */
  #skip = 0;
  #serial = 0;
  #window = 0;
  #sinceAck = 0;

  /** @param begun the header of a message that was read before, if its body was not */
  constructor(options: {
    miniHeader: boolean;
    send: (bytes: Buffer) => void;
    onChannelsList: () => void;
    begun?: Buffer | undefined;
  }) {
    this.#mini = options.miniHeader;
    this.#send = options.send;
    this.#onChannelsList = options.onChannelsList;
    this.#held = options.begun;
  }

  /** Asks which channels there are: the one question that changes nothing, however often it is asked. */
  askForChannels(): void {
    this.#say(CLIENT_MESSAGE.attachChannels, NOTHING);
  }

  take(chunk: Buffer): void {
    let rest = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    const headerBytes = messageHeaderBytes(this.#mini);
    for (;;) {
      const passed = Math.min(this.#skip, rest.length);
      this.#skip -= passed;
      rest = rest.subarray(passed);
      if (rest.length < headerBytes) break;
      const { type, size } = readMessageHeader(rest, this.#mini);
      const wanted = Math.min(size, wantedOf(type));
      if (rest.length < headerBytes + wanted) break;
      this.#answer(type, rest.subarray(headerBytes, headerBytes + wanted));
      this.#skip = size - wanted;
      rest = rest.subarray(headerBytes + wanted);
    }
    // A copy: what came with it is not to be held for these few bytes.
    this.#held = rest.length === 0 ? undefined : Buffer.from(rest);
  }

  #answer(type: number, body: Buffer): void {
    if (type === MESSAGE.setAck && body.length === SET_ACK_BYTES) {
      this.#window = body.readUInt32LE(4);
      this.#sinceAck = 0;
      this.#say(CLIENT_MESSAGE.ackSync, word(body.readUInt32LE(0)));
      return;
    }
    if (type === MESSAGE.ping && body.length === PING_BYTES) this.#say(CLIENT_MESSAGE.pong, body);
    else if (type === MESSAGE.channelsList) this.#onChannelsList();
    if (this.#window > 0 && ++this.#sinceAck >= this.#window) {
      this.#sinceAck = 0;
      this.#say(CLIENT_MESSAGE.ack, NOTHING);
    }
  }

  #say(type: number, body: Buffer): void {
    this.#send(writeMessage(type, body, this.#mini, ++this.#serial));
  }
}

const NOTHING = Buffer.alloc(0);

const wantedOf = (type: number): number =>
  type === MESSAGE.ping ? PING_BYTES : type === MESSAGE.setAck ? SET_ACK_BYTES : 0;
