import { messageOf, type Clock, type Log } from '@anyseat/base';
import type { Guest, Hypervisor } from '../hypervisor/hypervisor.ts';
import type { QuotaOptions, Timings } from '../options.ts';
import type { Chance } from './chance.ts';
import { Course } from './course.ts';
import type { Faults } from './faults.ts';
import { Hosts, type Host } from './hosts.ts';
import { bootOf, type Image } from './image.ts';
import { NO_QUOTA, type Flavor, type Installation } from './installation.ts';
import type { Journal } from './journal.ts';
import { Ports } from './ports.ts';
import { isInCell, POWER, type Server, type ServerAction } from './server.ts';

/** Who asks, as far as Nova cares. */
export interface Caller {
  userId: string;
  projectId: string;
  isAdmin: boolean;
  requestId: string;
}

export interface CloudDeps {
  clock: Clock;
  chance: Chance;
  faults: Faults;
  installation: Installation;
  hypervisor: Hypervisor;
  journal: Journal;
  log: Log;
  timings: Timings;
  speed: number;
  reclaimMs: number;
}

/** Deleted servers that are remembered, for listings that ask for changes. */
const REMEMBERED = 1000;
/** Of one server. */
const ACTIONS_KEPT = 20;

/**
 * Nova's memory: servers, what is being done to each, and what each takes up. It knows no HTTP and no time of its own:
 * the same clock, chance and calls give the same cloud. The verbs are functions beside it: createServers, removeServer,
 * act, listServers, openConsole.
 */
export class Cloud implements Disposable {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly installation: Installation;
  readonly hypervisor: Hypervisor;
  readonly log: Log;
  readonly hosts: Hosts;
  readonly ports: Ports;
  readonly reclaimMs: number;
  readonly #timings: Timings;
  readonly #speed: number;
  readonly #journal: Journal;
  readonly #servers = new Map<string, Server>();
  readonly #deleted = new Map<string, Server>();
  readonly #courses = new Map<string, Course>();
  readonly #claims = new Map<string, string>();
  readonly #usage = new Map<string, { instances: number; cores: number; ramMb: number }>();
  readonly #images: Map<string, Image>;
  readonly #flavors: Map<string, Flavor>;
  #frozen: readonly Server[] | undefined;
  #serial = 0;

