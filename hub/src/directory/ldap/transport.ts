import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { messageOf, type Clock } from '@anyseat/base';
import { orLate, type Limit } from './limit.ts';
import { ServerTrouble } from './trouble.ts';
import { MessageCutter, resultCodeOf, RESPONSE } from './wire.ts';

/** Where a server is, and how its line is made private. */
export interface Target {
  url: string;
  startTls: boolean;
  caFile?: string | undefined;
  serverName?: string | undefined;
}

const KEEP_ALIVE_MS = 30_000;

/** ExtendedRequest 1.3.6.1.4.1.1466.20037 with message number 1 (RFC 4511 section 4.14). */
const START_TLS = Buffer.from(
  '301d02010177188016' + Buffer.from('1.3.6.1.4.1.1466.20037').toString('hex'),
  'hex',
);

/**
 * A line to a server, private where it must be, and checked against the CA: TCP, TLS and StartTLS together within the
 * limit. The client library would wait for ever in a StartTLS that hangs.
 * @throws ServerTrouble `unreachable`; the signal's reason when called off.
 */
export async function openTransport(target: Target, clock: Clock, limit: Limit): Promise<Socket> {
  const { host, port } = addressOf(target.url);
  const socket = connectTcp({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  // Under TLS the errors of this socket are told by the one above it.
  socket.on('error', () => undefined);
  // Made when wanted only: an error holds its stack, and through it what was passed along there.
  const late = () => new ServerTrouble('unreachable', target.url, 'no connection in time');
  try {
    return await orLate(clock, limit, makePrivate(socket, target), late);
  } catch (error) {
    socket.destroy();
    limit.signal.throwIfAborted();
    if (error instanceof ServerTrouble) throw error;
    throw new ServerTrouble('unreachable', target.url, messageOf(error), error);
  }
}

async function makePrivate(socket: Socket, target: Target): Promise<Socket> {
  const { host, secure } = addressOf(target.url);
  await once(socket, 'connect');
  if (!secure && !target.startTls) return socket;
  const options = await tlsOptions(target, host);
  if (!secure) await requestTls(socket);
  const line = connectTls({ ...options, socket });
  await once(line, 'secureConnect');
  return line;
}

async function tlsOptions(target: Target, host: string): Promise<ConnectionOptions> {
  const ca = target.caFile === undefined ? undefined : await readFile(target.caFile);
  const name = target.serverName;
  return {
    host: name ?? host,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(name === undefined ? {} : { servername: name }),
  };
}

async function requestTls(socket: Socket): Promise<void> {
  const cutter = new MessageCutter();
  socket.write(START_TLS);
  for (;;) {
    const [answer, ...more] = cutter.cut(await nextChunk(socket));
    if (answer === undefined) continue;
    // Whatever came after the answer came before TLS: somebody put it there.
    if (more.length > 0 || cutter.unfinished)
      throw new Error('the server sent more than its answer to StartTLS');
    if (answer.tag !== RESPONSE.extended || resultCodeOf(answer) !== 0)
      throw new Error('the server refuses StartTLS');
    return;
  }
}

/** The next piece, and no more: the socket stands still afterwards. */
function nextChunk(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      socket.pause();
      settle(() => resolve(chunk));
    };
    const onClose = () =>
      settle(() => reject(new Error('the server ended the connection when asked for TLS')));
    const settle = (act: () => void) => {
      socket.off('data', onData).off('end', onClose).off('close', onClose);
      act();
    };
    socket.on('data', onData).on('end', onClose).on('close', onClose).resume();
  });
}

function addressOf(text: string): { host: string; port: number; secure: boolean } {
  const url = new URL(text);
  const secure = url.protocol === 'ldaps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? (secure ? 636 : 389) : Number(url.port), secure };
}
