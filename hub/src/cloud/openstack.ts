import { Fault, isFault, MINUTE, type Clock, type Log } from '@anyseat/base';
import {
  createServer,
  deleteServer,
  forceDeleteServer,
  listServers,
  openSession,
  showServer,
  startServer,
  unlessAborted,
  type CloudCredentials,
  type ServerList,
  type ServerRecord,
  type Session,
} from '@anyseat/openstack';
import type {
  Abilities,
  Cloud,
  CloudEndpoint,
  CloudServer,
  Listing,
  ServerOrder,
  SpiceSettings,
} from './cloud.ts';
import { Cells } from './openstack/cells.ts';
import { Consoles } from './openstack/consoleEndpoint.ts';
import { isDenied, orderFault, portFault } from './openstack/portFault.ts';
import { probeAbilities } from './openstack/probe.ts';
import { NameResolver } from './openstack/resolveNames.ts';
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

const ADMIN_REFUSED_FOR_MS = 5 * MINUTE;

class OpenStackCloud implements Cloud {
  readonly name: string;
  readonly spice: SpiceSettings;
  readonly #options: OpenCloudOptions;
  readonly #log: Log;
  readonly #member: Session;
  readonly #admin: Session | undefined;
  readonly #names: NameResolver;
  readonly #cells: Cells;
  readonly #consoles: Consoles;
  readonly #stop = new AbortController();
  readonly #listings = new Map<string, Promise<Listing>>();
  /** Seen in SOFT_DELETED: a removal of these has to be by force. */
  readonly #softDeleted = new Set<string>();
  #adminRefusedUntil = 0;
  #lastDoubts = '';

