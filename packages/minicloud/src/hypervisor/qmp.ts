import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Something QEMU tells of its own accord: `SHUTDOWN`, `SPICE_INITIALIZED`, `RESET` … */
export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}

/** What QEMU refuses: its class and its words. */
export class QmpRefusal extends Error {
  override readonly name = 'QmpRefusal';
}

interface Line {
  QMP?: unknown;
  id?: number;
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
  data?: Record<string, unknown>;
}

/**
 * One client of QEMU's machine protocol (docs/interop/qmp-spec). A socket serves one client at a time, so that whoever
 * wants commands and events has two.
 */
export class Qmp implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  readonly #listeners: ((event: QmpEvent) => void)[] = [];
  #id = 0;
  #ready = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#ready.promise.catch(() => {});
    socket.on('error', () => {});
    socket.on('close', () => this.#gone());
    const lines = createInterface({ input: socket });
    lines.on('line', (text) => this.#take(text));
    // It repeats the socket's errors. A guest that is killed resets its sockets.
    lines.on('error', () => {});
  }

  /** Rejects when nobody listens there (yet). */
  static async open(path: string): Promise<Qmp> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const qmp = new Qmp(socket);
    await qmp.#ready.promise;
    await qmp.run('qmp_capabilities');
    return qmp;
  }

  /** @throws QmpRefusal; or Error when the guest's process ends first. */
  run(command: string, args?: object): Promise<unknown> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the guest has ended'));
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  onEvent(listener: (event: QmpEvent) => void): void {
    this.#listeners.push(listener);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    const line = JSON.parse(text) as Line;
    if (line.QMP !== undefined) return this.#ready.resolve();
    if (line.event !== undefined) {
      for (const tell of this.#listeners) tell({ event: line.event, data: line.data ?? {} });
      return;
    }
    const waiting = line.id === undefined ? undefined : this.#waiting.get(line.id);
    if (!waiting) return;
    this.#waiting.delete(line.id!);
    if (line.error) waiting.reject(new QmpRefusal(`${line.error.class}: ${line.error.desc}`));
    else waiting.resolve(line.return);
  }

  #gone(): void {
    const error = new Error('the guest has ended');
    this.#ready.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
