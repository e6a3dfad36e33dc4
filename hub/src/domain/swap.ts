import { HOUR, MINUTE } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { Desktop, DesktopId, SessionId } from './desktop.ts';

/**
 * Who wanted it: an operator; the person, at their seat; the hub, because seat and cloud agree that it is lost; or an operator who
 * drains the desktop's host, and there is nothing wrong with it.
 */
export type SwapOrigin = 'operator' | 'person' | 'rule' | 'drain';

/**
 * A desktop that was taken out from under somebody, and what they have instead: one for each desktop, since none is ever
 * handed out again. Kept as long as its row.
 */
export interface Swap {
  /** The one that was taken: it is in quarantine. */
  desktop: DesktopId;
  pool: string;
  origin: SwapOrigin;
  /** An operator's name, or the person's id. */
  by: string;
  reason: string;
  /** Epoch ms. */
  at: number;
  /** Undefined: nobody was on it. */
  session: SessionId | undefined;
  person: string | undefined;
  user: string | undefined;
  seat: string | undefined;
  /** What they have instead; undefined while they wait. */
  to: DesktopId | undefined;
  /** Milliseconds until another desktop was theirs, and until its picture was on the screen. */
  claimedMs: number | undefined;
  tookMs: number | undefined;
}

/** A swap under a session, until the picture of the other desktop is there. Whoever waits for that is first in line. */
export interface OpenSwap {
  /** Of the first, where one followed another; epoch ms. */
  at: number;
  /** The generation with which another desktop became theirs; `untold`: no seat can have heard of it yet. */
  first?: number | undefined;
  untold?: boolean | undefined;
}

/** Fault codes of desktops in quarantine after a swap: a pooled one, and one that belonged to somebody. */
export const SWAPPED = 'swapped';
export const SWAPPED_BOUND = 'swapped-bound';

/** And of a pooled one that was taken off a host that is drained: there is nothing to look at, and it goes at once. */
export const DRAINED = 'drained';

export const isSwapped = ({ state, fault }: Pick<Desktop, 'state' | 'fault'>): boolean =>
  state === 'quarantined' && (fault?.code === SWAPPED || fault?.code === SWAPPED_BOUND);

/** How often something may be done. */
export interface Pace {
  most: number;
  withinMs: number;
}

/** What a pool lets people and rules do. */
export interface SwapPolicy {
  person: Pace;
  /** People's and rules' together. */
  pool: Pace;
  byRule: boolean;
  /** Whether people and rules may swap a desktop that belongs to somebody, who then has one without their data. */
  bound: boolean;
  keepMs: number;
  keepMost: number;
}

/** As the pool says; undefined where the pool is no more: then as if it said nothing. */
export function swapPolicyOf(spec: Pick<PoolSpec, 'swaps'> | undefined): SwapPolicy {
  const {
    perPersonHour = 2,
    perMinute = 6,
    byRule = true,
    bound,
    keepHours = 24,
    keepMost = 5,
  } = spec?.swaps ?? {};
  return {
    person: { most: perPersonHour, withinMs: HOUR },
    pool: { most: perMinute, withinMs: MINUTE },
    byRule,
    bound: bound === 'everybody',
    keepMs: keepHours * HOUR,
    keepMost,
  };
}

/** How long until one more may be done, by when the ones before were (epoch ms); undefined: now. */
export function waitFor(pace: Pace, before: readonly number[], now: number): number | undefined {
  const counted = before.filter((at) => at > now - pace.withinMs && at <= now).toSorted((a, b) => a - b);
  if (counted.length < pace.most) return undefined;
  const frees = pace.most === 0 ? now : counted[counted.length - pace.most]!;
  return frees + pace.withinMs - now;
}
