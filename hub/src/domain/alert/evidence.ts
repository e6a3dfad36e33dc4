import type { CloudHost } from '../hosts.ts';
import type { Problem } from '../problem.ts';

/** How much of a host is promised to servers, in times what it has. (Placement: the used of an inventory by its total) */
export interface HostCrowding {
  readonly host: string;
  readonly memory: number;
  readonly cpu: number;
}

/** A cloud as far as it was seen. What is undefined is not known now. */
export interface CloudEvidence {
  readonly name: string;
  /** Nothing was asked of it yet. */
  readonly untried: boolean;
  /** Why it does not answer. */
  readonly failure: string | undefined;
  readonly complete: boolean | undefined;
  /** What a look at all its servers took. */
  readonly lookMs: number | undefined;
  /** Servers of ours in ERROR, by name. */
  readonly failed: readonly string[] | undefined;
  readonly hosts: readonly CloudHost[] | undefined;
  readonly crowding: readonly HostCrowding[] | undefined;
  readonly quotas: readonly { name: string; used: number; most: number }[] | undefined;
  /** Services of the cloud other than its compute hosts. */
  readonly services: readonly { name: string; up: boolean }[] | undefined;
}

export interface PoolEvidence {
  readonly name: string;
  readonly cloud: string;
  readonly closed: boolean;
  readonly ceiling: number;
  readonly ready: number;
  readonly broken: number;
  readonly quarantined: number;
  readonly waiting: number;
  /** Why it makes none. */
  readonly trouble: string | undefined;
}

/** A seat where somebody is logged in, and not away. */
export interface SeatEvidence {
  readonly seat: string;
  readonly site: string;
  /** What it is a row of, where its tags or its place say so. */
  readonly row: string | undefined;
  readonly user: string;
  readonly silent: boolean;
}

export interface TcEvidence {
  readonly fingerprint: string;
  readonly seat: string;
  readonly site: string;
  /** Each in a few words. */
  readonly troubles: readonly string[];
}

/** Everything that alerts are made of, as it stands in memory or was looked at in one go. */
export interface Evidence {
  /** Epoch ms. */
  readonly now: number;
  readonly store: { readonly ok: boolean; readonly text: string };
  readonly disk: { readonly freeMb: number; readonly totalMb: number } | undefined;
  readonly certificates: readonly { name: string; endsAt: number }[];
  readonly directories: readonly { name: string; ok: boolean; text: string }[];
  /** Sites where so many passwords were wrong lately that somebody may be guessing. */
  readonly guessed: readonly string[];
  readonly clouds: readonly CloudEvidence[];
  readonly pools: readonly PoolEvidence[];
  readonly problems: readonly Problem[];
  /** Undefined while thin clients may be coming back still, after a start of the hub. */
  readonly seats: readonly SeatEvidence[] | undefined;
  readonly tcs: readonly TcEvidence[] | undefined;
  /** Names of sites as people read them. */
  readonly titleOf: (site: string) => string;
  /** Channels that what is sent by does not arrive. */
  readonly channels: readonly { name: string; text: string }[];
}

/** From when on a host has promised too much, in times what it has; and which part of a quota is nearly all of it. */
export interface Lines {
  readonly memory: number;
  readonly cpu: number;
  readonly quota: number;
}
