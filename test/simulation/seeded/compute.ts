import type { Display, Guest, Hypervisor } from '../../../packages/minicloud/src/hypervisor/hypervisor.ts';

/** `127.host.0.number` */
const addressOf = (host: number, number: number): string => `127.${host}.0.${number}`;

/**
 * Compute hosts whose guests are nothing but a state and an address. The lowest address of a host that is free is the
 * next one given out there, as libvirt gives out ports: one that is remembered from before soon leads to somebody else's
 * desktop. Another host never gives it out, also while that one is without power.
 */
export class Compute implements Hypervisor {
  readonly kind = 'fake';
  readonly version = 1000;
  /** As with libvirt: a guest that does not run has no console. */
  readonly consoleAlways = false;
  readonly #hostOf: (server: string) => string;
  readonly #guests = new Map<string, { guest: Guest; address: string }>();
  readonly #byAddress = new Map<string, string>();
  readonly #numbers = new Map<string, number>();
  readonly #dark = new Set<string>();
  #ended: (id: string) => void = () => undefined;
  /** So many servers that are made anew find no disk, or never come to an end. */
  freshFails = 0;
  freshHangs = 0;
  readonly #made = new Set<string>();
  /** Told when a guest begins on a disk that nobody has used. */
  onFresh: (id: string) => void = () => undefined;
  /** Told whenever a guest's display is gone, whoever wanted it. */
  onGone: (id: string) => void = () => undefined;

  constructor(hostOf: (server: string) => string) {
    this.#hostOf = hostOf;
  }

  start(guest: Guest, disk: 'fresh' | 'kept'): Promise<void> {
    if (disk === 'fresh') {
      if (this.#made.has(guest.id)) {
        if (this.freshFails > 0) {
          this.freshFails--;
          return Promise.reject(new Error('no disk'));
        }
        if (this.freshHangs > 0) {
          this.freshHangs--;
          return new Promise(() => undefined);
        }
      }
      this.#made.add(guest.id);
      this.onFresh(guest.id);
    }
    if (!this.#guests.has(guest.id)) {
      const address = this.#free(this.#hostOf(guest.id));
      this.#guests.set(guest.id, { guest, address });
      this.#byAddress.set(address, guest.id);
    }
    return Promise.resolve();
  }

  #free(host: string): string {
    const number = this.#numbers.get(host) ?? this.#numbers.size + 1;
    this.#numbers.set(host, number);
    for (let n = 1; ; n++) if (!this.#byAddress.has(addressOf(number, n))) return addressOf(number, n);
  }

  stop(id: string): Promise<void> {
    this.#end(id);
    return Promise.resolve();
  }

  kill = (id: string): Promise<void> => this.stop(id);
  remove = (id: string): Promise<void> => this.stop(id);
  pause = (): Promise<void> => Promise.resolve();
  resume = (): Promise<void> => Promise.resolve();

  isRunning(id: string): boolean {
    return this.#guests.has(id) && !this.#dark.has(id);
  }

  /** As Nova has it: it knows nothing of a host without power. */
  display(id: string): Display | undefined {
    const address = this.#guests.get(id)?.address;
    return address === undefined ? undefined : { host: address, port: 5900, tlsPort: null };
  }

  /** Whose screen answers at this address. */
  guestAt(address: string): Guest | undefined {
    const id = this.#byAddress.get(address);
    return id === undefined || this.#dark.has(id) ? undefined : this.#guests.get(id)?.guest;
  }

  onEnded(listener: (id: string) => void): void {
    this.#ended = listener;
  }

  /** The power of its host is gone. */
  goDark(id: string): void {
    if (!this.#guests.has(id)) return;
    this.#dark.add(id);
    this.onGone(id);
  }

  /** The guest shuts itself down, or was found to be off. */
  powerOff(id: string): void {
    if (!this.#guests.has(id)) return;
    this.#end(id);
    this.#ended(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #end(id: string): void {
    const there = this.#guests.get(id);
    if (!there) return;
    this.#guests.delete(id);
    this.#byAddress.delete(there.address);
    if (!this.#dark.delete(id)) this.onGone(id);
  }
}
