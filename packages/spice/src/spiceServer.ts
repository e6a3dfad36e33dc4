import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock, type Clock } from '@anyseat/base';
import {
  acceptLink,
  answerClient,
  greeting,
  isTls,
  newTicketKey,
  type Accepted,
  type SpiceDesktop,
} from './acceptLink.ts';
import { ByteReader, PeerGone } from './byteReader.ts';

export type { SpiceDesktop };

export interface SpiceServerOptions {
  /**
   * Which desktop a connection came for, by the address and port that it came to: with an address of 127.0.0.0/8 each,
   * ten thousand desktops share one listener. `undefined`: none; the connection is reset, as a closed port would be.
   */
  identify(localAddress: string, localPort: number): SpiceDesktop | undefined;
  /** A client has become the desktop's client. */
  onLinked?(desktop: SpiceDesktop): void;
  /** That client is gone: by itself, thrown out by the next one (told first), or by `disconnect`. Once for each onLinked. */
  onClosed?(desktop: SpiceDesktop): void;
  clock?: Clock;
}

export interface SpiceListener {
  host: string;
  /** 0 or absent: any free one, told by `listen`. */
  port?: number;
  /** With it the listener speaks TLS and nothing else. PEM. */
  tls?: { cert: string; key: string };
}

/** A client that has not come to a link by then is closed: nobody may hold a connection for nothing. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A client whose machine has vanished is noticed by the kernel. */
const KEEPALIVE_AFTER_MS = 30_000;

/**
 * The main channel of many SPICE servers at once: it links clients, tells them the VM's name and UUID, and shows
 * nothing. For hypervisors that have no screens, and for tests of whoever links. One client a desktop: a full link
 * throws the one before out, a bare link (closed before the ticket) nobody, just as QEMU does.
 */
export class SpiceServer implements AsyncDisposable {
  readonly #options: SpiceServerOptions;
  readonly #key = newTicketKey();
  readonly #servers = new Set<Server>();
  /** Every connection, also those that are no link yet, or still in their TLS handshake. */
  readonly #sockets = new Set<Socket>();
  /** The client of each desktop that has one, by UUID. */
  readonly #clients = new Map<string, Client>();

  constructor(options: SpiceServerOptions) {
    this.#options = options;
  }

  /** Resolves with the port; rejects when it cannot be had. May be called for several, plain and TLS. */
  async listen(listener: SpiceListener): Promise<{ port: number }> {
    const welcome = (socket: Socket) => this.#welcome(socket);
    const server = listener.tls
      ? createTlsServer({ ...listener.tls, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, welcome)
      : createTcpServer(welcome);
    server.on('connection', (socket: Socket) => this.#keep(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listener.port ?? 0, listener.host, resolve);
    });
    this.#servers.add(server);
    return { port: (server.address() as { port: number }).port };
  }

  isLinked(uuid: string): boolean {
    return this.#clients.has(uuid);
  }

  /** Closes the client of a desktop, if there is one: its VM has ended, or its ticket is to count no more. */
  disconnect(uuid: string): void {
    this.#clients.get(uuid)?.close();
  }

  /** Closes every listener and every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = [...this.#servers].map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // What goes wrong with a connection ends in its 'close'.
    socket.on('error', () => {});
    socket.setNoDelay(true).setKeepAlive(true, KEEPALIVE_AFTER_MS);
  }

  #welcome(socket: Socket): void {
    socket.on('error', () => {});
    const desktop = this.#options.identify(withoutMapping(socket.localAddress ?? ''), socket.localPort ?? 0);
    if (!desktop) {
      // TLS has no reset of its own.
      if (isTls(socket)) socket.destroy();
      else socket.resetAndDestroy();
      return;
    }
    this.#link(socket, desktop).catch((error: unknown) => {
      socket.destroy();
      // A client that goes away in the middle is daily life; anything else is a bug of ours, and must not be hidden.
      if (error instanceof PeerGone) return;
      queueMicrotask(() => {
        throw error;
      });
    });
  }

  async #link(socket: Socket, desktop: SpiceDesktop): Promise<void> {
    const reader = new ByteReader(socket);
    const accepted = await this.#accept(socket, reader, desktop);
    if (!accepted || socket.destroyed) return;
    this.#take(socket, desktop);
    socket.write(greeting(desktop, accepted));
    await answerClient(socket, reader, accepted);
  }

  async #accept(socket: Socket, reader: ByteReader, desktop: SpiceDesktop): Promise<Accepted | undefined> {
    const clock = this.#options.clock ?? systemClock;
    using _deadline = clock.after(HANDSHAKE_TIMEOUT_MS, () => socket.destroy());
    return await acceptLink(socket, reader, desktop, this.#key);
  }

  #take(socket: Socket, desktop: SpiceDesktop): void {
    const { uuid } = desktop;
    this.#clients.get(uuid)?.close();
    let open = true;
    const client: Client = {
      close: () => {
        if (!open) return;
        open = false;
        this.#clients.delete(uuid);
        socket.destroy();
        this.#options.onClosed?.(desktop);
      },
    };
    this.#clients.set(uuid, client);
    socket.once('close', client.close);
    this.#options.onLinked?.(desktop);
  }
}

interface Client {
  /** Closes it and says so; nothing when it is closed. */
  readonly close: () => void;
}

/** A listener on `::` sees an IPv4 client's target as `::ffff:127.0.0.1`. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:/, '');
}
