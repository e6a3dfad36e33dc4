import type { IncomingMessage, Server } from 'node:http';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { Fault, messageOf, SECOND, type Clock, type Log } from '@anyseat/base';
import {
  CloseCode,
  closeReason,
  decodeFromTc,
  MAX_FRAME_BYTES,
  OLDEST_PROTOCOL,
  PROTOCOL_VERSION,
  TC_PATH,
  type FromTc,
  type Hello,
} from '@anyseat/protocol';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Session, TcId } from '../domain/session.ts';
import type { Tc } from '../domain/tc.ts';
import type { Store } from '../store/store.ts';
import { Connection, hangUp } from './connection.ts';
import { tokenHash } from './enrolment.ts';
import { expectHello, proveKey, type Expected } from './handshake.ts';
import { NewKeys } from './newKeys.ts';
import { Strangers } from './strangers.ts';
import { TokenBucket } from './tokenBucket.ts';

export interface GatewayDeps {
  store: Store;
  catalogue: () => Catalogue;
  clock: Clock;
  log: Log;
  /** `sha256/…` of the keys that agents are to accept at their next connection. */
  pins: readonly string[];
  /** What this hub can do beside what every hub can. */
  capabilities: readonly string[];
  dispatch: (frame: FromTc, connection: Connection) => Promise<void>;
  counters: { frames: (what: string) => void };
  /** A TC came or went. */
  onPresence?: () => void;
}

const HELLO_WITHIN = 5 * SECOND;
const PING_EVERY = 15 * SECOND;
const DEAD_AFTER = 40 * SECOND;
const RETRY_PENDING = 30 * SECOND;
const MOST_PENDING_TCS = 1000;
/** What somebody may say before we know who it is: a hello, and a little noise. */
const STRANGER = { burst: 10, perSecond: 1 };
const RUN = 2 ** 32;

/**
 * The agents' door. A socket is a stranger until its key is proved; then it is one TC, known by that key alone. The
 * newest connection of a key is the one that is served.
 */
export class Gateway implements AsyncDisposable {
  readonly #deps: GatewayDeps;
  readonly #server: WebSocketServer;
  readonly #connections = new Map<TcId, Connection>();
  readonly #strangers: Strangers;
  readonly #newKeys: NewKeys;
  #connectionsMade = 0;
  #pinger: Disposable | undefined;
  #pingedAt: number;
  #closing = false;
  #closed: Promise<void> | undefined;

