import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { API_PREFIX, type StatusAnswer, type ViewKind, type ViewOf } from '@anyseat/protocol';
import { root } from '../../../installer/src/commands.ts';
import { freePort } from '../../../installer/src/freePort.ts';
import { Program } from './process.ts';
import { waitFor } from './waitFor.ts';

export interface HubOptions {
  folder: string;
  clouds?: Record<string, unknown>;
  directories?: unknown[];
  /** With a key of its own, pinned; else plain on loopback. */
  tls?: boolean;
  /** Settings over the ones of a test. */
  more?: Record<string, unknown>;
}

/** A hub as a process, on loopback, with its operators' socket. The same folder again is the same installation. */
export class HubProcess implements AsyncDisposable {
  readonly #config: string;
  readonly #options: HubOptions;
  readonly socket: string;
  readonly folder: string;
  #program: Program;
  url = '';
  pin: string | undefined;

  private constructor(options: HubOptions, port: number) {
    this.#options = options;
    this.folder = options.folder;
    mkdirSync(options.folder, { recursive: true });
    this.socket = join(options.folder, 'hub.sock');
    this.#config = join(options.folder, 'hub.yaml');
    this.#configure(port);
    this.#program = this.#start();
  }

  static async start(options: HubOptions): Promise<HubProcess> {
    const hub = new HubProcess(options, await freePort());
    await hub.#serving();
    return hub;
  }

  /** SIGKILL, and a new start on what was kept; the port may be another. */
  async killAndRestart(): Promise<void> {
    await this.#program.killHard();
    await this.startAgain();
  }

  async kill(): Promise<void> {
    await this.#program.killHard();
  }

  async startAgain(): Promise<void> {
    // The same address, as a hub on a server has it: the agents come back to it.
    this.#configure(Number(new URL(this.url).port));
    this.#program = this.#start();
    await this.#serving();
  }

  get log(): string {
    return this.#program.output;
  }

  get pid(): number {
    return this.#program.child.pid!;
  }

  get running(): boolean {
    return this.#program.running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  /** A request of an operator; throws what the hub answered when it said no. */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { status, text } = await overSocket(this.socket, method, API_PREFIX + path, body);
    const answer = JSON.parse(text) as T & { error?: { code: string; message: string } };
    if (status >= 400) throw new Error(`${answer.error?.code}: ${answer.error?.message}`);
    return answer;
  }

  get<K extends ViewKind>(kind: K): Promise<ViewOf[K][]> {
    return this.ask('GET', `/get/${kind}`);
  }

  status(): Promise<StatusAnswer> {
    return this.ask('GET', '/status');
  }

  apply(resources: unknown, more: Record<string, unknown> = {}): Promise<unknown> {
    return this.ask('POST', '/apply', { text: stringify(resources), file: 'test.yaml', ...more });
  }

  #configure(port: number): void {
    const { folder, clouds, directories, tls, more } = this.#options;
    writeFileSync(
      this.#config,
      stringify({
        name: 'test-hub',
        stateDir: join(folder, 'state'),
        listen: { host: '127.0.0.1', port, tls: tls ? 'self-signed' : 'off' },
        operator: { socket: this.socket, watch: { port: 0 }, console: 'off' },
        clouds: clouds ?? {},
        directories: directories ?? [],
        log: { level: 'debug' },
        ...more,
      }),
    );
  }

  #start(): Program {
    return new Program(process.execPath, [join(root, 'hub/src/main.ts'), '--config', this.#config], {
      logFile: join(this.folder, 'hub.log'),
    });
  }

  async #serving(): Promise<void> {
    const url = await waitFor('the hub to serve', () =>
      this.#program.running ? /"url":"(wss?:[^"]+)"/.exec(this.#program.output)?.[1] : 'ended',
    );
    if (url === 'ended') throw new Error(`the hub ended: ${this.#program.output}`);
    this.url = url;
    this.pin = /"pin":"(sha256[^"]+)"/.exec(this.#program.output)?.[1];
  }
}

export function overSocket(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath,
        method,
        path,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.once('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