  constructor(options: OpenCloudOptions) {
    const { clock, member, admin, spice } = options;
    this.name = options.name;
    this.spice = spice;
    this.#options = options;
    this.#log = options.log.child({ cloud: options.name });
    this.#member = openSession({ credentials: member, clock, log: this.#log });
    this.#admin = admin && openSession({ credentials: admin, clock, log: this.#log });
    this.#names = new NameResolver(this.#member, clock);
    this.#cells = new Cells(this.#member, this.#admin, clock);
    this.#consoles = new Consoles({
      member: this.#member,
      admin: this.#admin,
      wantsTls: spice.tls !== 'never',
      log: this.#log,
    });
  }

  async probe(signal?: AbortSignal): Promise<Abilities> {
    return ported(
      probeAbilities(
        {
          member: this.#member,
          admin: this.#admin,
          consoles: this.#consoles,
          cells: this.#cells,
          spice: this.spice,
        },
        signal,
      ),
    );
  }

  /** Whoever asks while a listing of the same tag is under way gets that one: `startedAt` says how old it is. */
  list(installationTag: string, signal?: AbortSignal): Promise<Listing> {
    let listing = this.#listings.get(installationTag);
    if (!listing) {
      listing = this.#listing(installationTag, this.#stop.signal).finally(() =>
        this.#listings.delete(installationTag),
      );
      this.#listings.set(installationTag, listing);
    }
    return signal ? unlessAborted(listing, signal) : listing;
  }

  withTag(tag: string, signal?: AbortSignal): Promise<Listing> {
    return this.#listing(tag, signal);
  }

  async server(id: string, signal?: AbortSignal): Promise<CloudServer | 'gone'> {
    const record = await ported(this.#seeing((session) => showServer(session.compute, id, signal)));
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
      return createServer(compute, serverRequest(order, now), signal).catch((again: unknown) => {
        throw orderFault(again);
      });
    }
  }

  async remove(id: string, signal?: AbortSignal): Promise<void> {
    const { compute } = this.#member;
    try {
      if (this.#softDeleted.has(id)) await forceDeleteServer(compute, id, signal);
      else await deleteServer(compute, id, signal);
    } catch (error) {
      throw await this.#whyNotRemoved(id, error, signal);
    }
  }

  async start(id: string, signal?: AbortSignal): Promise<void> {
    try {
      await startServer(this.#member.compute, id, signal);
    } catch (error) {
      if (!isFault(error, 'cloud-conflict')) throw portFault(error);
      // Nova answers the same to a server that runs as to one that cannot.
      const record = await this.#record(id, signal);
      const runs = record?.vmState === 'active' || record?.taskState === 'powering-on';
      if (!runs) throw portFault(error);
    }
  }

  async endpoint(id: string, signal?: AbortSignal): Promise<CloudEndpoint> {
    return ported(this.#consoles.endpoint(id, signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the cloud is closed'));
    await Promise.allSettled(this.#listings.values());
    await Promise.all([this.#member[Symbol.asyncDispose](), this.#admin?.[Symbol.asyncDispose]()]);
  }

  /**
   * Pages between two looks at the cells. A cell that is down is left out of the pages without a word, so a listing is complete
   * only when every cell answered before and after it, and the pages themselves left no doubt. (A cell that was away for
   * just the time between is not noticed; nothing is held to be gone before a look at it by id says so.)
   */
  async #listing(tag: string, signal: AbortSignal | undefined): Promise<Listing> {
    const startedAt = this.#options.clock.now();
    const before = await ported(this.#cells.look(signal));
    const list = await ported(
      this.#seeing((session, projectId) => this.#pages(session, projectId, tag, signal)),
    );
    const after = before === 'allUp' ? await ported(this.#cells.look(signal)) : before;
    const doubts = [
      ...list.doubts,
      ...(after === 'someDown' ? ['a cell is down'] : []),
      ...(after === 'unknowable' ? ['whether a cell is down cannot be known'] : []),
    ];
    this.#tellDoubts(doubts);
    // The filter is Nova's; that it was applied is seen here.
    const servers = list.servers.filter((server) => server.tags.includes(tag)).map(cloudServer);
    return { servers, complete: doubts.length === 0, startedAt };
  }

  #pages(
    session: Session,
    projectId: string | undefined,
    tag: string,
    signal: AbortSignal | undefined,
  ): Promise<ServerList> {
    const { pageSize } = this.#options;
    return listServers(session.compute, { tags: [tag], projectId, pageSize }, signal);
  }

  /**
   * Looks with the admin's eyes, who sees hosts, and with the member's when the admin is refused. The second argument is the
   * member's project where the admin lives in another.
   */
  async #seeing<T>(look: (session: Session, projectId: string | undefined) => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    if (!this.#admin || clock.monotonic() < this.#adminRefusedUntil) return look(this.#member, undefined);
    const ours = await this.#member.compute.whoami();
    try {
      const admins = await this.#admin.compute.whoami();
      return await look(this.#admin, ours.projectId === admins.projectId ? undefined : ours.projectId);
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.#adminRefusedUntil = clock.monotonic() + ADMIN_REFUSED_FOR_MS;
      this.#log.warn({ err: error }, 'the admin credentials are refused; hosts are not seen');
      return look(this.#member, undefined);
    }
  }

  async #whyNotRemoved(id: string, error: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    if (!isFault(error, 'cloud-conflict')) return portFault(error);
    const record = await this.#record(id, signal);
    if (!record?.locked) return portFault(error);
    return new Fault(
      'cloud-refused-order',
      'terminal',
      `server ${id} is locked in the cloud: unlock it first`,
      {
        cause: error,
        fields: error.fields,
      },
    );
  }

  /** To explain a refusal; what cannot be had is done without. */
  async #record(id: string, signal: AbortSignal | undefined): Promise<ServerRecord | undefined> {
    try {
      const record = await showServer(this.#member.compute, id, signal);
      return record === 'gone' ? undefined : record;
    } catch {
      return undefined;
    }
  }

  #tellDoubts(doubts: readonly string[]): void {
    const text = doubts.join('; ');
    if (text === this.#lastDoubts) return;
    this.#lastDoubts = text;
    if (text === '') this.#log.info('listings are complete again');
    else this.#log.warn({ doubts }, 'listings are not complete');
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
