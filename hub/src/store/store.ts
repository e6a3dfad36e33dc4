import type { Id } from '@anyseat/base';
import type { ResourceKind, SpecOf, ViewerEnd, ViewerState } from '@anyseat/protocol';
import type { Alert, AlertFields, AlertId, Condition } from '../domain/alert/alert.ts';
import type { Severity } from '../domain/alert/alertRules.ts';
import type { AlertMessage } from '../domain/alert/message.ts';
import type { Actor, AuditRow } from '../domain/audit.ts';
import type { Binding, BindingKind } from '../domain/binding.ts';
import type { Asker } from '../domain/allocator.ts';
import type { Catalogue, Resource, ResourceChange } from '../domain/catalogue.ts';
import type { Desktop, DesktopId, DesktopState } from '../domain/desktop.ts';
import type { DesktopEvent } from '../domain/desktopEvents.ts';
import type { Drain } from '../domain/drain.ts';
import type { ImageNews, ImageRevision } from '../domain/pool/imageRevision.ts';
import type { InventoryNews, KnownInventory, Missing } from '../domain/inventory.ts';
import type { Reason, ResourceChangeRecord } from '../domain/reason.ts';
import type { SessionPolicy } from '../domain/sessionPolicy.ts';
import type { Claim, Session, SessionEnd, SessionId, TcId } from '../domain/session.ts';
import type { Pace, Swap, SwapOrigin } from '../domain/swap.ts';
import type { Tc } from '../domain/tc.ts';
import type { UpdateStore } from './updateStore.ts';
import type { RosterStore } from './rosterStore.ts';

export type { HeadCount, RosterSheet } from './rosterStore.ts';

/** Which installation this is, which hub, and the how-many-th start of it. The id is born in the store (rule 4). */
export interface Installation {
  id: Id<'installation'>;
  hubId: Id<'hub'>;
  /** Counts the starts of this hub; the high part of every connection's epoch. */
  run: number;
}

/** A person, proved by a directory, asks for a desktop. */
export interface Opening {
  requestId: string;
  tc: TcId;
  seat: string;
  site: string;
  person: string;
  user: string;
  displayName: string;
  allocator: string;
  pools: readonly string[];
  binding: 'none' | BindingKind;
  /** SHA-256 of the secret that the grant will carry, hex. */
  secretHash: string;
  /** Until when somebody else's session that this TC left behind keeps its desktop, epoch ms. */
  leftBehindUntil: number;
  stages: Readonly<Record<string, number>>;
  policy?: SessionPolicy;
  /** Others wait for the same pools and came first: a ready desktop is theirs. */
  behindOthers?: boolean;
  /** More than one session at once: how many, and which TCs are connected, since who is at none of them comes back to theirs. */
  several?: { most: number; online: ReadonlySet<TcId> };
  /**
   * Leave the person where they are: when their session is in use at another of these TCs, nothing is changed, and the
   * answer is `elsewhere`.
   */
  stayWhereUsed?: ReadonlySet<TcId>;
  /** What the allocators looked at, and the number of the last change of the rules: kept with the session, for explain. */
  asker?: Asker;
  change?: number;
}

/**
 * What a request for a desktop came to. `moved` names the TC that the session was at before, so that its viewer is
 * ended; `ended` are sessions that this one took the place of.
 */
export type Opened =
  | {
      kind: 'have';
      session: Session;
      desktop: Desktop;
      claim: Claim;
      moved: TcId | undefined;
      ended: readonly Session[];
    }
  | { kind: 'waiting'; session: Session; ended: readonly Session[] }
  /** They work at another seat, and stay there. */
  | { kind: 'elsewhere'; session: Session; ended: readonly [] }
  /** The desktop that is bound to this key cannot be used now, for the reason given. */
  | { kind: 'unusable'; session: Session; desktop: Desktop; ended: readonly Session[] };

/** A desktop that a session had and that was no good, and why. */
export interface GivenUp {
  desktop: DesktopId;
  claim: Claim;
  /** Of the grant that came to nothing: a newer one is somebody else's to give up. */
  generation: number;
  /**
   * `look-again`: it could not be reached, perhaps through no fault of its own, and nothing was granted: it has to be
   * proved anew. `broken`: it is kept as evidence.
   */
  verdict: 'look-again' | 'broken';
  code: string;
  text: string;
}

