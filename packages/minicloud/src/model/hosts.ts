import type { Clock } from '@anyseat/base';
import type { Faults } from './faults.ts';
import type { Flavor, HostSpec } from './installation.ts';
import type { Journal } from './journal.ts';

/** A compute host: what it has, what it has promised, and whether its nova-compute reports. */
export interface Host extends HostSpec {
  used: { vcpus: number; ramMb: number; diskGb: number; guests: number };
  disabled: boolean;
  disabledReason: string | null;
  forcedDown: boolean;
  /** Epoch ms of the report before it fell silent; it does not move while it is down. */
  silentSince: number | null;
  building: number;
  waiting: (() => void)[];
}

/** What an administrator decided about a host: kept over restarts. */
interface Decided {
  disabled: boolean;
  disabledReason: string | null;
  forcedDown: boolean;
}

/** nova-compute reports this often. */
const REPORT_MS = 10_000;

/** The compute hosts: their capacity as Placement reckons it, and their services. */
export class Hosts {
  readonly #hosts = new Map<string, Host>();
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #journal: Journal;
  readonly #waitingForUp = new Map<string, (() => void)[]>();

  constructor(specs: readonly HostSpec[], clock: Clock, faults: Faults, journal: Journal) {
    this.#clock = clock;
    this.#faults = faults;
    this.#journal = journal;
    const decided = journal.load().get('host');
    for (const spec of specs) {
      const kept = decided?.get(spec.name) as Decided | undefined;
      this.#hosts.set(spec.name, {
        ...spec,
        used: { vcpus: 0, ramMb: 0, diskGb: 0, guests: 0 },
        disabled: kept?.disabled ?? false,
        disabledReason: kept?.disabledReason ?? null,
        forcedDown: kept?.forcedDown ?? false,
        silentSince: null,
        building: 0,
        waiting: [],
      });
    }
    faults.onChange((name) => {
      if (name === 'hosts-down' || name === 'computes-down') this.#noteChange();
    });
  }

  all(): Host[] {
    return [...this.#hosts.values()];
  }

  get(name: string): Host | undefined {
    return this.#hosts.get(name);
  }

  isUp(host: Host): boolean {
    if (host.forcedDown || this.#faults.on('computes-down')) return false;
    return !(this.#faults.on('hosts-down')?.hosts.includes(host.name) ?? false);
  }

  /** When its nova-compute last reported, epoch ms. */
  reportedAt(host: Host): number {
    return host.silentSince ?? Math.floor(this.#clock.now() / REPORT_MS) * REPORT_MS;
  }

  decide(host: Host, decision: Partial<Decided>): void {
    Object.assign(host, decision);
    const { disabled, disabledReason, forcedDown } = host;
    this.#journal.put('host', host.name, { disabled, disabledReason, forcedDown });
    this.#noteChange();
  }

  /** A message to a compute host that is down waits in its queue. */
  whenUp(name: string): Promise<void> {
    const host = this.#hosts.get(name);
    if (!host || this.isUp(host)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waitingForUp.get(name) ?? [];
      this.#waitingForUp.set(name, [...waiting, resolve]);
    });
  }

  /** The host with the most free memory that can take it (Nova's weigher of old); undefined: no valid host. */
  pick(flavor: Flavor, zone: string | undefined, without: ReadonlySet<string> = new Set()): Host | undefined {
    let best: Host | undefined;
    for (const host of this.#hosts.values()) {
      if (zone !== undefined && host.zone !== zone) continue;
      if (host.disabled || without.has(host.name) || !this.isUp(host) || !fits(host, flavor)) continue;
      if (this.#faults.on('cells-down')?.cells.includes(host.cell)) continue;
      if (!best || freeRamMb(host) > freeRamMb(best)) best = host;
    }
    return best;
  }

  claim(name: string | null, flavor: Flavor, sign: 1 | -1 = 1): void {
    const host = name === null ? undefined : this.#hosts.get(name);
    if (!host) return;
    host.used.vcpus += sign * flavor.vcpus;
    host.used.ramMb += sign * flavor.ramMb;
    host.used.diskGb += sign * flavor.diskGb;
    host.used.guests += sign;
  }

  /** One of the host's build slots (`max_concurrent_builds`). Resolves with what gives it back. */
  async buildSlot(host: Host): Promise<() => void> {
    if (host.building >= host.maxBuilds) await new Promise<void>((resolve) => host.waiting.push(resolve));
    else host.building++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = host.waiting.shift();
      // The slot is handed on; the count stays.
      if (next) next();
      else host.building--;
    };
  }

  #noteChange(): void {
    for (const host of this.#hosts.values()) {
      if (!this.isUp(host)) {
        host.silentSince ??= this.#clock.now();
        continue;
      }
      host.silentSince = null;
      const waiting = this.#waitingForUp.get(host.name) ?? [];
      this.#waitingForUp.delete(host.name);
      for (const go of waiting) go();
    }
  }
}

export const capacityOf = (host: HostSpec) => ({
  vcpus: Math.floor(host.vcpus * host.cpuRatio),
  // nova.conf `reserved_host_memory_mb`.
  ramMb: Math.floor((host.memoryMb - RESERVED_MB) * host.memoryRatio),
  diskGb: host.diskGb,
});

export const RESERVED_MB = 512;

const freeRamMb = (host: Host): number => capacityOf(host).ramMb - host.used.ramMb;

function fits(host: Host, flavor: Flavor): boolean {
  const capacity = capacityOf(host);
  // Placement's max_unit: no single guest larger than the host itself.
  if (flavor.vcpus > host.vcpus || flavor.ramMb > host.memoryMb || flavor.diskGb > host.diskGb) return false;
  return (
    host.used.vcpus + flavor.vcpus <= capacity.vcpus &&
    host.used.ramMb + flavor.ramMb <= capacity.ramMb &&
    host.used.diskGb + flavor.diskGb <= capacity.diskGb
  );
}
