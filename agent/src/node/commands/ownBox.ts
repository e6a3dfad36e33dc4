import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { SECOND, type Clock } from '@anyseat/base';
import { MOST_LOG_CHARACTERS } from '@anyseat/protocol';
import type { AgentConfig } from '../config.ts';
import { pictureOfScreen } from '../viewer/pictureOfScreen.ts';
import type { BoxControl } from './commands.ts';
import { pngWithin } from './png.ts';

export interface OwnBoxOptions {
  commands: AgentConfig['commands'];
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  /** Ends this program in order. */
  end: () => void;
}

const PATIENCE_MS = 20 * SECOND;
/** Time for the answer to leave. */
const LEAVES_IN_MS = 300;
const MOST_LOG_BYTES = 4 * 1024 * 1024;
/** Wake-on-LAN: any port will do; this one, discard, is the custom. */
const WAKE_PORT = 9;

/** This machine, by the programs that its settings name. */
export class OwnBox implements BoxControl {
  readonly #options: OwnBoxOptions;
  /** `255.255.255.255`; elsewhere for tests. */
  readonly #wakeAt: { host: string; port: number };

  constructor(options: OwnBoxOptions, wakeAt = { host: '255.255.255.255', port: WAKE_PORT }) {
    this.#options = options;
    this.#wakeAt = wakeAt;
  }

  restartAgent(): Promise<void> {
    this.#options.clock.after(LEAVES_IN_MS, this.#options.end);
    return Promise.resolve();
  }

  async reboot(): Promise<void> {
    await this.#run(this.#options.commands.reboot);
  }

  async shutDown(): Promise<void> {
    await this.#run(this.#options.commands.shutDown);
  }

  async logs(lines: number): Promise<string> {
    const all = (await this.#run(this.#options.commands.logs)).split('\n').slice(-lines - 1);
    // Repetitive as logs are, eight lines become one; a quarter less each time until it fits.
    for (let kept = all; ; kept = kept.slice(Math.ceil(kept.length / 4))) {
      const data = gzipSync(kept.join('\n'), { level: 9 }).toString('base64');
      if (data.length <= MOST_LOG_CHARACTERS) return data;
      if (kept.length < 2) throw new Error('one line of the log alone is too long');
    }
  }

  async screenshot(mostBytes: number): Promise<Buffer> {
    const { DISPLAY } = this.#options.environment;
    if (!DISPLAY) throw new Error('this box has no screen');
    return pngWithin(await pictureOfScreen(DISPLAY), mostBytes);
  }

  async wake(macs: readonly string[]): Promise<void> {
    const socket = createSocket('udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(0, () => {
          socket.setBroadcast(true);
          resolve();
        });
      });
      const { host, port } = this.#wakeAt;
      for (const mac of macs)
        await new Promise<void>((resolve, reject) => {
          socket.send(magicPacket(mac), port, host, (error) => (error ? reject(error) : resolve()));
        });
    } finally {
      socket.close();
    }
  }

  async #run([command, ...args]: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(command!, args, {
      env: this.#options.environment,
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MOST_LOG_BYTES,
    });
    return stdout;
  }
}

/** AMD's Magic Packet: six bytes of ff, and the address sixteen times. */
export function magicPacket(mac: string): Buffer {
  const address = Buffer.from(mac.replaceAll(':', ''), 'hex');
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)]);
}