  constructor(deps: GatewayDeps) {
    this.#deps = deps;
    this.#strangers = new Strangers(deps.clock);
    this.#newKeys = new NewKeys(deps.clock);
    this.#pingedAt = deps.clock.monotonic();
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_FRAME_BYTES,
      // A message after the first costs 114 KB of memory a connection with deflate (measured), for frames of 250 bytes.
      perMessageDeflate: false,
    });
    this.#pingAll();
  }

  /** Takes the WebSocket upgrades of a server at TC_PATH. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      const elsewhere = request.url !== TC_PATH;
      const noStranger = elsewhere || this.#closing ? undefined : this.#strangers.add(socket);
      if (!noStranger) {
        const status = elsewhere ? '404 Not Found' : '503 Service Unavailable\r\nRetry-After: 5';
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
        return;
      }
      socket.once('close', noStranger);
      this.#server.handleUpgrade(request, socket, head, (ws) =>
        this.#welcomeStranger(ws, request, noStranger),
      );
    });
  }

  get online(): ReadonlySet<TcId> {
    return new Set(
      [...this.#connections.values()].filter((c) => c.tc.state === 'enrolled').map((c) => c.tc.id),
    );
  }

  connection(tc: TcId): Connection | undefined {
    return this.#connections.get(tc);
  }

  /** Ends the viewer of a session at a TC, if that is connected here. */
  release(tc: TcId, session: Session, code: string, fields: Readonly<Record<string, string>> = {}): void {
    this.#connections.get(tc)?.send({ type: 'release', sessionId: session.id, code, fields });
  }

  /** The TC was approved, placed or retired, or its seat was changed: it is told how it stands now. */
  refresh(tc: Tc): void {
    const connection = this.#connections.get(tc.id);
    if (!connection) return;
    connection.tc = tc;
    this.#greet(connection);
  }

  /** Seats or sites were changed: every TC is told where it stands now. */
  refreshAll(): void {
    for (const connection of this.#connections.values()) this.#greet(connection);
  }

  /** Sends everybody away, to come back; once, however often it is asked for. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing = true;
    this.#pinger?.[Symbol.dispose]();
    for (const client of this.#server.clients) client.close(CloseCode.goingAway, closeReason(2 * SECOND));
    await this.#deps.clock.sleep(50);
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #welcomeStranger(socket: WebSocket, request: IncomingMessage, noStranger: () => void): void {
    const { clock, log, store, counters } = this.#deps;
    const expected = expectHello(store.installation.hubId, request);
    const { hubId, nonce } = expected;
    const address = request.socket.remoteAddress ?? '';
    let connection: Connection | undefined;
    let greeting = false;
    const bucket = new TokenBucket(clock, STRANGER.burst, STRANGER.perSecond);
    const mayTalk = () => (connection ? connection.mayTalk() : bucket.take());
    const late = clock.after(HELLO_WITHIN, () => {
      if (!connection) hangUp(socket, CloseCode.helloTimeout, SECOND, clock);
    });
    socket.on('error', (error) => log.debug({ address, why: error.message }, 'a socket failed'));
    // Every ping is answered by the library, and the answers of a socket that nobody reads stay in our memory.
    socket.on('ping', () => {
      if (!mayTalk()) socket.terminate();
    });
    socket.on('pong', () => {
      if (!mayTalk()) socket.terminate();
      else if (connection) connection.heardAt = clock.monotonic();
    });
    socket.once('close', () => {
      late[Symbol.dispose]();
      noStranger();
      if (connection) this.#lost(connection);
    });
    socket.on('message', (data: RawData, isBinary) => {
      // Said after we hung up, or too much of it: not worth the reading.
      if (socket.readyState !== socket.OPEN) return undefined;
      if (!mayTalk()) {
        log.warn({ address, tc: connection?.tc.id }, 'a thin client sends too much');
        hangUp(socket, CloseCode.tooMany, 30 * SECOND, clock);
        return undefined;
      }
      const decoded = isBinary ? undefined : decodeFromTc(textOf(data));
      counters.frames(decoded?.ok ? decoded.frame.type : (decoded?.why ?? 'binary'));
      if (connection) return this.#onMessage(decoded, connection);
      if (greeting || !decoded?.ok || decoded.frame.type !== 'hello') {
        if (!greeting) hangUp(socket, CloseCode.badFrame, 30 * SECOND, clock);
        return undefined;
      }
      greeting = true;
      const known = () => {
        late[Symbol.dispose]();
        noStranger();
      };
      this.#meet(decoded.frame, expected, socket, address, known).then(
        (met) => {
          known();
          connection = met;
          if (met && socket.readyState !== socket.OPEN) this.#lost(met);
        },
        (error: unknown) => {
          log.warn({ address, why: messageOf(error) }, 'a thin client could not be met');
          hangUp(socket, CloseCode.goingAway, 5 * SECOND, clock);
        },
      );
      return undefined;
    });
    socket.send(
      JSON.stringify({
        type: 'challenge',
        protocol: { oldest: OLDEST_PROTOCOL, newest: PROTOCOL_VERSION },
        hubId,
        nonce,
      }),
    );
  }

  async #meet(
    hello: Hello,
    expected: Expected,
    socket: WebSocket,
    address: string,
    isKnown: () => void,
  ): Promise<Connection | undefined> {
    const { clock, log, store } = this.#deps;
    const reject = (code: string, close: number, retryAfterMs: number): undefined => {
      socket.send(JSON.stringify({ type: 'rejected', code, retryAfterMs }));
      hangUp(socket, close, retryAfterMs, clock);
      log.warn({ address, code }, 'a thin client was rejected');
      return undefined;
    };
    const proved = proveKey(hello, expected);
    if (!proved.ok) {
      const close = proved.code === 'protocol-version' ? CloseCode.version : CloseCode.notAuthenticated;
      return reject(proved.code, close, 60 * SECOND);
    }
    const known = await store.tcByFingerprint(proved.fingerprint);
    if (!known && hello.token === undefined && !this.#newKeys.mayAppear(address))
      return reject('hub-busy', CloseCode.tooMany, 60 * SECOND);
    // Ten thousand that come back together are told apart at once and written down in turn: none is late meanwhile, or in the way.
    if (known) isKnown();
    let tc: Tc;
    try {
      tc = await store.meetTc(
        {
          fingerprint: proved.fingerprint,
          publicKey: hello.publicKey,
          hostName: hello.machine?.hostName ?? '',
          model: hello.machine?.model,
          macs: hello.machine?.macs ?? [],
          agentVersion: hello.agentVersion,
          address,
        },
        hello.token === undefined ? undefined : tokenHash(hello.token),
        MOST_PENDING_TCS,
      );
    } catch (error) {
      // A token that is used or too old, or for a seat where another thin client stands.
      if (error instanceof Fault && error.retry === 'refused')
        return reject(error.code, CloseCode.notAuthenticated, 60 * SECOND);
      // A store that cannot write turns away nobody whom it knows: people come back to their sessions.
      if (!known) throw error;
      tc = known;
    }
    if (tc.state === 'retired') return reject('tc-retired', CloseCode.notAuthenticated, 300 * SECOND);
    const epoch = store.installation.run * RUN + ++this.#connectionsMade;
    const connection = new Connection({ socket, tc, epoch, address, clock });
    const older = this.#connections.get(tc.id);
    if (older) {
      log.warn(
        { tc: tc.id, was: older.address, is: address },
        'the same key connected again; the newer one is served',
      );
      older.replaced();
    }
    if (tc.state === 'pending') this.#makeRoomForPending();
    this.#connections.set(tc.id, connection);
    this.#deps.onPresence?.();
    log.info({ tc: tc.id, seat: tc.seat, address, state: tc.state }, 'thin client connected');
    this.#greet(connection);
    return connection;
  }

  /** As many may wait on their sockets as may wait in the store; the one that waits longest comes back later. */
  #makeRoomForPending(): void {
    const pending = [...this.#connections.values()].filter((c) => c.tc.state === 'pending');
    if (pending.length >= MOST_PENDING_TCS) pending[0]!.close(CloseCode.goingAway, RETRY_PENDING);
  }

  /** How the TC stands: waiting for an operator, retired, or at its seat. */
  #greet(connection: Connection): void {
    const { capabilities, catalogue, clock, pins } = this.#deps;
    const { tc } = connection;
    if (tc.state === 'retired') {
      connection.send({ type: 'rejected', code: 'tc-retired', retryAfterMs: 300 * SECOND });
      connection.close(CloseCode.notAuthenticated, 300 * SECOND);
      return;
    }
    if (tc.state === 'pending') {
      connection.send({ type: 'pending', fingerprint: tc.fingerprint, retryAfterMs: RETRY_PENDING });
      return;
    }
    const seat = tc.seat === undefined ? undefined : catalogue().seats.get(tc.seat);
    const site = seat && catalogue().sites.get(seat.spec.site);
    connection.send({
      type: 'welcome',
      tcId: tc.id,
      epoch: connection.epoch,
      ...(seat ? { seat: { name: seat.name, label: seat.spec.label } } : {}),
      ...(site ? { site: { name: site.name, title: site.spec.title, timeZone: site.spec.timeZone } } : {}),
      hubTime: clock.now(),
      reportEveryMs: 15 * SECOND,
      pins: [...pins],
      capabilities: [...capabilities],
    });
  }

  #onMessage(decoded: ReturnType<typeof decodeFromTc> | undefined, connection: Connection): void {
    const { log, clock, dispatch } = this.#deps;
    connection.heardAt = clock.monotonic();
    if (!decoded?.ok) {
      if (decoded?.why === 'unknown-type') return;
      log.warn({ tc: connection.tc.id, why: decoded?.text ?? 'binary' }, 'a bad frame');
      connection.close(CloseCode.badFrame, 30 * SECOND);
      return;
    }
    if (connection.tc.state !== 'enrolled') return;
    dispatch(decoded.frame, connection).catch((error: unknown) =>
      log.error({ err: error, tc: connection.tc.id, frame: decoded.frame.type }, 'a frame was not answered'),
    );
  }

  #lost(connection: Connection): void {
    connection.ended();
    if (this.#connections.get(connection.tc.id) !== connection) return;
    this.#connections.delete(connection.tc.id);
    this.#deps.onPresence?.();
    this.#deps.log.info({ tc: connection.tc.id, seat: connection.tc.seat }, 'thin client gone');
  }

  #pingAll(): void {
    if (this.#closing) return;
    const now = this.#deps.clock.monotonic();
    // A hub that stood still has read nothing, whatever was said: everybody has the time anew.
    const stoodStill = now - this.#pingedAt > DEAD_AFTER - PING_EVERY;
    this.#pingedAt = now;
    for (const connection of this.#connections.values()) {
      if (stoodStill) connection.heardAt = now;
      if (now - connection.heardAt > DEAD_AFTER) connection.terminate();
      else connection.ping();
    }
    this.#pinger = this.#deps.clock.after(PING_EVERY, () => this.#pingAll());
  }
}

const textOf = (data: RawData): string =>
  Array.isArray(data)
    ? Buffer.concat(data).toString()
    : Buffer.isBuffer(data)
      ? data.toString()
      : Buffer.from(data).toString();
