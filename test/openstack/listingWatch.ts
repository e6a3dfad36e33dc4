import type { ServerRecord } from '@anyseat/openstack';
import { systemClock } from '@anyseat/base';

/** Between two looks: a listing of two hundred is a second of work for Nova. */
const EVERY_MS = 4000;

/** Looks at Nova's own listing again and again beside the test, and keeps the most that was ever building at once. */
export class ListingWatch implements AsyncDisposable {
  readonly #look: () => Promise<readonly ServerRecord[]>;
  readonly #onSeen: (servers: readonly ServerRecord[]) => Promise<void>;
  readonly #running: Promise<void>;
  readonly #stop = new AbortController();
  #servers: readonly ServerRecord[] = [];
  #mostBuilding = 0;
  #failure: unknown;

  /** @param onSeen called after every look */
  constructor(
    look: () => Promise<readonly ServerRecord[]>,
    onSeen: (servers: readonly ServerRecord[]) => Promise<void>,
  ) {
    this.#look = look;
    this.#onSeen = onSeen;
    this.#running = this.#run();
  }

  /** As last seen. @throws when a look failed */
  get servers(): readonly ServerRecord[] {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#servers;
  }

  get mostBuilding(): number {
    return this.#mostBuilding;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.#servers = await this.#look();
        const building = this.#servers.filter((server) => server.status === 'BUILD').length;
        this.#mostBuilding = Math.max(this.#mostBuilding, building);
        await this.#onSeen(this.#servers);
      } catch (error) {
        this.#failure = error;
        return;
      }
      await systemClock.sleep(EVERY_MS, signal).catch(() => undefined);
    }
  }
}
