import { WebSocket } from 'ws';
import { backoffMs, isFault, messageOf, SECOND } from '@anyseat/base';
import { MAX_FRAME_BYTES, type FromTc } from '@anyseat/protocol';
import { Conversation, type HubLinkDeps, type LinkTimes, type Parting } from './conversation.ts';
import { dial, type Line } from './dial.ts';

const TIMES: LinkTimes = {
  answerMs: 10 * SECOND,
  // A dead link is noticed after 45 s at the latest; the hub pings likewise.
  pingEveryMs: 15 * SECOND,
  deadAfterMs: 29 * SECOND,
  firstPauseMs: 2 * SECOND,
  mostPauseMs: 30 * SECOND,
};

/**
 * The connection to the hub, for as long as the agent lives: dials, proves itself, listens, notices a dead line, and
 * comes back after a jittered pause. What is said while there is no connection is not kept: who says it looks at the
 * state and says it again at the next welcome.
 */
export class HubLink implements AsyncDisposable {
  readonly #deps: HubLinkDeps;
  readonly #times: LinkTimes;
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;
  #socket: WebSocket | undefined;
  #conversation: Conversation | undefined;

  constructor(deps: HubLinkDeps) {
    this.#deps = deps;
    this.#times = { ...TIMES, ...deps.times };
    this.#over = this.#run();
  }

  /** Says something to the hub on the connection that stands now; nothing happens when there is none. */
  send(frame: FromTc): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** When the hub was last heard on the connection that stands now, monotonic ms. */
  heardAt(): number | undefined {
    return this.#conversation?.heardAt;
  }

  /** Asks the hub for a word; nothing happens when there is no connection. */
  ping(): void {
    this.#conversation?.ping();
  }

  /** By the pings of the connection that stands now; undefined before the first has come back. */
  roundTrip(): { rttMs: number; lost: number } | undefined {
    return this.#conversation?.roundTrip();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the agent stops'));
    this.#socket?.terminate();
    await this.#over;
  }

  async #run(): Promise<void> {
    const { clock, log, onNews } = this.#deps;
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; attempt++) {
      onNews({ kind: 'dialing' });
      const parting = await this.#connect();
      if (signal.aborted) return;
      if (parting.wasServed) attempt = 0;
      const pauseMs = this.#pauseMs(attempt, parting);
      // Once when it is lost; a hub that is away for hours must not fill the log of a small box.
      log[attempt === 0 ? 'info' : 'debug'](
        { trouble: parting.trouble, why: parting.why, attempt, pauseMs },
        'no connection to the hub',
      );
      onNews({ kind: 'lost', trouble: parting.trouble, retryAt: clock.now() + pauseMs });
      await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }

  /** Jitter in any case: what the hub asks for is the least, so that those it sent away together come back apart. */
  #pauseMs(attempt: number, { retryAfterMs = 0 }: Parting): number {
    const { firstPauseMs: firstMs, mostPauseMs: mostMs } = this.#times;
    return retryAfterMs + backoffMs(attempt, { firstMs, mostMs });
  }

  /** One connection from beginning to end. Never throws. */
  async #connect(): Promise<Parting> {
    const { url, trust, log } = this.#deps;
    const deadline = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#times.answerMs)]);
    let line: Line;
    try {
      line = await dial(new URL(url), trust, deadline);
    } catch (error) {
      const why = messageOf(error);
      if (!isFault(error, 'hub-untrusted')) return { trouble: 'unreachable', why, wasServed: false };
      log.warn({ why }, 'what answers at the hub’s address is not trusted');
      return { trouble: 'untrusted', why, wasServed: false };
    }
    if (this.#stop.signal.aborted) line.socket.destroy();
    return this.#converse(line);
  }

  #converse(line: Line): Promise<Parting> {
    const socket = new WebSocket(this.#deps.url, {
      createConnection: () => line.socket,
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: this.#times.answerMs,
    });
    this.#socket = socket;
    const conversation = new Conversation(socket, line, this.#deps, this.#times);
    this.#conversation = conversation;
    return conversation.over.finally(() => {
      this.#socket = undefined;
      this.#conversation = undefined;
      line.socket.destroy();
    });
  }
}
