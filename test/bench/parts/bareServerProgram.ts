import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

/**
 * The floor of the agents' door: a bare `ws` server that says the same words as the hub, in frames of the same size,
 * to whoever comes. It checks nothing and remembers nothing.
 */
const { values } = parseArgs({
  options: { port: { type: 'string' }, cert: { type: 'string' }, key: { type: 'string' } },
});

const challenge = JSON.stringify({
  type: 'challenge',
  protocol: { oldest: 1, newest: 1 },
  hubId: 'hub_0000000000000000000000',
  nonce: 'n'.repeat(43),
});

const welcome = JSON.stringify({
  type: 'welcome',
  tcId: 'tc_00000000000000000000',
  epoch: 4_294_967_297,
  seat: { name: 'seat-00001', label: 'Seat 1' },
  site: { name: 'site-1', title: 'Site 1', timeZone: 'Asia/Shanghai' },
  hubTime: 1_700_000_000_000,
  reportEveryMs: 15_000,
  pins: values.cert === undefined ? [] : [`sha256/${'p'.repeat(44)}`],
  capabilities: [],
});

const server =
  values.cert === undefined
    ? createHttpServer()
    : createHttpsServer({
        cert: readFileSync(values.cert),
        key: readFileSync(values.key!),
        minVersion: 'TLSv1.3',
      });
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 64 * 1024 });
sockets.on('connection', (socket) => {
  socket.once('message', () => socket.send(welcome));
  // Reports are received, and that is all.
  socket.on('message', () => undefined);
  socket.send(challenge);
});
setInterval(() => {
  for (const client of sockets.clients) client.ping();
}, 15_000);
server.listen(Number(values.port), '127.0.0.1');