/** A session as somebody saw it, as far as it matters to what they decided. */
export type AsItWas = Partial<Pick<Session, 'state' | 'stateSince' | 'generation' | 'tc' | 'requestId'>>;

/** What a session that waits, or whose desktop was no good, came to. `ended` are sessions that it took the place of. */
export type Claimed =
  | { kind: 'got'; session: Session; desktop: Desktop; claim: Claim; ended: readonly Session[] }
  /** None is ready: it waits. */
  | { kind: 'none' }
  /** It has ended, is another TC's by now, or was granted anew meanwhile: nothing is to be had for whoever asked. */
  | { kind: 'over' };

/** A desktop is to be taken for a broken one. */
export interface SwapOrder {
  desktop: DesktopId;
  origin: SwapOrigin;
  reason: string;
  /** Who was on it, as whoever decided so saw it; undefined: whoever is on it now. */
  was?: { session: SessionId | undefined } & AsItWas;
  /** Only one of this pool instead; undefined: of any that its person may have one of. */
  pool?: string;
  /** How often its person, people and rules in its pool, and all operators together, may. */
  paces?: { person?: Pace; pool?: Pace; operators?: Pace };
}

/** What became of it. `session` is as it stands now; `again`: it had been done before, and nothing was changed. */
export type Swapped =
  | { kind: 'swapped'; swap: Swap; session: Session | undefined; again: boolean }
  | { kind: 'too-often'; retryAfterMs: number }
  /** Of origin `drain` alone, which lets nobody wait. */
  | { kind: 'none-ready' }
  /** Somebody else is on it by now, or it is not as it was. */
  | { kind: 'changed' };

/** The answer to a seat that asks for its desktop anew. `waits`: for another one, after a swap. */
export type Renewed =
  { kind: 'have'; session: Session; desktop: Desktop; claim: Claim } | { kind: 'waits'; session: Session };

export interface ViewerNews {
  session: SessionId;
  tc: TcId;
  generation: number;
  state: ViewerState;
  end: ViewerEnd | undefined;
  /** Milliseconds of the stages since the claim, added to the session's. */
  stages: Readonly<Record<string, number>>;
  /** When the desktop is given up if nobody comes back; used when the viewer ended. */
  graceUntil: number;
}

/** Of one pool, in one state. */
export interface DesktopCount {
  readonly pool: string;
  readonly state: DesktopState;
  readonly heldBack: boolean;
  readonly count: number;
}

/** A condition that has lasted. */
export interface NewAlert extends Condition {
  readonly severity: Severity;
}

export interface EnrolmentToken {
  hash: string;
  seat: string | undefined;
  expiresAt: number;
}

/**
 * Where everything lasting is kept. Each method is one whole unit of work, durable when its promise resolves; what it
 * refuses it refuses whole. Engines: SQLite; PostgreSQL is to pass the same suite.
 *
 * @throws Fault `store-full`, `store-failed` (transient): nothing of this unit was kept.
 */
export interface Store extends RosterStore, UpdateStore, AsyncDisposable {
  readonly installation: Installation;

  /** All resources as they stand. */
  catalogue(): Promise<Catalogue>;
  /**
   * All of these changes or none, each a new revision.
   * @throws Fault `resource-changed` (refused) when somebody changed one of them in between.
   */
  applyResources(changes: readonly ResourceChange[], by: Actor): Promise<void>;
  /** Every revision of one resource, newest first; `spec` undefined is a deletion. */
  history<K extends ResourceKind>(kind: K, name: string): Promise<Resource<SpecOf[K] | undefined>[]>;
  /** What was changed together, newest first. */
  changes(filter: { before?: number | undefined; limit: number }): Promise<ResourceChangeRecord[]>;
  /** All resources as they stood after this change. */
  catalogueAt(change: number): Promise<Catalogue>;

