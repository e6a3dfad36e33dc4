import { EventEmitter } from 'node:events';
import type { Line } from '../line.ts';

/** The hub's end of a line, with as much of ws's WebSocket as the gateway uses. */
export class WebSocket extends EventEmitter {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readyState = 1;
  readonly bufferedAmount = 0;
  readonly #line: Line;

  constructor(line: Line) {
    super();
    this.#line = line;
    line.hubEnd = {
      text: (text) => this.emit('message', Buffer.from(text), false),
      pong: () => this.emit('pong'),
      closed: () => this.#closed(),
    };
  }

  send(text: string): void {
    if (this.readyState === this.OPEN) this.#line.toSeat({ kind: 'text', text });
  }

  ping(): void {
    this.#line.toSeat({ kind: 'ping' });
  }

  close(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = this.CLOSING;
    this.#line.toSeat({ kind: 'close', code, reason });
  }

  terminate(): void {
    if (this.readyState === this.CLOSED) return;
    this.#line.cut();
    this.#closed();
  }

  #closed(): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    this.emit('close', 1006, Buffer.alloc(0));
  }
}

export class WebSocketServer {
  readonly clients = new Set<WebSocket>();

  handleUpgrade(
    _request: unknown,
    socket: { line: Line },
    _head: unknown,
    take: (ws: WebSocket) => void,
  ): void {
    const ws = new WebSocket(socket.line);
    this.clients.add(ws);
    ws.once('close', () => this.clients.delete(ws));
    take(ws);
  }

  close(): void {}
}
