import type { Id } from '@anyseat/base';

export type DesktopId = Id<'desktop'>;
export type SessionId = Id<'session'>;

/**
 * One VM as the broker sees it.
 *
 * - `wanted`: the pool wants it; nothing has been asked of the cloud.
 * - `creating`: the intent to ask for a server is committed; whether the cloud was asked is not known to this state.
 * - `unsure`: the cloud was asked and did not answer clearly; the server is looked for, never asked for again.
 * - `building`: the cloud has a server; it is not running yet.
 * - `booting`: the server runs; its readiness is not proved yet.
 * - `ready`: proved ready and free; it may be handed out.
 * - `leased`: one session has it, for this session only.
 * - `bound`: it belongs to a user, a seat or a TC; a session may have it.
 * - `parked`: bound and powered off.
 * - `returning`: used, given back; its replacement is about to begin. Never handed out again.
 * - `rebuilding`: used, given back, and the cloud is asked to make the same server anew. Nobody's until the cloud has confirmed
 *   that; then it boots as a new one does, and is proved as one.
 * - `retiring`: the cloud is asked to remove the server until it is gone.
 * - `broken`: something is wrong, in words; kept as evidence for a while, then retired.
 * - `quarantined`: kept for autopsy until an operator lets it go; one that was swapped, and was nobody's own, for as long as
 *   its pool says.
 * - `gone`: the cloud has confirmed that there is no such server; the row is history.
 */
export type DesktopState =
  | 'wanted'
  | 'creating'
  | 'unsure'
  | 'building'
  | 'booting'
  | 'ready'
  | 'leased'
  | 'bound'
  | 'parked'
  | 'returning'
  | 'rebuilding'
  | 'retiring'
  | 'broken'
  | 'quarantined'
  | 'gone';

/** Every move a desktop may make; the store refuses any other. */
export const desktopMoves: Readonly<Record<DesktopState, readonly DesktopState[]>> = {
  wanted: ['creating', 'gone'],
  creating: ['building', 'unsure', 'wanted', 'broken', 'retiring', 'quarantined', 'gone'],
  unsure: ['building', 'wanted', 'broken', 'retiring', 'quarantined', 'gone'],
  building: ['booting', 'broken', 'retiring', 'quarantined', 'gone'],
  booting: ['ready', 'broken', 'retiring', 'quarantined', 'gone'],
  ready: ['leased', 'bound', 'booting', 'broken', 'retiring', 'quarantined', 'gone'],
  // To `booting`: claimed, and found unreachable before anything was granted; nobody has seen it.
  leased: ['returning', 'booting', 'broken', 'quarantined'],
  bound: ['parked', 'returning', 'booting', 'broken', 'quarantined', 'retiring'],
  parked: ['bound', 'broken', 'retiring', 'quarantined', 'gone'],
  returning: ['rebuilding', 'retiring', 'broken', 'quarantined', 'gone'],
  rebuilding: ['booting', 'retiring', 'quarantined', 'gone'],
  retiring: ['gone', 'broken', 'quarantined'],
  broken: ['retiring', 'quarantined', 'gone'],
  // To `booting`: nobody has used it, and an operator found nothing wrong with it.
  quarantined: ['booting', 'retiring', 'gone'],
  gone: [],
};

/** Where a desktop's display was last found, and when it was proved to be this very desktop. */
export interface Endpoint {
  host: string;
  port?: number | undefined;
  tlsPort?: number | undefined;
  /** Epoch ms. */
  resolvedAt: number;
  /** The viewer that was there ended, as its seat says: nobody has it open, and by now it may be another desktop's address. */
  left?: boolean | undefined;
}

/** What is wrong with a desktop: a code of the catalogue and the cloud's own words. */
export interface DesktopFault {
  code: string;
  text: string;
  /** Epoch ms. */
  at: number;
}

export interface Desktop {
  id: DesktopId;
  /** Counts all desktops of the installation; people say it aloud: desktop 4711. */
  number: number;
  cloud: string;
  pool: string;
  /** Revision of the pool's specification it was made from. */
  poolRevision: number;
  /** Glance's id of what its server was made from; undefined before that was chosen. */
  image: string | undefined;
  state: DesktopState;
  /** Epoch ms. */
  stateSince: number;
  /** Counts the servers asked for on behalf of this row, each with a name of its own, and their rebuilds. */
  attempt: number;
  /** The server's name in the cloud; fresh for every attempt. */
  serverName: string | undefined;
  serverId: string | undefined;
  /** Compute host, where the cloud tells it. */
  host: string | undefined;
  endpoint: Endpoint | undefined;
  /** The session that has it, while one does. */
  session: SessionId | undefined;
  /** The person who had it first; it is never another's without a new server or a confirmed rebuild (rule 7). */
  usedBy: string | undefined;
  fault: DesktopFault | undefined;
  /** Why it is not handed out though it is ready, in words. */
  heldBack: string | undefined;
  /** While `returning`: what the allocator of its session says becomes of it; undefined: as its pool says. */
  afterUse?: 'replace' | 'rebuild' | undefined;
  /**
   * Epoch ms of a restore: who has it is as it stood in the backup, and no seat has shown a picture of it since. Its person
   * may be at another seat by now, or somebody else may be working on it. Nothing takes it away or opens it by a full link
   * on the store's word alone.
   */
  unconfirmedSince: number | undefined;
  createdAt: number;
  /** When the server was first asked for, first seen running, and proved ready; epoch ms. */
  askedAt: number | undefined;
  activeAt: number | undefined;
  readyAt: number | undefined;
  /** Last write to the row, epoch ms: what a listing that began earlier says about it is stale. */
  writtenAt: number;
}

/** Why a desktop of a restored store is nobody's and stays: what it is in truth is not known. */
export const KEPT_AFTER_RESTORE = {
  code: 'restored',
  text: 'as it stood in the backup; somebody may have been given it since, and may be working on it. An operator decides.',
} as const;

/** On its way to being ready: counts against the boot budget, from the first intent to the proof. */
export const isOnItsWay = (d: Pick<Desktop, 'state'>): boolean =>
  d.state === 'creating' ||
  d.state === 'unsure' ||
  d.state === 'building' ||
  d.state === 'booting' ||
  d.state === 'rebuilding';

/** Whom it may be handed out to: anybody. */
export const isFree = (d: Pick<Desktop, 'state' | 'heldBack'>): boolean =>
  d.state === 'ready' && d.heldBack === undefined;

/** Somebody has it, or it belongs to somebody: the reconciler never removes it by itself. */
export const isHeld = (d: Pick<Desktop, 'state' | 'session'>): boolean =>
  d.session !== undefined || d.state === 'leased' || d.state === 'bound' || d.state === 'parked';

/** Takes up room below the pool's ceiling: all that may have a server. */
export const takesRoom = (d: Pick<Desktop, 'state'>): boolean => d.state !== 'gone';
