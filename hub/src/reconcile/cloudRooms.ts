import { MINUTE, type Clock, type Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { CloudQuota, CloudService, HostRoom } from '../domain/hostRoom.ts';
import { Rounds } from './rounds.ts';

export interface CloudRoomsDeps {
  clouds: ReadonlyMap<string, Pick<Cloud, 'name' | 'quotas' | 'services' | 'rooms'>>;
  clock: Clock;
  log: Log;
}

/** What a cloud has room for, as last seen. */
export interface CloudRoom {
  readonly quotas: readonly CloudQuota[] | undefined;
  readonly services: readonly CloudService[] | undefined;
  readonly hosts: readonly HostRoom[] | undefined;
}

const LOOK_EVERY_MS = MINUTE;
/** Two calls for each host. */
const HOSTS_EVERY_MS = 5 * MINUTE;
/** What was seen longer ago says nothing any more. */
const GOOD_FOR_MS = 15 * MINUTE;

interface Seen {
  at: number;
  hostsAt: number;
  room: CloudRoom;
}

/** Quotas, services and what hosts have promised, of every cloud: for operators, and nothing is decided by it. */
export class CloudRooms implements AsyncDisposable {
  readonly #deps: CloudRoomsDeps;
  readonly #rounds: Rounds;
  readonly #seen = new Map<string, Seen>();

  constructor(deps: CloudRoomsDeps) {
    this.#deps = deps;
    const { clock, log } = deps;
    const failed = 'what a cloud has room for could not be seen';
    this.#rounds = new Rounds({ clock, log, restMs: LOOK_EVERY_MS, failed, round: () => this.look() });
  }

  start(): void {
    if (this.#deps.clouds.size > 0) this.#rounds.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  /** As last seen; nothing while it is not known. */
  of(cloud: string): CloudRoom {
    const seen = this.#seen.get(cloud);
    const isGood = seen && this.#deps.clock.monotonic() - seen.at < GOOD_FOR_MS;
    return isGood ? seen.room : { quotas: undefined, services: undefined, hosts: undefined };
  }

  /** One look at every cloud. */
  async look(): Promise<void> {
    const looks = [...this.#deps.clouds.values()].map((cloud) =>
      this.#rounds.attempt(() => this.#lookAt(cloud), { cloud: cloud.name }),
    );
    await Promise.all(looks);
  }

  async #lookAt(cloud: Pick<Cloud, 'name' | 'quotas' | 'services' | 'rooms'>): Promise<void> {
    const { signal } = this.#rounds;
    const { clock } = this.#deps;
    const before = this.#seen.get(cloud.name);
    const quotas = await cloud.quotas(signal);
    const services = await cloud.services(signal);
    const isDue = before === undefined || clock.monotonic() - before.hostsAt >= HOSTS_EVERY_MS;
    const hostsAt = isDue ? clock.monotonic() : before.hostsAt;
    const hosts = isDue ? await cloud.rooms(signal) : before.room.hosts;
    this.#seen.set(cloud.name, { at: clock.monotonic(), hostsAt, room: { quotas, services, hosts } });
  }
}
