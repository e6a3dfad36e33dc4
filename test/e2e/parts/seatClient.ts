import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import {
  CHANNEL_BYTES,
  CHANNEL_LABEL,
  decodeToTc,
  helloPayload,
  PROTOCOL_VERSION,
  TC_PATH,
  type FromTc,
  type Grant,
  type Refused,
  type ToTc,
  type Welcome,
} from '@anyseat/protocol';
import { waitFor } from './waitFor.ts';

type FrameOf<T extends ToTc['type']> = Extract<ToTc, { type: T }>;
let requests = 0;

/** The wire side of a thin client, driven frame by frame: what the hub answers, without an agent in between. */
export class SeatClient implements AsyncDisposable {
  readonly frames: ToTc[] = [];
  readonly key: { publicKey: KeyObject; privateKey: KeyObject };
  closed: { code: number; reason: string } | undefined;
  #socket: WebSocket;

  private constructor(url: string, key: SeatClient['key']) {
    this.key = key;
    this.#socket = new WebSocket(url + TC_PATH, { perMessageDeflate: false, rejectUnauthorized: false });
    this.#socket.on('message', (data: Buffer) => {
      const decoded = decodeToTc(data.toString());
      if (!decoded.ok) throw new Error(`the hub sent a bad frame: ${decoded.text}`);
      this.frames.push(decoded.frame);
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  /** Connects and proves its key; `key` to be the same TC again. */
  static async connect(
    url: string,
    options: {
      key?: SeatClient['key'];
      token?: string;
      tamper?: (hello: Record<string, unknown>) => void;
      /** For the hub's first word. */
      patienceMs?: number;
    } = {},
  ): Promise<SeatClient> {
    const client = new SeatClient(url, options.key ?? generateKeyPairSync('ed25519'));
    const challenge = await client.frame('challenge', () => true, options.patienceMs);
    const hello: Record<string, unknown> = {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      agentVersion: 'test',
      publicKey: client.key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      signature: client.#signature(challenge),
      ...(options.token === undefined ? {} : { token: options.token }),
    };
    options.tamper?.(hello);
    client.sendRaw(JSON.stringify(hello));
    return client;
  }

  welcome(withinMs?: number): Promise<Welcome> {
    return this.frame('welcome', () => true, withinMs);
  }

  /** The newest frame of this type, as soon as there is one. */
  async frame<T extends ToTc['type']>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
    withinMs?: number,
  ): Promise<FrameOf<T>> {
    const look = () =>
      this.frames.findLast((f): f is FrameOf<T> => f.type === type && fits(f as FrameOf<T>)) ?? this.closed;
    const found = await waitFor(`a frame ${type}`, look, withinMs);
    if ('type' in found) return found;
    throw new Error(`closed: ${found.code} ${found.reason}`);
  }

  send(frame: FromTc): void {
    this.sendRaw(JSON.stringify(frame));
  }

  sendRaw(text: string): void {
    this.#socket.send(text);
  }

  /** Types a name and a password; resolves with the hub's answer. */
  async login(
    user: string,
    password: string,
    requestId = `login-${process.pid}-${++requests}`,
  ): Promise<Grant | Refused> {
    this.send({ type: 'login', requestId, user, password, language: 'en' });
    return this.answer(requestId);
  }

  answer(requestId: string): Promise<Grant | Refused> {
    return waitFor('the answer to a login', () => {
      if (this.closed) throw new Error(`closed: ${this.closed.code} ${this.closed.reason}`);
      return this.frames.find(
        (f): f is Grant | Refused =>
          (f.type === 'grant' || f.type === 'refused') && f.requestId === requestId,
      );
    });
  }

  async granted(user: string, password: string): Promise<Grant> {
    const answer = await this.login(user, password);
    if (answer.type !== 'grant') throw new Error(`refused: ${answer.code}`);
    return answer;
  }

  async viewer(grant: Pick<Grant, 'sessionId' | 'generation'>, state: 'connected' | 'ended'): Promise<void> {
    const { epoch } = await this.welcome();
    const { sessionId, generation } = grant;
    this.send({
      type: 'viewer',
      epoch,
      sessionId,
      generation,
      state,
      ...(state === 'ended' ? { end: 'closed-by-desktop' } : {}),
    });
  }

  drop(): void {
    this.#socket.terminate();
  }

  /** Hears nothing more and answers nothing, as a box without power: the hub's end of the line stands. */
  pause(): void {
    this.#socket.pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await waitFor('the socket to close', () => this.closed);
  }

  #signature(challenge: FrameOf<'challenge'>): string {
    const socket = (this.#socket as unknown as { _socket: unknown })._socket;
    const channel =
      socket instanceof TLSSocket
        ? socket.exportKeyingMaterial(CHANNEL_BYTES, CHANNEL_LABEL, Buffer.alloc(0)).toString('base64')
        : 'plain';
    const payload = helloPayload(challenge.hubId, challenge.nonce, channel, PROTOCOL_VERSION);
    return sign(null, Buffer.from(payload), this.key.privateKey).toString('base64');
  }
}
