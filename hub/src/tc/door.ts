import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Fault, SECOND, type Log } from '@anyseat/base';
import type { Gateway } from './gateway.ts';
import type { ReleaseFiles } from './releaseFiles.ts';

export interface DoorOptions {
  host: string;
  port: number;
  /** PEM; undefined: plain text. */
  tls: { cert: string; key: string } | undefined;
  gateway: Gateway;
  /** What thin clients fetch that is too large for frames. */
  releases: Pick<ReleaseFiles, 'serve'>;
  log: Log;
}

const HTTP = {
  headersTimeout: 10 * SECOND,
  requestTimeout: 10 * SECOND,
  // Node looks for those who are late every half minute otherwise.
  connectionsCheckingInterval: 5 * SECOND,
};

/** Where agents connect, and what ends when the hub does. */
export interface Door extends AsyncDisposable {
  /** `wss://host:port` as bound. */
  readonly url: string;
}

/**
 * Listens for agents and shows them to the gateway. Closed, it takes nobody in, lets the gateway say good-bye, and cuts
 * what is left: a server waits for its last connection, and an agent would never be the first to go.
 *
 * @throws Fault `cannot-listen` (terminal)
 */
export async function openDoor({ host, port, tls, gateway, releases, log }: DoorOptions): Promise<Door> {
  const onRequest: RequestListener = (request, response) => {
    if (!releases.serve(request, response)) onlyAgents(request, response);
  };
  const server = tls
    ? createHttpsServer({ ...HTTP, ...tls, minVersion: 'TLSv1.3', handshakeTimeout: 10 * SECOND }, onRequest)
    : createHttpServer(HTTP, onRequest);
  // All of them: Node's own list knows neither upgraded connections nor those in their TLS handshake.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  gateway.attach(server);
  await listen(server, host, port);
  // No more files, for one: whoever is connected stays so.
  server.on('error', (error) => log.warn({ why: error.message }, 'a connection could not be accepted'));
  return {
    url: urlOf(server.address() as AddressInfo, tls !== undefined),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      await gateway[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Whoever comes without an upgrade is no agent. */
const onlyAgents: RequestListener = (_request, response) => {
  response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
};

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new Fault('cannot-listen', 'terminal', `cannot listen on ${host}:${port}: ${error.message}`, {
          cause: error,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

function urlOf({ address, port }: AddressInfo, tls: boolean): string {
  return `${tls ? 'wss' : 'ws'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