  tcs(): Promise<Tc[]>;
  tcByFingerprint(fingerprint: string): Promise<Tc | undefined>;
  /**
   * A TC has proved that it holds this key. Unknown keys become `pending`, or `enrolled` with a token that is still
   * good (and is used up). At most `mostPending` wait; beyond that the longest silent one is forgotten.
   * @throws Fault `token-invalid` (refused).
   */
  meetTc(
    met: Omit<Tc, 'id' | 'state' | 'seat' | 'tags' | 'firstSeenAt' | 'lastSeenAt'>,
    tokenHash: string | undefined,
    mostPending: number,
  ): Promise<Tc>;
  /** @throws Fault `tc-unknown`, `seat-taken`, `seat-unknown` (refused). */
  approveTc(fingerprint: string, seat: string | undefined, by: Actor): Promise<Tc>;
  /** Where this TC stands from now on. @throws as approveTc */
  placeTc(tc: TcId, seat: string | undefined, by: Actor): Promise<Tc>;
  /** Adds and changes these tags; null takes one away. @throws Fault `tc-unknown` (refused) */
  tagTc(tc: TcId, tags: Readonly<Record<string, string | null>>, by: Actor): Promise<Tc>;
  retireTc(tc: TcId, by: Actor): Promise<Tc>;
  /** What TCs said last of what they are made of. */
  inventories(): Promise<ReadonlyMap<TcId, KnownInventory>>;
  inventoryOf(tc: TcId): Promise<KnownInventory | undefined>;
  /** What was plugged in and is not, of those TCs where something is missing. */
  missingParts(): Promise<ReadonlyMap<TcId, readonly Missing[]>>;
  /** Nothing is kept of a TC that is not there any more. */
  recordInventory(tc: TcId, news: InventoryNews): Promise<void>;
  addToken(token: EnrolmentToken, by: Actor): Promise<void>;

  /** Of one pool, in one state, or on one host; all that are not gone where nothing is said. */
  desktops(
    filter?: { pool: string } | { state: DesktopState } | { cloud: string; host: string },
  ): Promise<Desktop[]>;
  desktop(id: DesktopId): Promise<Desktop | undefined>;
  /** How many there are of each pool, in each state, free to be handed out or held back; without those that are gone. */
  desktopCounts(): Promise<DesktopCount[]>;
  /** Which of them are as they stood in a backup, and no seat has shown since that it is so (`Desktop.unconfirmedSince`). */
  unconfirmedDesktops(): Promise<ReadonlySet<DesktopId>>;
  /** New rows in state `wanted`. */
  wantDesktops(pool: { name: string; cloud: string; revision: number }, count: number): Promise<Desktop[]>;
  /** Records an event; undefined when the desktop's state does not allow it any more (somebody was quicker). */
  recordDesktop(id: DesktopId, event: DesktopEvent, by: Actor): Promise<Desktop | undefined>;
  /**
   * A server of ours that no row knows gets its row back from its metadata (rule 4), as `quarantined`: after a restored
   * backup somebody may be working on it, so it is neither handed out nor removed until an operator says so.
   * Undefined when a row has it.
   */
  adoptDesktop(found: {
    id: DesktopId;
    cloud: string;
    pool: string;
    poolRevision: number;
    serverId: string;
    serverName: string;
    why: string;
  }): Promise<Desktop | undefined>;

  /** Which of these servers a desktop of ours once had, and is gone. */
  formerServers(cloud: string, serverIds: readonly string[]): Promise<string[]>;
  /** What the image of a pool ever stood for, newest first. */
  images(pool: string): Promise<ImageRevision[]>;
  /** One that was not known becomes the pool's next revision. */
  recordImage(pool: string, image: string, news: ImageNews): Promise<void>;

