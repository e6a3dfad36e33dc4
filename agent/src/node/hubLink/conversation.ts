import { WebSocket, type RawData } from 'ws';
import type { Clock, Log } from '@anyseat/base';
import {
  CloseCode,
  decodeToTc,
  OLDEST_PROTOCOL,
  PROTOCOL_VERSION,
  retryAfterOf,
  type Challenge,
  type CommandFrame,
  type Hello,
  type ToTc,
} from '@anyseat/protocol';
import type { LinkNews, LinkTrouble } from '../../common/linkState.ts';
import type { AnswerFrame } from '../../common/seat.ts';
import type { Identity } from '../identity.ts';
import type { Line, Trust } from './dial.ts';

/** Tuned once; tests make them smaller. */
export interface LinkTimes {
  /** From the first packet to the hub's answer to `hello`. */
  answerMs: number;
  pingEveryMs: number;
  /** Nothing heard for this long, a pong included: the connection is dead. Found at the next ping. */
  deadAfterMs: number;
  /** Ceiling of the first pause; it doubles up to `mostPauseMs`. */
  firstPauseMs: number;
  mostPauseMs: number;
  /** Where there is another address to try, a connection to this one is given up after so long. */
  nextAddressMs: number;
  /** On another address than the first, the first is tried this often, half as much more or less by chance. */
  returnMs: number;
}

export interface HubLinkDeps {
  url: string;
  /** More addresses, for when the one before does not serve us. */
  fallbacks?: readonly string[] | undefined;
  /** Whether the connection may be changed for a better one now: nobody waits for an answer on it. */
  mayMove?: () => boolean;
  trust: Trust;
  identity: Identity;
  clock: Clock;
  log: Log;
  /** What `hello` says besides the proof; asked anew for each connection. */
  introduce: () => Pick<Hello, 'agentVersion' | 'machine' | 'token'>;
  onNews: (news: LinkNews) => void;
  onFrame: (frame: AnswerFrame) => void;
  /** An operator wants something of this box; without it nothing is done. */
  onCommand?: (frame: CommandFrame) => void;
  times?: Partial<LinkTimes>;
}

/** How one connection ended. */
export interface Parting {
  trouble: LinkTrouble;
  /** For the log. */
  why: string;
  /** The hub (or the state it left us in) asks for at least this pause. */
  retryAfterMs?: number | undefined;
  /** The hub had answered: the next pause is a first one again. */
  wasServed: boolean;
}

/** What is said on one connection, until it is over. */
export class Conversation {
  readonly #socket: WebSocket;
  readonly #line: Line;
  readonly #deps: HubLinkDeps;
  readonly #times: LinkTimes;
  /** Resolves when the connection is over. Never rejects. */
  readonly over: Promise<Parting>;
  #timer: Disposable | undefined;
  #heardAt: number;
  /** Of the ping that has no answer yet. */
  #pingedAt: number | undefined;
  #rttMs: number | undefined;
  #lost = 0;
  #greeted = false;
  #wasServed = false;
  #trouble: LinkTrouble | undefined;
  #retryAfterMs: number | undefined;
  #why: string | undefined;

  constructor(socket: WebSocket, line: Line, deps: HubLinkDeps, times: LinkTimes) {
    this.#socket = socket;
    this.#line = line;
    this.#deps = deps;
    this.#times = times;
    this.#heardAt = deps.clock.monotonic();
    this.#timer = deps.clock.after(times.answerMs, () => this.#end('silent'));
    this.over = this.#listen();
  }

