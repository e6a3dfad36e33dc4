import type { Display, Guest, Hypervisor } from './hypervisor.ts';

/** First of the addresses that guests' screens get, one each, counting up: 127.1.0.1. */
const FIRST_ADDRESS = (127 << 24) + (1 << 16) + 1;

/** The ports that every screen of this hypervisor shares. */
export interface SharedPorts {
  port: number | null;
  tlsPort: number | null;
}

/**
 * Guests that are nothing but a state. Each that runs has a screen at an address of its own in 127.0.0.0/8; an address
 * that is given back is the next one given out, so that an address remembered from before soon leads to somebody else's
 * desktop, as on a real host.
 */
export class FakeHypervisor implements Hypervisor {
  readonly kind = 'fake';
  readonly version = 1000;
  readonly consoleAlways = true;
  readonly #guests = new Map<string, { guest: Guest; address: number }>();
  readonly #byAddress = new Map<number, string>();
  readonly #free: number[] = [];
  readonly #ended: ((id: string) => void)[] = [];
  readonly #stopped: ((id: string) => void)[] = [];
  #next = FIRST_ADDRESS;
  /** 0 until somebody listens there. */
  ports: SharedPorts = { port: 5900, tlsPort: null };

  start(guest: Guest, _disk: 'fresh' | 'kept'): Promise<void> {
    if (!this.#guests.has(guest.id)) {
      const address = this.#free.pop() ?? this.#next++;
      this.#guests.set(guest.id, { guest, address });
      this.#byAddress.set(address, guest.id);
    }
    return Promise.resolve();
  }

  stop(id: string): Promise<void> {
    this.#end(id);
    return Promise.resolve();
  }

  kill = (id: string): Promise<void> => this.stop(id);
  remove = (id: string): Promise<void> => this.stop(id);
  pause = (_id: string): Promise<void> => Promise.resolve();
  resume = (_id: string): Promise<void> => Promise.resolve();

  isRunning(id: string): boolean {
    return this.#guests.has(id);
  }

  display(id: string): Display | undefined {
    const address = this.#guests.get(id)?.address;
    return address === undefined ? undefined : { host: textOf(address), ...this.ports };
  }

  /** Whose screen is at this address. */
  guestAt(address: string): Guest | undefined {
    const id = this.#byAddress.get(numberOf(address));
    return id === undefined ? undefined : this.#guests.get(id)?.guest;
  }

  onEnded(listener: (id: string) => void): void {
    this.#ended.push(listener);
  }

  /** Told whenever a guest stops running, whoever wanted it. */
  onStopped(listener: (id: string) => void): void {
    this.#stopped.push(listener);
  }

  /** The guest shuts itself down. */
  powerOff(id: string): void {
    if (!this.#guests.has(id)) return;
    this.#end(id);
    for (const tell of this.#ended) tell(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #end(id: string): void {
    const there = this.#guests.get(id);
    if (!there) return;
    this.#guests.delete(id);
    this.#byAddress.delete(there.address);
    this.#free.push(there.address);
    for (const tell of this.#stopped) tell(id);
  }
}

const textOf = (n: number): string => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');

const numberOf = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
