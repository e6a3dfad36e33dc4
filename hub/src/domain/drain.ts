import { MINUTE } from '@anyseat/base';
import type { Desktop } from './desktop.ts';
import type { Session, TcId } from './session.ts';
import { DRAINED } from './swap.ts';

/** So long after it began, ms, the cloud's word that a drained host is enabled may be of before. */
export const BELIEVED_AFTER = MINUTE;

/** A compute host that an operator wants empty, until an operator ends that. */
export interface Drain {
  cloud: string;
  host: string;
  reason: string;
  /** The operator's name. */
  by: string;
  /** Epoch ms. */
  at: number;
  /** The cloud has been told, and gives it nothing new. */
  told: boolean;
  /** People who are at work there are taken to other desktops; else they leave when they log off. */
  people: boolean;
  /** What belongs to somebody is replaced too, without what is on it; else it stays. */
  bound: boolean;
}

/** Why nobody is given what is on such a host. */
export const drainedWords = ({ host, reason }: Pick<Drain, 'host' | 'reason'>): string =>
  `its host ${host} is drained: ${reason}`;

/**
 * What becomes of a desktop on a host that is drained:
 *
 * - `goes`: nobody has it. It goes by itself: ready ones as the floor allows, those that boot when they are ready.
 * - `at-log-off`: somebody is on it, and keeps it until then.
 * - `moves`: another one takes its place, when its turn has come.
 * - `seat-first`: the same, once its seat is connected and has the picture: nobody is moved who cannot be told.
 * - `belongs`: somebody's own; it stays until an operator says otherwise.
 * - `kept`: in quarantine; an operator lets it go.
 */
export type DrainFate = 'goes' | 'at-log-off' | 'moves' | 'seat-first' | 'belongs' | 'kept';

/** Pure. `session` is the one that has it, if it is known. */
export function drainFate(
  desktop: Pick<Desktop, 'state' | 'session' | 'fault' | 'unconfirmedSince'>,
  session: Pick<Session, 'state' | 'tc' | 'swap'> | undefined,
  drain: Pick<Drain, 'people' | 'bound'>,
  online: ReadonlySet<TcId>,
): DrainFate {
  const { state, fault, unconfirmedSince } = desktop;
  if (state === 'quarantined') return fault?.code === DRAINED ? 'goes' : 'kept';
  const isOwn = state === 'bound' || state === 'parked';
  if (isOwn && !drain.bound) return 'belongs';
  if (state !== 'leased' && !isOwn) return 'goes';
  if (desktop.session !== undefined && !drain.people) return 'at-log-off';
  if (unconfirmedSince !== undefined) return 'seat-first';
  if (desktop.session === undefined) return 'moves';
  const isThere = session?.state === 'connected' && !session.swap && online.has(session.tc);
  return isThere ? 'moves' : 'seat-first';
}

/** How many of a host's desktops have which fate. */
export type DrainCount = Readonly<Record<DrainFate, number>>;

export const countFates = (fates: readonly DrainFate[]): DrainCount => {
  const count = { goes: 0, 'at-log-off': 0, moves: 0, 'seat-first': 0, belongs: 0, kept: 0 };
  for (const fate of fates) count[fate]++;
  return count;
};
