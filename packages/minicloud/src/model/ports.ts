import type { Chance } from './chance.ts';
import type { Network } from './installation.ts';
import type { Journal } from './journal.ts';
import { badRequest, Refusal } from './refusal.ts';
import type { Wiring } from './server.ts';

/** A Neutron port. Times are epoch ms. */
export interface Port {
  id: string;
  name: string;
  description: string;
  networkId: string;
  projectId: string;
  mac: string;
  address: string;
  subnetId: string;
  /** Server's id; empty: nobody's. */
  deviceId: string;
  deviceOwner: string;
  host: string;
  status: 'ACTIVE' | 'DOWN';
  adminUp: boolean;
  securityGroups: string[];
  tags: string[];
  /** Nova made it, and deletes it with its server. */
  novaMade: boolean;
  createdAt: number;
  updatedAt: number;
  revision: number;
}

export interface PortOrder {
  networkId: string;
  projectId: string;
  name?: string;
  description?: string;
  address?: string;
  securityGroups: string[];
  deviceId?: string;
  deviceOwner?: string;
  novaMade: boolean;
}

/** Usable addresses of a /16, the gateway and the ends left out. */
const ADDRESSES = 2 ** 16 - 3;

/** Neutron's ports and their addresses. */
export class Ports {
  readonly #all = new Map<string, Port>();
  readonly #ofDevice = new Map<string, Set<string>>();
  readonly #taken = new Map<string, Set<string>>();
  readonly #count = new Map<string, number>();
  readonly #cursor = new Map<string, number>();
  readonly #networks: readonly Network[];
  readonly #chance: Chance;
  readonly #journal: Journal;

  constructor(networks: readonly Network[], chance: Chance, journal: Journal) {
    this.#networks = networks;
    this.#chance = chance;
    this.#journal = journal;
    for (const port of journal.load().get('port')?.values() ?? []) this.#remember(port as Port);
  }

  all(): Iterable<Port> {
    return this.#all.values();
  }

  get(id: string): Port | undefined {
    return this.#all.get(id);
  }

  of(deviceId: string): Port[] {
    return [...(this.#ofDevice.get(deviceId) ?? [])].map((id) => this.#all.get(id)!);
  }

  countOf(projectId: string): number {
    return this.#count.get(projectId) ?? 0;
  }

  network(id: string): Network | undefined {
    return this.#networks.find((network) => network.id === id);
  }

  /** @throws Refusal 404 no such network, 400 the address is outside, 409 it is taken or there is none left. */
  create(order: PortOrder, now: number): Port {
    const network = this.network(order.networkId);
    if (!network) throw new Refusal(404, `Network ${order.networkId} could not be found.`, 'NetworkNotFound');
    const h = this.#chance.hex(6);
    const port: Port = {
      id: this.#chance.uuid(),
      name: order.name ?? '',
      description: order.description ?? '',
      networkId: network.id,
      projectId: order.projectId,
      mac: `fa:16:3e:${h.slice(0, 2)}:${h.slice(2, 4)}:${h.slice(4)}`,
      address: order.address === undefined ? this.#free(network) : this.#wanted(network, order.address),
      subnetId: network.subnetId,
      deviceId: order.deviceId ?? '',
      deviceOwner: order.deviceOwner ?? '',
      host: '',
      status: 'DOWN',
      adminUp: true,
      securityGroups: order.securityGroups,
      tags: [],
      novaMade: order.novaMade,
      createdAt: now,
      updatedAt: now,
      revision: 1,
    };
    this.#remember(port);
    this.#journal.put('port', port.id, port);
    return port;
  }

  change(port: Port, patch: Partial<Port>, now: number): void {
    if (patch.deviceId !== undefined && patch.deviceId !== port.deviceId) {
      this.#ofDevice.get(port.deviceId)?.delete(port.id);
      this.#deviceSet(patch.deviceId).add(port.id);
    }
    Object.assign(port, patch, { updatedAt: now, revision: port.revision + 1 });
    this.#journal.put('port', port.id, port);
  }

  /** @throws Refusal 404. */
  delete(id: string): void {
    const port = this.#all.get(id);
    if (!port) throw new Refusal(404, `Port ${id} could not be found.`, 'PortNotFound');
    this.#all.delete(id);
    this.#taken.get(port.networkId)?.delete(port.address);
    this.#count.set(port.projectId, this.countOf(port.projectId) - 1);
    const siblings = this.#ofDevice.get(port.deviceId);
    siblings?.delete(id);
    if (siblings?.size === 0) this.#ofDevice.delete(port.deviceId);
    this.#journal.put('port', id, undefined);
  }

  /** A server is gone: its own ports go with it, the ones it was given are nobody's again. */
  release(deviceId: string, now: number): void {
    for (const port of this.of(deviceId)) {
      if (port.novaMade) this.delete(port.id);
      else this.change(port, { deviceId: '', deviceOwner: '', host: '', status: 'DOWN' }, now);
    }
  }

  #remember(port: Port): void {
    this.#all.set(port.id, port);
    this.#deviceSet(port.deviceId).add(port.id);
    this.#takenOn(port.networkId).add(port.address);
    this.#count.set(port.projectId, this.countOf(port.projectId) + 1);
  }

  #deviceSet(deviceId: string): Set<string> {
    const there = this.#ofDevice.get(deviceId) ?? new Set<string>();
    this.#ofDevice.set(deviceId, there);
    return there;
  }

