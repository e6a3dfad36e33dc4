import { Fault, isFault, type Clock, type Log } from '@anyseat/base';
import {
  consoleOutput,
  createServer,
  deletePort,
  deleteServer,
  forceDeleteServer,
  listComputeServices,
  openSession,
  portsOnServers,
  resetState,
  setComputeService,
  showServer,
  startServer,
  stopServer,
  type CloudCredentials,
  type ServerRecord,
  type Session,
} from '@anyseat/openstack';
import type { CloudQuota, CloudService, HostRoom } from '../domain/hostRoom.ts';
import type { CloudHost } from '../domain/hosts.ts';
import type {
  Abilities,
  Cloud,
  CloudEndpoint,
  CloudServer,
  Listing,
  RebuildOrder,
  RebuildOutcome,
  ServerOrder,
  SpiceSettings,
} from './cloud.ts';
import { Cells } from './openstack/cells.ts';
import { Consoles } from './openstack/consoleEndpoint.ts';
import { Eyes } from './openstack/eyes.ts';
import { Listings } from './openstack/listings.ts';
import { isDenied, orderFault, portFault } from './openstack/portFault.ts';
import { probeAbilities } from './openstack/probe.ts';
import { NameResolver } from './openstack/resolveNames.ts';
import { orderRebuild, rebuildOutcome, whyNotRebuilt } from './openstack/rebuilding.ts';
import { quotasOf, roomsOf, servicesOf } from './openstack/rooms.ts';
import { serverRequest } from './openstack/serverRequest.ts';
import { cloudServer } from './openstack/serverState.ts';

export interface OpenCloudOptions {
  /** As hub.yaml calls it. */
  readonly name: string;
  /** Creates, looks, removes: always the same user. */
  readonly member: CloudCredentials;
  /** Only for what the member may not: hosts, and what console tokens stand for. */
  readonly admin?: CloudCredentials | undefined;
  readonly spice: SpiceSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** Servers a page. */
  readonly pageSize?: number;
}

/** An OpenStack, as the port wants it. Nothing is asked of it yet: a hub starts while its cloud is away. */
export function openCloud(options: OpenCloudOptions): Promise<Cloud> {
  return Promise.resolve(new OpenStackCloud(options));
}

class OpenStackCloud implements Cloud {
  readonly name: string;
  readonly spice: SpiceSettings;
  readonly #member: Session;
  readonly #admin: Session | undefined;
  readonly #eyes: Eyes;
  readonly #names: NameResolver;
  readonly #cells: Cells;
  readonly #listings: Listings;
  readonly #consoles: Consoles;
  /** Seen in SOFT_DELETED: a removal of these has to be by force. */
  readonly #softDeleted = new Set<string>();

  constructor({ name, member, admin, spice, clock, log: parent, pageSize }: OpenCloudOptions) {
    const log = parent.child({ cloud: name });
    this.name = name;
    this.spice = spice;
    this.#member = openSession({ credentials: member, clock, log });
    this.#admin = admin && openSession({ credentials: admin, clock, log });
    this.#eyes = new Eyes(this.#member, this.#admin, clock, log);
    this.#names = new NameResolver(this.#member, clock);
    this.#cells = new Cells(this.#member, this.#admin, clock);
    this.#listings = new Listings({ eyes: this.#eyes, cells: this.#cells, clock, log, pageSize });
    const wantsTls = spice.tls !== 'never';
    this.#consoles = new Consoles({ member: this.#member, admin: this.#admin, wantsTls, log });
  }

  probe(signal?: AbortSignal): Promise<Abilities> {
    const parts = {
      member: this.#member,
      admin: this.#admin,
      consoles: this.#consoles,
      cells: this.#cells,
      spice: this.spice,
    };
    return ported(probeAbilities(parts, signal));
  }