  /** Monotonic ms of the last word, pings and pongs too. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Asks for a word of the hub now, unless one is asked for already. */
  ping(): void {
    if (this.#pingedAt === undefined && this.#wasServed) this.#ping();
  }

  /** How long the last ping took that came back, and how many have not since this was asked last; undefined before the first. */
  roundTrip(): { rttMs: number; lost: number } | undefined {
    if (this.#rttMs === undefined) return undefined;
    const lost = this.#lost;
    this.#lost = 0;
    return { rttMs: Math.round(this.#rttMs * 10) / 10, lost };
  }

  #listen(): Promise<Parting> {
    const heard = () => (this.#heardAt = this.#deps.clock.monotonic());
    this.#socket.on('message', (data, isBinary) => {
      heard();
      this.#onMessage(data, isBinary);
    });
    this.#socket.on('ping', heard);
    this.#socket.on('pong', () => {
      const at = heard();
      if (this.#pingedAt !== undefined) this.#rttMs = at - this.#pingedAt;
      this.#pingedAt = undefined;
    });
    this.#socket.on('error', (error) => (this.#why = error.message));
    return new Promise((resolve) => {
      this.#socket.once('close', (code, reason) => {
        this.#timer?.[Symbol.dispose]();
        resolve({
          trouble: this.#trouble ?? troubleOf(code, this.#wasServed),
          why: this.#why ?? `closed with ${code}`,
          retryAfterMs: this.#retryAfterMs ?? retryAfterOf(reason.toString()),
          wasServed: this.#wasServed,
        });
      });
    });
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const { log } = this.#deps;
    const decoded = isBinary ? undefined : decodeToTc(textOf(data));
    if (decoded?.ok) return this.#onFrame(decoded.frame);
    if (decoded?.why === 'unknown-type') {
      log.debug({ type: decoded.text }, 'a frame of a newer hub was ignored');
      return;
    }
    log.warn({ why: decoded?.text ?? 'binary' }, 'the hub sent a bad frame');
    this.#trouble = 'closed';
    this.#socket.close(CloseCode.badFrame);
  }

  #onFrame(frame: ToTc): void {
    const { onNews, onFrame } = this.#deps;
    switch (frame.type) {
      case 'challenge':
        this.#answer(frame);
        return;
      case 'welcome':
        this.#served();
        if (this.#line.shown !== undefined) this.#deps.trust.pins.learn(frame.pins, this.#line.shown);
        onNews({ kind: 'welcome', welcome: frame });
        return;
      case 'pending':
        this.#served();
        onNews({ kind: 'pending', fingerprint: frame.fingerprint });
        this.#askAgainAfter(frame.retryAfterMs);
        return;
      case 'rejected':
        this.#wasServed = true;
        this.#retryAfterMs = frame.retryAfterMs;
        onNews({ kind: 'rejected', code: frame.code });
        this.#socket.close(1000);
        return;
      case 'progress':
      case 'queued':
      case 'question':
      case 'grant':
      case 'attached':
      case 'refused':
      case 'release':
      case 'passwordChanged':
      case 'warning':
        if (this.#wasServed) onFrame(frame);
        return;
      case 'command':
        if (this.#wasServed) this.#deps.onCommand?.(frame);
        return;
      default:
        frame satisfies never;
    }
  }

  /** Only once a connection: a second challenge could be somebody else's, passed on. */
  #answer({ protocol, hubId, nonce }: Challenge): void {
    const { identity, introduce } = this.#deps;
    if (this.#greeted) return;
    this.#greeted = true;
    const version = Math.min(protocol.newest, PROTOCOL_VERSION);
    if (version < protocol.oldest || version < OLDEST_PROTOCOL) {
      this.#end('version');
      return;
    }
    const hello: Hello = {
      type: 'hello',
      protocol: version,
      ...introduce(),
      publicKey: identity.publicKey,
      signature: identity.signHello(hubId, nonce, this.#line.channel, version),
    };
    this.#socket.send(JSON.stringify(hello));
  }

  #served(): void {
    this.#wasServed = true;
    this.#timer?.[Symbol.dispose]();
    this.#pingLater();
  }

  #pingLater(): void {
    const { clock, log } = this.#deps;
    this.#timer = clock.after(this.#times.pingEveryMs, () => {
      const silentMs = clock.monotonic() - this.#heardAt;
      if (silentMs > this.#times.deadAfterMs) {
        log.warn({ silentMs: Math.round(silentMs) }, 'the connection to the hub is dead');
        this.#end('silent');
        return;
      }
      this.#ping();
      this.#pingLater();
    });
  }

  #ping(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#pingedAt !== undefined) this.#lost++;
    this.#pingedAt = this.#deps.clock.monotonic();
    this.#socket.ping();
  }

  /** The hub that approves may be another one: ask by a new connection, but stay on this one until then. */
  #askAgainAfter(retryAfterMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#deps.clock.after(retryAfterMs, () => {
      this.#retryAfterMs = 0;
      this.#socket.close(1000);
    });
  }

  #end(trouble: LinkTrouble): void {
    this.#trouble = trouble;
    this.#socket.terminate();
  }
}

function troubleOf(closeCode: number, wasServed: boolean): LinkTrouble {
  switch (closeCode) {
    case CloseCode.replaced:
      return 'replaced';
    case CloseCode.version:
      return 'version';
    case CloseCode.tooMany:
      return 'too-many';
    case CloseCode.goingAway:
      return 'going-away';
    default:
      return wasServed ? 'closed' : 'unreachable';
  }
}

const textOf = (data: RawData): string =>
  Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();
