import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { TC_PATH } from '@anyseat/protocol';
import { waitFor } from './waitFor.ts';

/** Opcodes of RFC 6455 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as a client sends it, masked with zeros; `fin` false: more of it follows. */
export function frame(opcode: number, payload: Buffer, fin = true): Buffer {
  const { length } = payload;
  const head = [(fin ? 0x80 : 0) | opcode];
  if (length < 126) head.push(0x80 | length);
  else if (length < 65_536) head.push(0x80 | 126, length >> 8, length & 255);
  else
    head.push(
      0x80 | 127,
      0,
      0,
      0,
      0,
      (length >>> 24) & 255,
      (length >> 16) & 255,
      (length >> 8) & 255,
      length & 255,
    );
  return Buffer.concat([Buffer.from(head), Buffer.alloc(4), payload]);
}

/** A socket to a hub's door, and whatever bytes one likes. */
export class RawAgent implements AsyncDisposable {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on(
      'data',
      (data: Buffer) => (this.received = Buffer.concat([this.received, data]).subarray(-100_000)),
    );
    socket.on('error', () => undefined);
    socket.once('close', () => (this.closed = true));
  }

  static async connect(url: string): Promise<RawAgent> {
    const { protocol, hostname, port } = new URL(url);
    const to = { host: hostname, port: Number(port) };
    const tls = protocol === 'wss:';
    const socket = tls ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to);
    const agent = new RawAgent(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
    });
    return agent;
  }

  /** Bytes on a plain TCP connection, whatever the hub expects there. */
  static async plain(url: string): Promise<RawAgent> {
    return RawAgent.connect(url.replace(/^wss/, 'ws'));
  }

  /** Past the upgrade: what follows are WebSocket frames. */
  static async upgraded(url: string): Promise<RawAgent> {
    const agent = await RawAgent.connect(url);
    agent.socket.write(upgradeRequest);
    await waitFor('the upgrade', () => agent.closed || agent.received.includes('101 Switching Protocols'));
    return agent;
  }

  write(data: Buffer | string): void {
    if (!this.socket.destroyed) this.socket.write(data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await waitFor('the socket to close', () => this.closed);
  }
}

export const upgradeRequest = [
  `GET ${TC_PATH} HTTP/1.1`,
  'Host: hub',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');
