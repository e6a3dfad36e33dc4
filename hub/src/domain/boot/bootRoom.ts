import { allowedBy, type HostPace } from './hostPace.ts';

/** A desktop that boots now: from the order to the proof. */
export interface Boot {
  readonly id: string;
  readonly pool: string;
  /** Where, once the cloud has told: `cloud/host`. */
  readonly host: string | undefined;
}

/** Everything that boots, and what may. */
export interface BootState {
  readonly boots: readonly Boot[];
  /** At once in all. */
  readonly most: number;
  /** At once in this pool. */
  readonly poolMost: number;
  /** Hosts of this pool's cloud, as far as anything of ours was ever seen on them. */
  readonly hosts: readonly string[];
  readonly paceOf: (host: string) => HostPace;
  /** Where a host begins of which nothing is known. */
  readonly hostStart: number;
  /** People who wait on other pools, and whose desktops those may begin. */
  readonly neededElsewhere: number;
  /** 1, or less after an outage: everything begins anew, and all at once. */
  readonly share: number;
}

/** How many more of a pool may begin to boot (rule 6). */
export interface BootRoom {
  /** In all and in this pool, for somebody who waits. */
  readonly forPeople: number;
  /** For a spare: without what people wait for elsewhere. */
  readonly forSpares: number;
  /** Of those whose host is not known before the cloud has chosen it. */
  readonly unplaced: number;
  /** Why none of those may begin, though there would be room: in words. */
  readonly paused: string | undefined;
  /** More on this host. */
  readonly on: (host: string) => number;
}

/** The room that is left. Pure. */
export function bootRoom(pool: string, state: BootState): BootRoom {
  const { boots, hosts, paceOf, share, neededElsewhere } = state;
  const scaled = (limit: number) => Math.max(1, Math.floor(limit * share));
  const onHost = new Map<string, number>();
  let own = 0;
  let unplaced = 0;
  for (const boot of boots) {
    if (boot.pool === pool) own++;
    if (boot.host === undefined) unplaced++;
    else onHost.set(boot.host, (onHost.get(boot.host) ?? 0) + 1);
  }
  const on = (host: string) => scaled(allowedBy(paceOf(host))) - (onHost.get(host) ?? 0);
  const forPeople = atLeast0(Math.min(scaled(state.most) - boots.length, scaled(state.poolMost) - own));
  const over = hosts.find((host) => on(host) < 0);
  const places = hosts.reduce((sum, host) => sum + atLeast0(on(host)), 0);
  // Of a cloud of which nothing is known yet, one host is.
  const free = Math.max(places, hosts.length === 0 ? scaled(state.hostStart) : 0) - unplaced;
  return {
    forPeople,
    forSpares: atLeast0(Math.min(forPeople, scaled(state.most) - boots.length - neededElsewhere)),
    unplaced: over === undefined ? atLeast0(free) : 0,
    paused: over === undefined ? undefined : overWords(over, onHost.get(over) ?? 0, -on(over)),
    on: (host) => atLeast0(on(host)),
  };
}

const overWords = (host: string, booting: number, over: number): string =>
  `${booting} desktops boot on host ${nameOf(host)}, where ${booting - over} may`;

/** Without its cloud. */
const nameOf = (host: string): string => host.slice(host.indexOf('/') + 1);

const atLeast0 = (n: number): number => Math.max(0, n);
