import { EventEmitter } from 'node:events';
import { network } from '../network.ts';

/** A listener that the world knows by its port. Whoever comes is shown in by the events of node:http. */
export class Server extends EventEmitter {
  #port = 0;

  listen(port: number, _host: string, listening: () => void): this {
    this.#port = port;
    network.doors.set(port, this);
    queueMicrotask(listening);
    return this;
  }

  address(): { address: string; port: number; family: string } {
    return { address: '127.0.0.1', port: this.#port, family: 'IPv4' };
  }

  closeAllConnections(): void {}

  close(closed: () => void): this {
    if (network.doors.get(this.#port) === this) network.doors.delete(this.#port);
    queueMicrotask(closed);
    return this;
  }
}

export const createServer = (): Server => new Server();
