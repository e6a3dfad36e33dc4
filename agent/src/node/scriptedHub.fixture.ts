import { createHash, createPublicKey, verify } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { isIPv6, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  CHANNEL_BYTES,
  CHANNEL_LABEL,
  decodeFromTc,
  fingerprintOf,
  helloPayload,
  MAX_FRAME_BYTES,
  TC_PATH,
  type FromTc,
  type FromTcType,
  type Hello,
  type ToTcInput,
} from '@anyseat/protocol';
import { pinOf } from './hubLink/pins.ts';
import { Inbox } from './waiting.fixture.ts';

/** One agent's connection as the hub sees it. */
export class Talk {
  readonly socket: WebSocket;
  readonly #inbox = new Inbox<FromTc>();
  readonly channel: string;
  #closed: { code: number } | undefined;

  constructor(socket: WebSocket, channel: string) {
    this.socket = socket;
    this.channel = channel;
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      const decoded = decodeFromTc(data.toString());
      if (!decoded.ok) throw new Error(`the agent sent ${data.toString()}: ${decoded.text}`);
      this.#inbox.put(decoded.frame);
    });
    socket.once('close', (code) => (this.#closed = { code }));
  }

  send(frame: ToTcInput): void {
    this.socket.send(JSON.stringify(frame));
  }

  next<T extends FromTcType>(type: T): Promise<Extract<FromTc, { type: T }>> {
    const fits = (frame: FromTc): frame is Extract<FromTc, { type: T }> => frame.type === type;
    return this.#inbox.take(fits, `a ${type} frame`);
  }

  /** Frames that came and that nobody took. */
  get rest(): readonly FromTc[] {
    return this.#inbox.rest;
  }

  async closed(): Promise<number> {
    if (this.#closed) return this.#closed.code;
    return new Promise((resolve) => this.socket.once('close', (code) => resolve(code)));
  }
}

export interface TestCertificate {
  cert: string;
  key: string;
  pin: string;
}

/** A certificate for 127.0.0.1 that signs itself; undefined where there is no openssl. */
export function makeCertificate(): TestCertificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-agent-pki-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const args =
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=hub -addext subjectAltName=IP:127.0.0.1`.split(
      ' ',
    );
  try {
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const pem = readFileSync(cert, 'utf8');
    return { cert: pem, key: readFileSync(key, 'utf8'), pin: pinOf(Buffer.from(pem)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A hub that says what the test says, over a real server: it challenges, checks the signature, and then leaves the word to the test. */
export class ScriptedHub implements AsyncDisposable {
  readonly hubId = 'hub_test';
  /** Keys that proved themselves, as fingerprints. */
  readonly proved: string[] = [];
  readonly #server: ReturnType<typeof createHttp>;
  readonly #sockets: WebSocketServer;
  readonly #raw = new Set<Socket>();
  readonly #talks = new Inbox<Talk>();
  readonly #secure: boolean;
  /** Bytes of application data that reached the hub, over all connections. */
  heardBytes = 0;

  private constructor(server: ReturnType<typeof createHttp>, secure: boolean) {
    this.#server = server;
    this.#secure = secure;
    this.#sockets = new WebSocketServer({ server, path: TC_PATH, maxPayload: MAX_FRAME_BYTES });
    this.#sockets.on('connection', (socket, request) => this.#challenge(socket, request));
    server.on('connection', (socket) => {
      this.#raw.add(socket);
      socket.once('close', () => this.#raw.delete(socket));
    });
    server.on('secureConnection', (socket: Socket) => {
      socket.on('data', (data) => (this.heardBytes += data.length));
    });
  }

  static async listen(
    options: { certificate?: TestCertificate; port?: number; host?: string } = {},
  ): Promise<ScriptedHub> {
    const { certificate, port = 0, host = '127.0.0.1' } = options;
    const server = certificate ? createHttps({ ...certificate, minVersion: 'TLSv1.3' }) : createHttp();
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return new ScriptedHub(server, certificate !== undefined);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${this.#secure ? 'wss' : 'ws'}://${isIPv6(address) ? `[${address}]` : address}:${port}${TC_PATH}`;
  }

  /** The next agent's connection, after its `hello` proved its key. */
  async hello(): Promise<Talk & { hello: Hello }> {
    const talk = await this.#talks.take(() => true, 'a connection');
    const hello = await talk.next('hello');
    const spki = Buffer.from(hello.publicKey, 'base64');
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const payload = helloPayload(this.hubId, nonceOf(talk), talk.channel, hello.protocol);
    if (!verify(null, Buffer.from(payload), key, Buffer.from(hello.signature, 'base64'))) {
      throw new Error('the signature of the hello does not hold');
    }
    this.proved.push(fingerprintOf(createHash('sha256').update(spki).digest()));
    return Object.assign(talk, { hello });
  }

  /** The same, welcomed at a seat. */
  async welcome(
    more: Partial<Extract<ToTcInput, { type: 'welcome' }>> = {},
  ): Promise<Talk & { hello: Hello }> {
    const talk = await this.hello();
    talk.send({
      type: 'welcome',
      tcId: 'tc_1',
      epoch: 1,
      seat: { name: 'nt-1-001', label: '1-001' },
      site: { name: 'nantong', title: 'Nantong', timeZone: 'Asia/Shanghai' },
      hubTime: 1_800_000_000_000,
      reportEveryMs: 15_000,
      pins: [],
      capabilities: [],
      ...more,
    });
    return talk;
  }

  #challenge(socket: WebSocket, request: IncomingMessage): void {
    const { socket: raw } = request;
    const channel =
      raw instanceof TLSSocket
        ? raw.exportKeyingMaterial(CHANNEL_BYTES, CHANNEL_LABEL, Buffer.alloc(0)).toString('base64')
        : 'plain';
    const talk = new Talk(socket, channel);
    talk.send({
      type: 'challenge',
      protocol: { oldest: 1, newest: 1 },
      hubId: this.hubId,
      nonce: nonceOf(talk),
    });
    this.#talks.put(talk);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#raw) socket.destroy();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const nonces = new WeakMap<Talk, string>();
let count = 0;
function nonceOf(talk: Talk): string {
  const nonce = nonces.get(talk) ?? `nonce-${String(++count).padStart(32, '0')}`;
  nonces.set(talk, nonce);
  return nonce;
}