  sessions(filter?: { live?: boolean; limit?: number }): Promise<Session[]>;
  /** Those whose viewer ended, and whose desktop waits for them; in the order in which they began. */
  sessionsAway(): Promise<Session[]>;
  session(id: SessionId): Promise<Session | undefined>;
  /** The session that began with this request of this TC, whatever became of it. */
  sessionByRequest(tc: TcId, requestId: string): Promise<Session | undefined>;
  /** The live sessions of a person. */
  sessionsOf(person: string): Promise<Session[]>;
  /** Why this session's login went as it did; undefined when it was opened without saying so. */
  reasonOf(session: SessionId): Promise<Reason | undefined>;
  /** The logins since then (epoch ms), newest first; those that come after `last` in that order. */
  loginsSince(at: number, limit: number, last?: Pick<Reason, 'at' | 'session'>): Promise<Reason[]>;
  /** Forgets why logins before then (epoch ms) went as they did, and the people as they were seen. @returns how many */
  forgetReasons(before: number): Promise<number>;
  bindings(): Promise<Binding[]>;
  /**
   * Ready desktops are bound to these from now on: all of them, or none. For each what stands in its way, in words;
   * all undefined means that it is done (with `dryRun`: would be).
   */
  prepareBindings(
    wanted: readonly Pick<Binding, 'kind' | 'key' | 'desktop'>[],
    by: Actor,
    dryRun: boolean,
  ): Promise<(string | undefined)[]>;
  /**
   * Whoever had this desktop has it no more. One that somebody used is made anew; one that nobody used is ready again.
   * @param usedAt refused as `binding-used` when it is not as it was when whoever asks decided so
   * @throws Fault `binding-unknown`, `desktop-in-use`, `binding-used` (refused)
   */
  endBinding(desktop: DesktopId, by: Actor, why: string, usedAt?: number): Promise<Binding>;
  /**
   * The desktop is somebody else's from now on, with what is on it.
   * @param withItsData says that whoever gets it may see what somebody left there
   * @throws Fault `binding-unknown`, `desktop-in-use`, `binding-taken`, `desktop-used` (refused)
   */
  rebind(
    desktop: DesktopId,
    to: Pick<Binding, 'kind' | 'key'>,
    withItsData: boolean,
    by: Actor,
  ): Promise<Binding>;
  /**
   * The desktop is gone for good: its binding ends, and a session that had it waits again.
   * @returns whether there was such a binding still
   */
  loseBinding(desktop: DesktopId, by: Actor, why: string): Promise<boolean>;
  /**
   * Instead of this desktop they have a ready one of that pool, and this one goes as after `endBinding`.
   * @throws Fault `binding-unknown`, `desktop-in-use`, `binding-taken`, `no-desktop-ready` (refused)
   */
  moveBinding(desktop: DesktopId, pool: string, by: Actor): Promise<Binding>;
  /**
   * Gives a person a desktop: the one of their live session, the bound one, or a ready one; or a place in the queue.
   * One unit: claim, binding, session and audit. Exactly one of many wins a desktop (rule 1).
   */
  openSession(opening: Opening): Promise<Opened>;
  /**
   * A desktop for a session of this TC that waits, or instead of one that is given up. One that has a desktop all the
   * same (an answer was lost on its way) gets that.
   */
  claimFor(session: SessionId, tc: TcId, secretHash: string, instead: GivenUp | undefined): Promise<Claimed>;
  /**
   * A fresh grant for the desktop that the session has: generation + 1, a new secret, at this TC, in answer to this request.
   * One that waits for another desktop after a swap waits on, by this request. Undefined when it is over.
   */
  renewGrant(
    session: SessionId,
    tc: TcId,
    secretHash: string,
    requestId: string,
  ): Promise<Renewed | undefined>;
  /**
   * The desktop is fenced: in quarantine, nobody's, and never handed out again. Whoever was on it has a ready one of the same
   * kind instead, or waits for one; a binding goes along, or ends where none is ready, and whoever it is for is bound anew at
   * the claim. One unit, with its audit (rule 3). A desktop is swapped once: asked again, it is the same answer.
   * @throws Fault `desktop-unknown`, `desktop-not-swappable` (refused)
   */
  swapDesktop(order: SwapOrder, by: Actor): Promise<Swapped>;
  /** Compute hosts that operators want empty. */
  drains(): Promise<Drain[]>;
  /** This one, too; said again, what is said last holds. One unit with its audit. */
  drainHost(drain: Pick<Drain, 'cloud' | 'host' | 'reason' | 'people' | 'bound'>, by: Actor): Promise<Drain>;
  /** The cloud gives it nothing new by now. */
  drainIsTold(host: Pick<Drain, 'cloud' | 'host'>): Promise<void>;
  /** @returns whether it was drained */
  endDrain(host: Pick<Drain, 'cloud' | 'host'>, by: Actor, why: string): Promise<boolean>;
  /** Newest first. */
  swaps(filter: { limit: number }): Promise<Swap[]>;
  /** Of a desktop in quarantine; kept once. @returns false when there was one */
  keepConsoleLog(desktop: DesktopId, text: string): Promise<boolean>;
  consoleLog(desktop: DesktopId): Promise<{ at: number; text: string } | undefined>;
  /** Those of which a console log is kept. */
  consoleLogs(): Promise<ReadonlySet<DesktopId>>;
  /** Forgets console logs that were kept before then (epoch ms). @returns how many */
  forgetConsoleLogs(before: number): Promise<number>;
  /** What the seat says of its viewer; undefined when it speaks of an older grant or of an ended session. */
  recordViewer(news: ViewerNews): Promise<Session | undefined>;
  /**
   * The seat has to let go of it, and nothing that the seat knows brings it back: whoever wants it proves their password. Its
   * desktop waits until then. Undefined as of `endSession`, and when it has no desktop.
   */
  lockSession(
    session: SessionId,
    graceUntil: number,
    by: Actor,
    asItWas?: AsItWas,
  ): Promise<Session | undefined>;
  /**
   * Undefined when it had ended already, or is no longer as it was when whoever asks decided so: somebody came back
   * meanwhile. A pooled desktop goes to `returning`, a bound one stays bound.
   */
  endSession(session: SessionId, end: SessionEnd, by: Actor, asItWas?: AsItWas): Promise<Session | undefined>;

