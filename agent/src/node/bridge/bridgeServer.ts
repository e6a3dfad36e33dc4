import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { Fault, type Log } from '@anyseat/base';
import { PAGE_POLICY, type PageFile } from '@anyseat/base/builtPage';
import { pageText } from '@anyseat/words';
import type { ToPage } from '../../common/bridge.ts';
import type { Core } from '../core.ts';
import { DoorKeys } from './doorKeys.ts';
import { readIntentText } from './intents.ts';
import { readPage } from './pageFiles.ts';

export interface BridgeOptions {
  core: Pick<Core, 'page' | 'onPage' | 'intend'>;
  /** On 127.0.0.1; 0 takes any. */
  port: number;
  /** The built page. */
  pageDir: string;
  runDir: string;
  log: Log;
  /** Told at every change how many pages are connected. */
  onPages?: (count: number) => void;
}

const BRIDGE_PATH = '/bridge';
const OPEN_PATH = '/open/';
const MOST_PAGES = 8;
/** A login with the longest name and password. */
const MAX_INTENT_BYTES = 8 * 1024;
const MOST_BUFFERED_BYTES = 256 * 1024;

/**
 * The page and its wire, on loopback. Only a browser that opened an address of ours gets in (a cookie), only under our
 * own name (`Host`: a foreign name that resolves to loopback is refused) and only from our own page (`Origin`).
 */
export class BridgeServer implements AsyncDisposable {
  readonly #options: BridgeOptions;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_INTENT_BYTES,
    perMessageDeflate: false,
  });
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #keys: DoorKeys;
  readonly #watch: Disposable;

  private constructor(options: BridgeOptions) {
    this.#options = options;
    this.#files = readPage(options.pageDir);
    this.#keys = new DoorKeys(options.runDir, options.log);
    this.#server = createServer((request, response) => this.#onRequest(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#watch = options.core.onPage(() => this.#tellAll());
  }

  /** @throws Fault `page-port-taken` (terminal) */
  static async open(options: BridgeOptions): Promise<BridgeServer> {
    const bridge = new BridgeServer(options);
    await new Promise<void>((resolve, reject) => {
      bridge.#server.once('error', reject);
      bridge.#server.listen(options.port, '127.0.0.1', resolve);
    }).catch((cause: unknown) => {
      bridge.#watch[Symbol.dispose]();
      throw new Fault(
        'page-port-taken',
        'terminal',
        `port ${options.port} on 127.0.0.1 cannot be used for the login page`,
        { cause, fields: { port: options.port } },
      );
    });
    return bridge;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** An address for one opening, by a browser that we start. */
  onceAddress(): string {
    return `${this.origin}${OPEN_PATH}${this.#keys.onceCode()}`;
  }

  /** An address for a person to open, as often as they like. */
  get lastingAddress(): string {
    return `${this.origin}${OPEN_PATH}${this.#keys.lastingCode}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(PAGE_POLICY)) response.setHeader(name, value);
    response.setHeader('cache-control', 'no-store');
    const path = request.url ?? '/';
    if (!this.#isOurName(request.headers.host))
      return plain(response, 421, 'This is not the address of this page.');
    if (request.method !== 'GET') return plain(response, 405, 'Only GET.');
    if (path.startsWith(OPEN_PATH)) return this.#onOpen(path.slice(OPEN_PATH.length), response);
    const file = this.#files.get(path);
    if (!file) return plain(response, 404, 'There is no such page.');
    if (path === '/' && !this.#keys.opens(this.#cookieOf(request))) return this.#shut(response);
    if (file.hashed) response.setHeader('cache-control', 'max-age=31536000, immutable');
    response.setHeader('content-type', file.type);
    response.end(file.body);
  }

  #onOpen(code: string, response: ServerResponse): void {
    const cookie = this.#keys.exchange(code);
    if (cookie === undefined) return this.#shut(response);
    response.setHeader(
      'set-cookie',
      `${this.#cookieName}=${cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`,
    );
    response.writeHead(303, { location: '/' }).end();
  }

  #shut(response: ServerResponse): void {
    const words = (['zh-CN', 'en'] as const).map((language) => pageText('notAllowed', { language, now: 0 }));
    plain(response, 403, words.join('\n\n'));
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { host, origin } = request.headers;
    const allowed =
      request.url === BRIDGE_PATH &&
      this.#isOurName(host) &&
      origin === `http://${host}` &&
      this.#keys.opens(this.#cookieOf(request));
    if (!allowed || this.#sockets.clients.size >= MOST_PAGES) {
      this.#options.log.warn({ origin, url: request.url }, 'a stranger tried the wire of the login page');
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (page) => this.#onPage(page));
  }

  #onPage(page: WebSocket): void {
    const { core, log, onPages } = this.#options;
    page.on('error', (error) => log.debug({ why: error.message }, 'a page’s wire failed'));
    page.on('message', (data: Buffer, isBinary) => {
      const intent = isBinary ? undefined : readIntentText(data.toString());
      if (intent) core.intend(intent);
      else page.close(1008);
    });
    page.once('close', () => onPages?.(this.#sockets.clients.size));
    onPages?.(this.#sockets.clients.size);
    tell(page, core.page);
  }

  #tellAll(): void {
    for (const page of this.#sockets.clients) tell(page, this.#options.core.page);
  }

  #isOurName(host: string | undefined): boolean {
    const { port } = this.#server.address() as AddressInfo;
    return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
  }

  /** Cookies do not know ports: two agents on one machine must not overwrite each other's. */
  get #cookieName(): string {
    return `anyseat_${(this.#server.address() as AddressInfo).port}`;
  }

  #cookieOf(request: IncomingMessage): string | undefined {
    const prefix = `${this.#cookieName}=`;
    return request.headers.cookie
      ?.split('; ')
      .find((one) => one.startsWith(prefix))
      ?.slice(prefix.length);
  }
}

/** A page that does not take its states is cut off; it comes back and gets the latest. */
function tell(page: WebSocket, state: Core['page']): void {
  if (page.bufferedAmount > MOST_BUFFERED_BYTES) return page.terminate();
  page.send(JSON.stringify({ type: 'state', state } satisfies ToPage));
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
