import { MINUTE, SECOND, toFault, type Clock, type Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import { BELIEVED_AFTER, drainedWords, type Drain } from '../domain/drain.ts';
import { hostDoubts, type CloudHost, type HostDoubt } from '../domain/hosts.ts';

const LOOK_EVERY_MS = 20 * SECOND;
/** What was seen longer ago says nothing any more. */
const GOOD_FOR_MS = 2 * MINUTE;

type Told = Pick<Drain, 'cloud' | 'host' | 'reason' | 'told' | 'at'>;

interface Seen {
  lookedAt: number;
  looking: boolean;
  at: number;
  hosts: readonly CloudHost[];
  doubts: ReadonlyMap<string, HostDoubt>;
}

/** The compute hosts of every cloud, looked at beside the pools' looks, which wait for nothing. */
export class Hosts {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop: AbortSignal;
  readonly #drained: () => readonly Told[];
  readonly #seen = new Map<string, Seen>();

  /** @param drained those that operators want empty, which the cloud may not have been told yet */
  constructor(clock: Clock, log: Log, stop: AbortSignal, drained: () => readonly Told[] = () => []) {
    this.#clock = clock;
    this.#log = log;
    this.#stop = stop;
    this.#drained = drained;
  }

  /** Hosts whose desktops nobody is given, by name; while the cloud has not been heard, those that are drained. */
  doubts(cloud: Cloud): ReadonlyMap<string, HostDoubt> {
    this.#refresh(cloud);
    return this.doubtsKnown(cloud.name);
  }

  /** The same as last seen, and nobody is asked. */
  doubtsKnown(cloud: string): ReadonlyMap<string, HostDoubt> {
    const seen = this.#good(cloud)?.doubts ?? new Map<string, HostDoubt>();
    const drained = this.#drained().filter((one) => one.cloud === cloud && !this.#isEnabledAgain(one));
    if (drained.length === 0) return seen;
    return new Map([
      ...seen,
      ...drained.map((one): [string, HostDoubt] => [one.host, { kind: 'disabled', text: drainedWords(one) }]),
    ]);
  }

  /**
   * Somebody enabled it in the cloud, which gives it new desktops: if those were held back, the pool would make ever more of
   * them. Operators are told.
   */
  #isEnabledAgain({ cloud, host, told, at }: Told): boolean {
    if (!told || this.#clock.now() - at <= BELIEVED_AFTER) return false;
    return this.#good(cloud)?.hosts.some(({ name, enabled }) => name === host && enabled) === true;
  }

  /** As last seen; undefined while nothing is known. */
  latest(cloud: string): readonly CloudHost[] | undefined {
    return this.#good(cloud)?.hosts;
  }

  /** An operator changed one: it is looked at anew with the next question. */
  lookAnew(cloud: string): void {
    const seen = this.#seen.get(cloud);
    if (seen) seen.lookedAt = -Infinity;
  }

  #good(cloud: string): Seen | undefined {
    const seen = this.#seen.get(cloud);
    return seen && this.#clock.monotonic() - seen.at < GOOD_FOR_MS ? seen : undefined;
  }

  #refresh(cloud: Cloud): void {
    const now = this.#clock.monotonic();
    const nothing = { lookedAt: -Infinity, looking: false, at: -Infinity, hosts: [], doubts: new Map() };
    const seen: Seen = this.#seen.get(cloud.name) ?? nothing;
    this.#seen.set(cloud.name, seen);
    if (seen.looking || now - seen.lookedAt < LOOK_EVERY_MS) return;
    seen.looking = true;
    seen.lookedAt = now;
    cloud.hosts(this.#stop).then(
      (hosts) => {
        seen.looking = false;
        if (!hosts) return;
        seen.at = this.#clock.monotonic();
        seen.hosts = hosts;
        seen.doubts = hostDoubts(hosts);
      },
      (error: unknown) => {
        seen.looking = false;
        if (!this.#stop.aborted)
          this.#log.debug({ cloud: cloud.name, why: toFault(error).message }, 'hosts could not be listed');
      },
    );
  }
}