  list(installationTag: string, signal?: AbortSignal): Promise<Listing> {
    return ported(this.#listings.shared(installationTag, signal));
  }

  withTag(tag: string, signal?: AbortSignal): Promise<Listing> {
    return ported(this.#listings.fresh(tag, signal));
  }

  async server(id: string, signal?: AbortSignal): Promise<CloudServer | 'gone'> {
    const record = await ported(this.#look(id, signal));
    if (record === 'gone') {
      this.#softDeleted.delete(id);
      return 'gone';
    }
    if (record.status === 'SOFT_DELETED') this.#softDeleted.add(id);
    return cloudServer(record);
  }

  async create(order: ServerOrder, signal?: AbortSignal): Promise<{ id: string }> {
    const { compute } = this.#member;
    const resolved = await ported(this.#names.resolve(order.spec));
    signal?.throwIfAborted();
    try {
      return await createServer(compute, serverRequest(order, resolved), signal);
    } catch (error) {
      if (!isFault(error, 'cloud-refused-order') || error.fields['status'] !== 400) throw orderFault(error);
      // Nothing was made. Perhaps a name means something else by now: an image that was replaced.
      this.#names.forget();
      const now = await ported(this.#names.resolve(order.spec));
      if (JSON.stringify(now) === JSON.stringify(resolved)) throw error;
      return await createServer(compute, serverRequest(order, now), signal).catch((again: unknown) => {
        throw orderFault(again);
      });
    }
  }

  async image(name: string, signal?: AbortSignal): Promise<string> {
    const image = await ported(this.#names.image(name));
    signal?.throwIfAborted();
    return image;
  }

  async unstick(id: string, signal?: AbortSignal): Promise<void> {
    if (!this.#admin) {
      const text = `the removal of server ${id} hangs; freeing it takes admin credentials`;
      throw new Fault('cloud-forbidden', 'terminal', text);
    }
    await ported(resetState(this.#admin.compute, id, 'error', signal));
    await this.remove(id, signal);
  }

  ports(signal?: AbortSignal): Promise<readonly { id: string; serverId: string }[]> {
    return ported(portsOnServers(this.#member.network, signal));
  }

  removePort(id: string, signal?: AbortSignal): Promise<void> {
    return ported(deletePort(this.#member.network, id, signal));
  }

  async hosts(signal?: AbortSignal): Promise<readonly CloudHost[] | undefined> {
    try {
      const services = await ported(
        this.#eyes.see((session) => listComputeServices(session.compute, signal), signal),
      );
      return services.map(({ host, up, status, forcedDown, disabledReason }) => ({
        name: host,
        up: forcedDown ? false : up,
        // In a cell that is down it is not told.
        enabled: status !== 'disabled',
        reason: disabledReason,
      }));
    } catch (error) {
      if (isDenied(error)) return undefined;
      throw error;
    }
  }

  async enableHost(host: string, enabled: boolean, reason: string, signal?: AbortSignal): Promise<void> {
    const { compute } = this.#admin ?? this.#member;
    const services = await ported(listComputeServices(compute, signal));
    const id = services.find((service) => service.host === host)?.id;
    if (id === undefined)
      throw new Fault('cloud-refused-order', 'terminal', `cloud ${this.name} has no compute host ${host}`);
    await ported(setComputeService(compute, id, enabled ? { enabled } : { enabled, reason }, signal));
  }

  quotas(signal?: AbortSignal): Promise<readonly CloudQuota[]> {
    return ported(quotasOf(this.#member, signal));
  }

  services(signal?: AbortSignal): Promise<readonly CloudService[] | undefined> {
    return unlessDenied(ported(this.#eyes.see((session) => servicesOf(session, signal), signal)));
  }

  rooms(signal?: AbortSignal): Promise<readonly HostRoom[] | undefined> {
    return unlessDenied(ported(this.#eyes.see((session) => roomsOf(session, signal), signal)));
  }

  async remove(id: string, signal?: AbortSignal): Promise<void> {
    const { compute } = this.#member;
    try {
      if (this.#softDeleted.has(id)) await forceDeleteServer(compute, id, signal);
      else await deleteServer(compute, id, signal);
    } catch (error) {
      if (!isFault(error, 'cloud-conflict')) throw portFault(error);
      const record = await this.#record(id, signal);
      // Another removal was quicker.
      if (record === 'gone') return;
      if (!record?.locked) throw portFault(error);
      const text = `server ${id} is locked in the cloud: unlock it first`;
      throw new Fault('cloud-refused-order', 'terminal', text, { cause: error, fields: error.fields });
    }
  }

  async start(id: string, signal?: AbortSignal): Promise<void> {
    try {
      await startServer(this.#member.compute, id, signal);
    } catch (error) {
      if (!isFault(error, 'cloud-conflict')) throw portFault(error);
      // Nova answers the same to a server that runs as to one that cannot.
      const record = await this.#record(id, signal);
      const runs = record !== 'gone' && (record?.vmState === 'active' || record?.taskState === 'powering-on');
      if (!runs) throw portFault(error);
    }
  }

  async stop(id: string, signal?: AbortSignal): Promise<void> {
    try {
      await stopServer(this.#member.compute, id, signal);
    } catch (error) {
      if (!isFault(error, 'cloud-conflict')) throw portFault(error);
      const record = await this.#record(id, signal);
      const off =
        record !== 'gone' && (record?.vmState === 'stopped' || record?.taskState === 'powering-off');
      if (!off) throw portFault(error);
    }
  }

  async consoleLog(id: string, lines: number, signal?: AbortSignal): Promise<string | undefined> {
    try {
      return await consoleOutput(this.#member.compute, id, lines, signal);
    } catch (error) {
      if (hasNoConsoleLog(error)) return undefined;
      throw portFault(error);
    }
  }

  rebuild(id: string, order: RebuildOrder, signal?: AbortSignal): Promise<void> {
    return orderRebuild(this.#member, id, order, signal);
  }

  rebuilt(
    id: string,
    metadata: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<RebuildOutcome> {
    return ported(rebuildOutcome(this.#member, id, metadata, signal));
  }

  whyNotRebuilt(
    spec: Pick<ServerOrder['spec'], 'image' | 'flavor'>,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    return ported(whyNotRebuilt(this.#member, this.#names, spec, signal));
  }

  endpoint(id: string, signal?: AbortSignal): Promise<CloudEndpoint> {
    return ported(this.#consoles.endpoint(id, signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listings.close(new Error('the cloud is closed'));
    await Promise.all([this.#member[Symbol.asyncDispose](), this.#admin?.[Symbol.asyncDispose]()]);
  }

  /** Gone is what its owner does not find: admin credentials of another cloud would find nothing at all. */
  async #look(id: string, signal: AbortSignal | undefined): Promise<ServerRecord | 'gone'> {
    const seen = await this.#eyes.see((session) => showServer(session.compute, id, signal), signal);
    return seen === 'gone' && this.#admin ? showServer(this.#member.compute, id, signal) : seen;
  }

  /** To explain a refusal; what cannot be had is done without. */
  async #record(id: string, signal: AbortSignal | undefined): Promise<ServerRecord | 'gone' | undefined> {
    return showServer(this.#member.compute, id, signal).catch(() => undefined);
  }
}

/** Nova: 404 of a server that is gone, 409 of one that no host has, 501 of a driver that keeps no log. */
const hasNoConsoleLog = (error: unknown): boolean =>
  isFault(error, 'cloud-not-found') ||
  isFault(error, 'cloud-conflict') ||
  (isFault(error) && error.fields['status'] === 501);

/** Undefined where the credentials may not. */
async function unlessDenied<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

/** The client's faults in the port's words. */
async function ported<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw portFault(error);
  }
}
