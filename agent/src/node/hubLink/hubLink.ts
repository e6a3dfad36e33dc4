import { WebSocket } from 'ws';
import { backoffMs, isFault, messageOf, MINUTE, SECOND } from '@anyseat/base';
import { MAX_FRAME_BYTES, type FromTc } from '@anyseat/protocol';
import { Addresses } from './addresses.ts';
import { Conversation, type HubLinkDeps, type LinkTimes, type Parting } from './conversation.ts';
import { dial, type Line } from './dial.ts';

const TIMES: LinkTimes = {
  answerMs: 10 * SECOND,
  // A dead link is noticed after 45 s at the latest; the hub pings likewise.
  pingEveryMs: 15 * SECOND,
  deadAfterMs: 29 * SECOND,
  firstPauseMs: 2 * SECOND,
  mostPauseMs: 30 * SECOND,
  nextAddressMs: 5 * SECOND,
  returnMs: 10 * MINUTE,
};
/** Between two addresses: those that lost the first together do not come to the next together. */
const NEXT_ADDRESS_SHARE = 0.25;

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
  readonly #addresses: Addresses;
  #socket: WebSocket | undefined;
  #conversation: Conversation | undefined;

  constructor(deps: HubLinkDeps) {
    this.#deps = deps;
    this.#times = { ...TIMES, ...deps.times };
    this.#addresses = new Addresses([deps.url, ...(deps.fallbacks ?? [])]);
    this.#over = this.#run();
  }

  /** Says something to the hub on the connection that stands now; nothing happens when there is none. */
  send(frame: FromTc): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** The address of the connection that stands now, or is tried next. */
  get url(): string {
    return this.#addresses.url;
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
    for (let attempt = 0; !signal.aborted;) {
      onNews({ kind: 'dialing' });
      const { url } = this.#addresses;
      const parting = await this.#connect();
      if (signal.aborted) return;
      if (parting.wasServed) attempt = 0;
      const wereAll = this.#addresses.next(parting.wasServed);
      const pauseMs = wereAll ? this.#pauseMs(attempt, parting) : this.#betweenMs();
      // Once when it is lost; a hub that is away for hours must not fill the log of a small box.
      log[attempt === 0 ? 'info' : 'debug'](
        { url, trouble: parting.trouble, why: parting.why, attempt, pauseMs },
        'no connection to the hub',
      );
      if (wereAll) attempt++;
      onNews({ kind: 'lost', trouble: parting.trouble, retryAt: clock.now() + pauseMs });
      await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }

  /** Jitter in any case: what the hub asks for is the least, so that those it sent away together come back apart. */
  #pauseMs(attempt: number, { retryAfterMs = 0 }: Parting): number {
    const { firstPauseMs: firstMs, mostPauseMs: mostMs } = this.#times;
    return retryAfterMs + backoffMs(attempt, { firstMs, mostMs });
  }

  #betweenMs(): number {
    return Math.round(Math.random() * this.#times.firstPauseMs * NEXT_ADDRESS_SHARE);
  }

  /** One connection from beginning to end. Never throws. */
  async #connect(): Promise<Parting> {
    const { trust, log } = this.#deps;
    const { url, isLast } = this.#addresses;
    const { answerMs, nextAddressMs } = this.#times;
    const withinMs = isLast ? answerMs : Math.min(answerMs, nextAddressMs);
    const deadline = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(withinMs)]);
    let line: Line;
    try {
      line = await dial(new URL(url), trust, deadline);
    } catch (error) {
      const why = messageOf(error);
      if (!isFault(error, 'hub-untrusted')) return { trouble: 'unreachable', why, wasServed: false };
      log.warn({ url, why }, 'what answers at the hub’s address is not trusted');
      return { trouble: 'untrusted', why, wasServed: false };
    }
    if (this.#stop.signal.aborted) line.socket.destroy();
    return this.#converse(line);
  }

  #converse(line: Line): Promise<Parting> {
    const socket = new WebSocket(this.#addresses.url, {
      createConnection: () => line.socket,
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: this.#times.answerMs,
    });
    this.#socket = socket;
    const conversation = new Conversation(socket, line, this.#deps, this.#times);
    this.#conversation = conversation;
    const returning = this.#addresses.isFirst ? undefined : this.#returnLater();
    return conversation.over.finally(() => {
      returning?.[Symbol.dispose]();
      this.#socket = undefined;
      this.#conversation = undefined;
      line.socket.destroy();
    });
  }

  /** Away from the first address: as soon as somebody answers there who can be trusted, and nobody waits for anything here, back to it. */
  #returnLater(): Disposable {
    const { clock, log } = this.#deps;
    const timer = new DisposableStack();
    const again = () => {
      const inMs = this.#times.returnMs * (0.5 + Math.random());
      timer.use(
        clock.after(inMs, () => {
          this.#isFirstThere()
            .then((there) => {
              if (timer.disposed) return;
              if (!there || this.#deps.mayMove?.() === false) return again();
              log.info({ url: this.#addresses.first }, 'the first address answers again');
              this.#socket?.close(1000);
            })
            .catch((error: unknown) => log.error({ err: error }, 'the first address is not tried any more'));
        }),
      );
    };
    again();
    return timer;
  }

  async #isFirstThere(): Promise<boolean> {
    const { signal } = this.#stop;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(this.#times.nextAddressMs)]);
    try {
      const line = await dial(new URL(this.#addresses.first), this.#deps.trust, deadline);
      line.socket.destroy();
      return true;
    } catch {
      return false;
    }
  }
}