  /** Those that are open, the oldest first; then those that were resolved since then (epoch ms), the last one first. */
  alerts(filter?: { resolvedSince?: number }): Promise<Alert[]>;
  /**
   * It is open from now on, and what is to be sent by these channels is written with it, unless it is silenced. Undefined when
   * one of this code about the same thing is open.
   */
  openAlert(alert: NewAlert, channels: readonly string[]): Promise<Alert | undefined>;
  /** What stands in its sentences is something else by now. @returns whether it is open still */
  changeAlert(id: AlertId, fields: AlertFields): Promise<boolean>;
  /** Of one that was silenced when it opened: it is sent now, if its silence is over. @returns whether it is */
  tellAlert(id: AlertId, channels: readonly string[]): Promise<boolean>;
  /** It is over; whoever was told of it is told that, too. @returns whether it was open */
  resolveAlert(id: AlertId, channels: readonly string[]): Promise<boolean>;
  /** Somebody looks after it. The first one counts. @throws Fault `alert-unknown` (refused) */
  acknowledgeAlert(id: AlertId, by: Actor): Promise<Alert>;
  /**
   * Nobody is told of it until then (epoch ms), nor of the next of its code about the same thing; undefined ends that.
   * @throws Fault `alert-unknown` (refused)
   */
  silenceAlert(
    id: AlertId,
    silence: { until: number | undefined; reason: string },
    by: Actor,
  ): Promise<Alert>;
  /** What is to be sent by this channel now, in order; that something is over comes after that it began has arrived. */
  alertMessages(channel: string, limit: number): Promise<AlertMessage[]>;
  messageArrived(message: AlertMessage): Promise<void>;
  /** It is due again at `nextAt`, epoch ms. */
  messageFailed(message: AlertMessage, nextAt: number): Promise<void>;
  /** Forgets what was resolved before then (epoch ms), and silences that are over. @returns how many */
  forgetAlerts(before: number): Promise<number>;
  /** Drops what is to be sent by any other channel: there is none of that name any more. @returns whose */
  keepChannels(channels: readonly string[]): Promise<string[]>;

  /** Rows of this hub's chain, newest first. */
  audit(filter: {
    before?: number | undefined;
    limit: number;
    subject?: string | undefined;
  }): Promise<AuditRow[]>;
  /** Recomputes the chain; the sequence number of the first row that does not fit, if any. */
  verifyAudit(): Promise<{ rows: number; brokenAt: number | undefined }>;
  /** An act with no change of its own. */
  addAudit(
    by: Actor,
    act: string,
    subject: string,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void>;

  /** A whole and consistent copy, while the hub works. @throws Fault `backup-failed` (refused) */
  backup(file: string): Promise<void>;
  /** Whether the store can write now, in words. */
  health(): { ok: boolean; text: string };
}