  constructor(deps: CloudDeps) {
    this.clock = deps.clock;
    this.chance = deps.chance;
    this.faults = deps.faults;
    this.installation = deps.installation;
    this.hypervisor = deps.hypervisor;
    this.log = deps.log;
    this.reclaimMs = deps.reclaimMs;
    this.#timings = deps.timings;
    this.#speed = deps.speed;
    this.#journal = deps.journal;
    this.#images = new Map(deps.installation.images.map((image) => [image.id, image]));
    this.#flavors = new Map(deps.installation.flavors.map((flavor) => [flavor.id, flavor]));
    this.hosts = new Hosts(deps.installation.hosts, this.clock, this.faults, deps.journal);
    this.ports = new Ports(deps.installation.networks, this.chance, deps.journal);
    for (const server of deps.journal.load().get('server')?.values() ?? []) this.#remember(server as Server);
    for (const server of this.#servers.values())
      if (server.host) this.claim(server, this.hosts.get(server.host));
    for (const [project, quota] of deps.journal.load().get('quota') ?? []) {
      this.installation.quotas[project] = quota as QuotaOptions;
    }
    this.faults.onChange((name) => {
      if (name === 'listing-lags') this.#freeze();
    });
    this.hypervisor.onEnded((id) => this.#guestEnded(id));
  }

  servers(): IterableIterator<Server> {
    return this.#servers.values();
  }

  get size(): number {
    return this.#servers.size;
  }

  /** Whatever its project; deleted ones are not found. */
  server(id: string): Server | undefined {
    return this.#servers.get(id);
  }

  deleted(): IterableIterator<Server> {
    return this.#deleted.values();
  }

  /** What a listing sees while the switch `listing-lags` is on. */
  get frozen(): readonly Server[] | undefined {
    return this.#frozen;
  }

  images(): IterableIterator<Image> {
    return this.#images.values();
  }

  image(id: string): Image | undefined {
    return this.#images.get(id);
  }

  /** Offered ones; `flavor` finds retired ones too. */
  flavors(): Flavor[] {
    return [...this.#flavors.values()].filter((flavor) => !flavor.retired);
  }

  flavor(id: string): Flavor | undefined {
    return this.#flavors.get(id);
  }

  flavorOf(server: Server): Flavor {
    return this.#flavors.get(server.flavorId)!;
  }

  usageOf(projectId: string): Readonly<{ instances: number; cores: number; ramMb: number }> {
    return this.#usage.get(projectId) ?? { instances: 0, cores: 0, ramMb: 0 };
  }

  /** -1 is no limit. */
  quotaOf(projectId: string): QuotaOptions {
    const quota = this.installation.quotas[projectId] ?? NO_QUOTA;
    const instead = projectId === this.installation.projects[0]?.id ? this.faults.on('quota') : undefined;
    return instead ? { ...quota, ...instead } : quota;
  }

  setQuota(projectId: string, quota: QuotaOptions): void {
    this.installation.quotas[projectId] = quota;
    this.#journal.put('quota', projectId, quota);
  }

  nextSerial(): number {
    return ++this.#serial;
  }

  /** How long something takes this time, in milliseconds. */
  takes(what: keyof Omit<Timings, 'jitter'>): number {
    const spread = 1 + this.#timings.jitter * (2 * this.chance.fraction() - 1);
    return Math.round((this.#timings[what] * spread) / this.#speed);
  }

  add(server: Server): void {
    this.#remember(server);
    this.#journal.put('server', server.id, server);
  }

  /** @param at becomes `updated`. */
  change(server: Server, patch: Partial<Server>, at = this.clock.now()): void {
    if (patch.flavorId !== undefined) this.#count(server, -1);
    Object.assign(server, patch, { updatedAt: at });
    if (patch.flavorId !== undefined) this.#count(server, 1);
    if (this.#servers.has(server.id)) this.#journal.put('server', server.id, server);
  }

  /** It exists no more. A build request leaves no trace. */
  forget(server: Server): void {
    this.#courses.get(server.id)?.end();
    this.#courses.delete(server.id);
    this.unclaim(server);
    this.#count(server, -1);
    this.#servers.delete(server.id);
    this.#journal.put('server', server.id, undefined);
    if (!isInCell(server)) return;
    const now = this.clock.now();
    const gone = {
      vmState: 'deleted',
      taskState: null,
      power: POWER.none,
      deletedAt: now,
      updatedAt: now,
    } as const;
    this.#deleted.set(server.id, { ...server, ...gone, metadata: {}, tags: [], lock: null });
    if (this.#deleted.size > REMEMBERED) this.#deleted.delete(this.#deleted.keys().next().value!);
  }

  /** Reserves what the server needs on the host, as Placement's allocation does. */
  claim(server: Server, host: Host | undefined): void {
    this.unclaim(server);
    if (!host) return;
    this.#claims.set(server.id, host.name);
    this.hosts.claim(host.name, this.flavorOf(server));
  }

  unclaim(server: Server): void {
    const host = this.#claims.get(server.id);
    if (host === undefined) return;
    this.#claims.delete(server.id);
    this.hosts.claim(host, this.flavorOf(server), -1);
  }

  /** Begins something new with a server; what was being done to it ends there. */
  begin(server: Server, work: (course: Course) => Promise<void>): void {
    this.#courses.get(server.id)?.end();
    const course = new Course(this.clock);
    this.#courses.set(server.id, course);
    work(course)
      .catch((error: unknown) => {
        this.log.error({ server: server.id, err: error }, 'a course of minicloud failed');
        this.fail(server, 500, messageOf(error));
      })
      .finally(() => this.#finish(server, course))
      .catch(() => {});
  }

  /** Stops what is being done, and leaves the server as it is. */
  halt(server: Server): void {
    this.#courses.get(server.id)?.end();
    this.#courses.delete(server.id);
  }

  /** ERROR, with what Nova says about it; without a message it says nothing at all. */
  fail(server: Server, code: number, message: string | undefined, details = ''): void {
    const fault = message === undefined ? null : { code, message, details, at: this.clock.now() };
    this.change(server, { vmState: 'error', taskState: null, fault });
  }

  /** Notes the beginning of an action; the answer notes its end. */
  record(server: Server, action: string, caller: Caller | undefined, event: string): ServerAction {
    const now = this.clock.now();
    const made: ServerAction = {
      action,
      requestId: caller?.requestId ?? `req-${this.chance.uuid()}`,
      userId: caller?.userId ?? null,
      projectId: server.projectId,
      startedAt: now,
      updatedAt: now,
      message: null,
      result: null,
      finishedAt: null,
      event,
      host: server.host,
    };
    server.actions.unshift(made);
    server.actions.length = Math.min(server.actions.length, ACTIONS_KEPT);
    return made;
  }

  finished(server: Server, action: ServerAction, error?: string): void {
    const now = this.clock.now();
    Object.assign(action, {
      updatedAt: now,
      finishedAt: now,
      result: error === undefined ? 'Success' : 'Error',
      message: error === undefined ? null : 'Error',
      host: server.host,
    });
  }

  guestOf(server: Server): Guest {
    const flavor = this.flavorOf(server);
    const image = this.#images.get(server.imageId);
    return {
      id: server.id,
      name: server.name,
      hostName: server.hostName,
      memoryMb: flavor.ramMb,
      vcpus: flavor.vcpus,
      image: image ? bootOf(image, this.#images) : {},
    };
  }

  /** Everything that goes on stops where it is. */
  [Symbol.dispose](): void {
    for (const course of this.#courses.values()) course.end();
    this.#courses.clear();
  }

  #finish(server: Server, course: Course): void {
    course.end();
    if (this.#courses.get(server.id) === course) this.#courses.delete(server.id);
  }

  #remember(server: Server): void {
    this.#servers.set(server.id, server);
    this.#serial = Math.max(this.#serial, server.serial);
    this.#count(server, 1);
  }

  #count(server: Server, sign: 1 | -1): void {
    const { vcpus, ramMb } = this.flavorOf(server);
    const before = this.usageOf(server.projectId);
    this.#usage.set(server.projectId, {
      instances: before.instances + sign,
      cores: before.cores + sign * vcpus,
      ramMb: before.ramMb + sign * ramMb,
    });
  }

  /** libvirt's event, or the periodic sync: a guest that ended by itself makes its server SHUTOFF. */
  #guestEnded(id: string): void {
    const server = this.#servers.get(id);
    const host = server?.host ? this.hosts.get(server.host) : undefined;
    if (host && !this.hosts.isUp(host)) {
      // Nobody there to notice.
      this.hosts
        .whenUp(host.name)
        .then(() => this.hypervisor.isRunning(id) || this.#guestEnded(id))
        .catch(() => {});
      return;
    }
    if (!server || server.taskState !== null) return;
    if (server.vmState !== 'active' && server.vmState !== 'paused') return;
    this.finished(server, this.record(server, 'stop', undefined, 'compute_stop_instance'));
    this.change(server, { vmState: 'stopped', power: POWER.off });
  }

  #freeze(): void {
    const on = this.faults.on('listing-lags') !== undefined;
    this.#frozen = on
      ? [...this.#servers.values()].map((s) => ({ ...s, metadata: { ...s.metadata } }))
      : undefined;
  }
}
