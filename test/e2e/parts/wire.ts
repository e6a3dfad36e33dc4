import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to a link that a seat makes. The hub's own pass, unless the wire is cut. */
export type ForSeats =
  | 'through'
  /** Taken, and reset at once. */
  | 'reset'
  /** Taken, and nothing comes. */
  | 'silent'
  /** To another screen, on this port of 127.0.0.1. */
  | { to: number };

/** Where the wire stands; the screens are at the same ports of 127.0.0.1. */
export const WIRE_ADDRESS = '127.0.0.2';

interface Pair {
  port: number;
  ends: readonly [Socket, Socket];
}

/** Stands between the screens and everybody, as a network does, and fails as one. */
export class Wire implements AsyncDisposable {
  forSeats: ForSeats = 'through';
  readonly #servers = new Map<number, Server>();
  readonly #sockets = new Set<Socket>();
  readonly #pairs = new Set<Pair>();
  readonly #cut = new Set<number>();
  readonly #hubPid: () => number;

  constructor(hubPid: () => number) {
    this.#hubPid = hubPid;
  }

  /** A screen that is there from now on. Again for the same port, nothing happens. */
  async lay(port: number): Promise<void> {
    if (this.#servers.has(port)) return;
    const server = createServer((socket) => this.#onLink(socket, port));
    this.#servers.set(port, server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, WIRE_ADDRESS, resolve);
    });
  }

  /** Nothing goes through any more, and nobody is told. */
  cut(port: number): void {
    this.#cut.add(port);
    for (const pair of this.#pairs) if (pair.port === port) for (const end of pair.ends) end.pause();
  }

  /** What was under way when it was cut is lost: connections that stood are reset. */
  mend(port: number): void {
    this.#cut.delete(port);
    for (const pair of this.#pairs) if (pair.port === port) for (const end of pair.ends) end.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers.values()) await new Promise((resolve) => server.close(resolve));
  }

  #onLink(socket: Socket, port: number): void {
    this.#keep(socket);
    const how = this.#cut.has(port) ? 'silent' : this.#isHub(socket, port) ? 'through' : this.forSeats;
    if (how === 'silent') return;
    if (how === 'reset') return void socket.resetAndDestroy();
    const other = this.#keep(connect(how === 'through' ? port : how.to, '127.0.0.1'));
    const pair: Pair = { port, ends: [socket, other] };
    this.#pairs.add(pair);
    for (const [from, to] of [pair.ends, pair.ends.toReversed() as [Socket, Socket]]) {
      from.on('data', (data) => to.write(data));
      from.on('end', () => to.end());
      from.once('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  /** By the kernel's table: whose socket the other end of this connection is. */
  #isHub({ remotePort }: Socket, port: number): boolean {
    const ends = `:${hex(remotePort!)} ${addressHex(WIRE_ADDRESS)}:${hex(port)} `;
    const row = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .find((line) => line.includes(ends));
    const inode = row?.trim().split(/\s+/)[9];
    if (inode === undefined) return false;
    const folder = `/proc/${this.#hubPid()}/fd`;
    return readdirSync(folder).some((fd) => targetOf(`${folder}/${fd}`) === `socket:[${inode}]`);
  }
}

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** As /proc/net/tcp writes it: in the order of this machine's bytes. */
const addressHex = (address: string): string =>
  address
    .split('.')
    .toReversed()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('');

/** A descriptor may be closed while it is looked at. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
