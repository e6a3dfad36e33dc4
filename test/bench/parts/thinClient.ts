import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { CHANNEL_BYTES, CHANNEL_LABEL, helloPayload, PROTOCOL_VERSION, TC_PATH } from '@anyseat/protocol';

/** A frame of the hub, as far as a bench reads it. */
interface Frame {
  type: string;
  hubId?: string;
  nonce?: string;
  tookMs?: Record<string, number>;
  code?: string;
}

type Socket = WebSocket & { _socket: unknown };

/** The wire side of a thin client and no more: of thousands in one process, each costs little. */
export class ThinClient {
  readonly #key: KeyObject;
  /** Ed25519, SPKI DER, base64. */
  readonly publicKey: string;
  #socket: WebSocket | undefined;
  #onFrame: (frame: Frame) => void = () => undefined;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#key = privateKey;
    this.publicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  }

  /** Resolves when the hub has welcomed it. */
  connect(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url + TC_PATH, { perMessageDeflate: false, rejectUnauthorized: false });
      this.#socket = socket;
      socket.on('error', reject);
      socket.on('close', (code) => {
        reject(new Error(`closed: ${code}`));
        this.#onFrame({ type: 'closed', code: String(code) });
      });
      this.#onFrame = (frame) => {
        if (frame.type === 'challenge') this.#sayHello(socket as Socket, frame);
        else if (frame.type === 'welcome') resolve();
        else reject(new Error(`the hub answered ${frame.type} ${frame.code ?? ''}`));
      };
      socket.on('message', (data: Buffer) => this.#onFrame(JSON.parse(data.toString()) as Frame));
    });
  }

  /**
   * Sends a password; resolves with the milliseconds from then on until the grant, and those of each stage as the hub tells.
   * @throws when the answer is anything else
   */
  login(
    requestId: string,
    user: string,
    password: string,
  ): Promise<{ total: number; stages: Record<string, number> }> {
    const from = performance.now();
    return new Promise((resolve, reject) => {
      this.#onFrame = (frame) => {
        if (frame.type === 'grant') resolve({ total: performance.now() - from, stages: frame.tookMs ?? {} });
        // Somebody else's desktop that it left behind is let go of meanwhile.
        else if (frame.type !== 'release' && frame.type !== 'progress')
          reject(new Error(`${user} was answered ${frame.type} ${frame.code ?? ''}`));
      };
      this.#socket!.send(JSON.stringify({ type: 'login', requestId, user, password, language: 'en' }));
    });
  }

  drop(): void {
    this.#socket?.terminate();
  }

  #sayHello(socket: Socket, { hubId, nonce }: Frame): void {
    const line = socket._socket;
    const channel =
      line instanceof TLSSocket
        ? line.exportKeyingMaterial(CHANNEL_BYTES, CHANNEL_LABEL, Buffer.alloc(0)).toString('base64')
        : 'plain';
    const payload = Buffer.from(helloPayload(hubId!, nonce!, channel, PROTOCOL_VERSION));
    socket.send(
      JSON.stringify({
        type: 'hello',
        protocol: PROTOCOL_VERSION,
        agentVersion: 'bench',
        publicKey: this.publicKey,
        signature: sign(null, payload, this.#key).toString('base64'),
        machine: { hostName: 'bench', macs: ['52:54:00:12:34:56'] },
      }),
    );
  }
}
