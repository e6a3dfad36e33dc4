import { SpiceServer } from '@anyseat/spice';
import type { LabDisplay, OpenstackLab } from '../lab/openstack/lab.ts';

/** Where Nova says the displays are of servers that have none here: nobody listens on port 1. */
const NOWHERE: LabDisplay = { host: '127.0.0.1', port: 1 };

/**
 * Screens for the servers of Nova's fake driver, which have none of their own: a SPICE server on a port of its own for each,
 * which says whose screen it is, and Nova's word of where it is.
 */
export class Screens implements AsyncDisposable {
  readonly #lab: OpenstackLab;
  readonly #server: SpiceServer;
  /** Whose screen is behind a port. */
  readonly #behind = new Map<number, string>();
  /** Where Nova says a server's screen is. */
  readonly #told = new Map<string, LabDisplay>();

  constructor(lab: OpenstackLab) {
    this.#lab = lab;
    this.#server = new SpiceServer({
      identify: (_, port) => {
        const uuid = this.#behind.get(port);
        return uuid === undefined ? undefined : { name: 'lab', uuid };
      },
    });
    this.#tell();
  }

  /** Gives every one of these servers a screen that has none yet; `whose` for one that is to show another's. */
  async giveTo(serverIds: readonly string[], whose: (serverId: string) => string): Promise<void> {
    const without = serverIds.filter((id) => !this.#told.has(id));
    for (const id of without) {
      const { port } = await this.#server.listen({ host: '127.0.0.1' });
      this.#behind.set(port, whose(id));
      this.#told.set(id, { host: '127.0.0.1', port });
    }
    if (without.length > 0) this.#tell();
  }

  /** The port of a server's screen shows this server from now on. */
  show(serverId: string, whose: string): void {
    this.#behind.set(this.portOf(serverId), whose);
  }

  portOf(serverId: string): number {
    return this.#told.get(serverId)!.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lab.setDisplays({});
    await this.#server[Symbol.asyncDispose]();
  }

  #tell(): void {
    this.#lab.setDisplays({ ...Object.fromEntries(this.#told), '*': NOWHERE });
  }
}