  #takenOn(networkId: string): Set<string> {
    const there = this.#taken.get(networkId) ?? new Set<string>();
    this.#taken.set(networkId, there);
    return there;
  }

  #free(network: Network): string {
    const taken = this.#takenOn(network.id);
    if (taken.size >= ADDRESSES) {
      throw new Refusal(
        409,
        `No more IP addresses available on network ${network.id}.`,
        'IpAddressGenerationFailure',
      );
    }
    for (let n = this.#cursor.get(network.id) ?? 0; ; n = (n + 1) % ADDRESSES) {
      const address = `${network.prefix}.${(n + 2) >> 8}.${(n + 2) & 255}`;
      if (taken.has(address)) continue;
      // Onwards, not back to the lowest: an address just given back is not given out at once.
      this.#cursor.set(network.id, (n + 1) % ADDRESSES);
      return address;
    }
  }

  #wanted(network: Network, address: string): string {
    if (!address.startsWith(`${network.prefix}.`)) {
      const text = `IP address ${address} is not a valid IP for the specified subnet.`;
      throw new Refusal(400, text, 'InvalidIpForSubnet');
    }
    if (this.#takenOn(network.id).has(address)) {
      const text = `IP address ${address} already allocated in subnet ${network.subnetId}`;
      throw new Refusal(409, text, 'IpAddressAlreadyAllocated');
    }
    return address;
  }
}

/** Which network a server is wired to, one entry for each of its ports. @throws Refusal 400 or 409, in Nova's words. */
export function checkWiring(
  wiring: Wiring,
  networks: readonly Network[],
  ports: Ports,
  projectId: string,
): { network?: string; port?: string; address?: string }[] {
  if (wiring === 'none') return [];
  if (wiring === 'auto') {
    if (networks.length > 1) {
      throw new Refusal(409, 'Multiple possible networks found, use a Network ID to be more specific.');
    }
    return networks.map((network) => ({ network: network.id }));
  }
  for (const { network, port: portId } of wiring) {
    if (portId !== undefined) {
      const port = ports.get(portId);
      if (!port || port.projectId !== projectId) throw badRequest(`Port ${portId} could not be found.`);
      if (port.deviceId !== '') throw new Refusal(409, `Port ${portId} is still in use.`);
    } else if (!networks.some((n) => n.id === network)) {
      throw badRequest(`Network ${network} could not be found.`);
    }
  }
  return [...wiring];
}
