import { SECOND, toFault, type Clock } from '@anyseat/base';
import type { AllocatorSpec, LoginStage, SpiceDisplay } from '@anyseat/protocol';
import { chooseAllocator, inOrder, poolsAt } from '../domain/allocator.ts';
import { theHub } from '../domain/audit.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Desktop } from '../domain/desktop.ts';
import { policyOf } from '../domain/sessionPolicy.ts';
import { isLive, isUntold, type Claim, type Session, type SessionId, type TcId } from '../domain/session.ts';
import type { Claimed, Opened, Opening } from '../store/store.ts';
import { askerAt } from './askers.ts';
import { authenticate, type AuthenticateDeps } from './authenticate.ts';
import {
  isSwitchedOff,
  makeSecret,
  prepareGrant,
  prepareRestarted,
  type Secret,
  type Standing,
} from './grants.ts';
import { lostBy, swapByRule, type SwapDeps } from './swap.ts';

export interface LoginDeps extends SwapDeps, AuthenticateDeps {
  standing: Standing;
  /** What operators say of a TC. */
  tcTags: (tc: TcId) => Readonly<Record<string, string>>;
  /** TCs that are connected. */
  online: () => ReadonlySet<TcId>;
  /** Milliseconds that the person at this place of this pool's line may expect to wait. */
  expectedWaitMs: (pool: string, place: number) => number | undefined;
  /** Whether a bound desktop's server is gone for good, by all that the cloud says. */
  isGone: (desktop: Desktop) => Promise<boolean>;
}

/** One person's wish, from a TC that has proved its key, at the seat that the store says. */
export interface LoginAsk {
  requestId: string;
  tc: TcId;
  seat: string | undefined;
  user: string;
  password: string;
  /** Aborted when the person walks away or the connection is lost. */
  signal: AbortSignal;
  onStage: (stage: LoginStage) => void;
  onQueued: (place: number, waitMs: number | undefined) => void;
  /** Puts a question to the person (a code of the catalogue); resolves when they say yes. No is the signal. */
  onQuestion: (code: string, fields: Readonly<Record<string, string>>) => Promise<void>;
}

export interface Granted {
  session: Session;
  desktop: Desktop;
  display: SpiceDisplay;
  secret: string;
  /** Milliseconds by stage, as far as this answer went through them. */
  tookMs: Readonly<Partial<Record<LoginStage, number>>>;
}

export type LoginAnswer =
  | { ok: true; granted: Granted }
  | {
      ok: false;
      code: string;
      fields?: Readonly<Record<string, string | number | boolean>>;
      retryAfterMs?: number;
    };

const BOUND_PATIENCE_MS = 120 * SECOND;
const BOUND_LOOK_MS = 3 * SECOND;

const refuse = (
  code: string,
  fields?: Readonly<Record<string, string | number | boolean>>,
  retryAfterMs?: number,
): LoginAnswer => ({
  ok: false,
  code,
  ...(fields ? { fields } : {}),
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/**
 * The way from a password to a desktop: authenticate → match → choose → grant. Every expected outcome is an answer;
 * what is thrown is a fault of ours.
 */
export async function login(ask: LoginAsk, deps: LoginDeps): Promise<LoginAnswer> {
  if (ask.seat === undefined) return refuse('no-seat');
  const asked = await deps.store.sessionByRequest(ask.tc, ask.requestId);
  // Asked again after a lost connection: answered without a second look at the password (rules 2 and 8).
  if (asked) return isLive(asked) ? answerAgain(asked, ask, deps) : refuse('session-over');
  if (ask.password === '') return refuse('empty-password');

  const begun = deps.clock.monotonic();
  const site = deps.catalogue().seats.get(ask.seat)?.spec.site;
  const authenticated = await authenticate({ ...ask, site }, deps);
  if ('code' in authenticated) return { ok: false, ...authenticated };
  const directoryMs = tenths(deps.clock.monotonic() - begun);

  ask.onStage('allocator');
  const { person } = authenticated;
  const catalogue = deps.catalogue();
  const asker = askerAt(catalogue, person, ask.seat, deps.clock.now(), deps.tcTags(ask.tc));
  if (!asker) return refuse('no-seat');
  const allocator = chooseAllocator(inOrder(catalogue.allocators.values()), asker);
  if (!allocator) return refuse('no-allocator');

  ask.onStage('desktop');
  const pools = poolsAt(allocator.spec, asker.site.name);
  const policy = policyOf(allocator.spec);
  const secret = makeSecret();
  const claiming = deps.clock.monotonic();
  const opening: Opening = {
    requestId: ask.requestId,
    tc: ask.tc,
    seat: ask.seat,
    site: asker.site.name,
    person: person.id,
    user: person.user,
    displayName: person.displayName,
    allocator: allocator.name,
    pools,
    binding: allocator.spec.binding,
    secretHash: secret.secretHash,
    leftBehindUntil: deps.clock.now() + graceOf(catalogue, pools[0]!, undefined),
    stages: { directory: Math.round(directoryMs) },
    asker,
    change: catalogue.change,
    policy,
    behindOthers: deps.line.placeOfNew({ pools, ...policy }) > 1,
    ...(staysWhereUsed(allocator.spec) ? { stayWhereUsed: deps.online() } : {}),
    ...severalOf(allocator.spec, deps),
  };
  // Hung up while the directory was asked: the seat asks again, and what it is granted then is not to be overtaken by this.
  ask.signal.throwIfAborted();
  let opened = await deps.store.openSession(opening);
  if (opened.kind === 'elsewhere' && allocator.spec.secondLogin === 'ask') {
    if (!(await saysYes(opened.session.seat, ask, deps.clock)))
      return refuse('working-elsewhere', { seat: opened.session.seat });
    const { stayWhereUsed: _, ...anywhere } = opening;
    opened = await deps.store.openSession(anywhere);
  }
  const claimed = deps.clock.monotonic();
  const answer = await afterOpening(opened, secret, ask, deps);
  if (!answer.ok) return answer;
  const { granted } = answer;
  const tookMs = { directory: directoryMs, desktop: tenths(claimed - claiming), ...granted.tookMs };
  return { ok: true, granted: { ...granted, tookMs } };
}

const ANSWER_WITHIN_MS = 60 * SECOND;

const severalOf = ({ sessions = 1 }: AllocatorSpec, { online }: LoginDeps): Pick<Opening, 'several'> =>
  sessions === 1 ? {} : { several: { most: sessions, online: online() } };

const staysWhereUsed = ({ secondLogin }: AllocatorSpec): boolean =>
  secondLogin === 'refuse' || secondLogin === 'ask';

/**
 * Whether the person wants their desktop here, away from the seat where they work; who says nothing does not.
 * @throws the signal's reason when they cancel or the connection is gone
 */
async function saysYes(seat: string, ask: LoginAsk, clock: Clock): Promise<boolean> {
  ask.signal.throwIfAborted();
  using cleanup = new DisposableStack();
  const answer = Promise.withResolvers<boolean>();
  cleanup.use(clock.after(ANSWER_WITHIN_MS, () => answer.resolve(false)));
  const onAbort = () => answer.reject(ask.signal.reason as Error);
  ask.signal.addEventListener('abort', onAbort, { once: true });
  cleanup.defer(() => ask.signal.removeEventListener('abort', onAbort));
  ask.onQuestion('move-here', { seat }).then(() => answer.resolve(true), answer.reject);
  return await answer.promise;
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

async function afterOpening(
  opened: Opened,
  secret: Secret,
  ask: LoginAsk,
  deps: LoginDeps,
): Promise<LoginAnswer> {
  if (opened.kind === 'elsewhere') return refuse('working-elsewhere', { seat: opened.session.seat });
  for (const over of opened.ended) {
    deps.release(over.tc, over, 'superseded', {});
    lookAtPoolsOf(over, deps);
  }
  switch (opened.kind) {
    case 'have':
      if (opened.moved) deps.release(opened.moved, opened.session, 'moved', movedTo(opened.session));
      return grant(opened, secret, ask, deps);
    case 'waiting':
      return grant(await inLine(opened.session, secret, ask, deps), secret, ask, deps);
    case 'unusable':
      return waitForBound(opened.session, opened.desktop, secret, ask, deps);
    default:
      return opened satisfies never;
  }
}

/** The answer to a request that was asked before: the same session, with a fresh secret. */
async function answerAgain(session: Session, ask: LoginAsk, deps: LoginDeps): Promise<LoginAnswer> {
  const secret = makeSecret();
  if (session.desktop === undefined)
    return grant(await inLine(session, secret, ask, deps), secret, ask, deps);
  return grantAgain(session, secret, ask.requestId, ask, deps);
}

/**
 * A fresh grant for the desktop that the session has, or for the one that it waits for since it was swapped. A viewer may be
 * open on it: an earlier grant may have come through.
 */
export async function grantAgain(
  session: Session,
  secret: Secret,
  requestId: string,
  ask: Pick<LoginAsk, 'tc' | 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
  how: Coming = {},
): Promise<LoginAnswer> {
  ask.signal.throwIfAborted();
  const has = await renewed({ ...session, tc: ask.tc, requestId }, secret, ask, deps);
  return grant('ok' in has ? has : { ...has, ...how }, secret, ask, deps);
}

/** How a seat comes for its desktop again. */
interface Coming {
  /** Its last word was that the picture is there, or on its way. */
  isAtWork?: boolean;
  /** Nobody asked it to. */
  byItself?: boolean;
}

async function renewed(
  { id, tc, requestId }: Session,
  secret: Secret,
  ask: Pick<LoginAsk, 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<Has> {
  const renewed = await deps.store.renewGrant(id, tc, secret.secretHash, requestId);
  if (!renewed) return refuse('session-over');
  return renewed.kind === 'have' ? renewed : inLine(renewed.session, secret, ask, deps);
}

/** Something to grant, or why there is nothing. */
type Has = ({ session: Session; desktop: Desktop; claim: Claim } & Coming) | LoginAnswer;

/** Proves the desktop and grants it; one that is no good is given up for the next, and when there is none the person waits. */
async function grant(
  first: Has,
  secret: Secret,
  ask: Pick<LoginAsk, 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<LoginAnswer> {
  const { store, clock, log } = deps;
  let has = first;
  for (;;) {
    if ('ok' in has) return has;
    const { session, desktop, claim } = has;
    const from = clock.monotonic();
    ask.onStage('proof');
    const prepared = await prepareGrant(desktop, claim, deps);
    lookAtPoolsOf(session, deps);
    const otherwise = await whyNotGranted(session, deps);
    if (otherwise === 'swapped') {
      has = await renewed(session, secret, ask, deps);
      continue;
    }
    if (otherwise) return otherwise;
    if (prepared.ok) {
      const tookMs = { proof: tenths(clock.monotonic() - from) };
      return {
        ok: true,
        granted: { session, desktop, display: prepared.display, secret: secret.secret, tookMs },
      };
    }
    const { verdict, code, text } = prepared;
    log.warn(
      { desktop: desktop.id, session: session.id, claim, verdict, code, why: text },
      'a desktop failed its proof',
    );
    // Whoever shut their desktop down has gone home, or says that they have not.
    if (has.byItself && claim === 'held' && (await isSwitchedOff(desktop, deps)))
      return refuse('desktop-off');
    // Of somebody's own: what is off is switched on, and what nobody had open is not lost under anybody.
    // Also one that a swap put in the place of theirs: the binding is older than this claim.
    const isBound = desktop.state === 'bound' && (claim !== 'new' || session.swap?.untold === true);
    if (isBound && (claim !== 'held' || (await isSwitchedOff(desktop, deps))))
      return waitForBound(session, desktop, secret, ask, deps);
    // What only a backup says that they have goes into quarantine, and they are given another one.
    const isTheirs = desktop.unconfirmedSince === undefined || (has.isAtWork && code !== 'restored');
    const lost = claim === 'held' && isTheirs ? lostBy(desktop, prepared, deps) : undefined;
    if (lost !== undefined) {
      ask.signal.throwIfAborted();
      // Rule 11: the cloud's word alone takes nothing from anybody, and no more than the policy says is taken by rule.
      const swapped = has.isAtWork ? undefined : await swapByRule(session, desktop, lost, deps);
      if (swapped) {
        has = await renewed(session, secret, ask, deps);
        continue;
      }
      if (!isBound || has.isAtWork) return refuse('unreachable', undefined, 5 * SECOND);
    }
    if (isBound) return waitForBound(session, desktop, secret, ask, deps);
    if (verdict === 'unknown') return refuse('cloud-unavailable', undefined, 5 * SECOND);
    ask.signal.throwIfAborted();
    const given = { desktop: desktop.id, claim, generation: session.generation, verdict, code, text };
    const next = await store.claimFor(session.id, session.tc, secret.secretHash, given);
    if (next.kind === 'none') has = await inLine(session, secret, ask, deps);
    else has = next.kind === 'got' ? taken(next, deps) : await noLonger(session, secret, ask, deps);
  }
}

/** What was got, once those whose place it took are told. */
function taken(got: Extract<Claimed, { kind: 'got' }>, deps: LoginDeps): Has {
  for (const over of got.ended) {
    deps.release(over.tc, over, 'superseded', {});
    lookAtPoolsOf(over, deps);
  }
  return got;
}

/**
 * While a desktop was proved or waited for, its person may have logged in at another seat, or an operator may have ended
 * the session: then it is not granted here, or two seats would throw each other out in turn (rule 13). Nothing is
 * committed between this look and the sending of the answer.
 */
async function whyNotGranted(
  session: Session,
  deps: LoginDeps,
): Promise<LoginAnswer | 'swapped' | undefined> {
  const now = await deps.store.session(session.id);
  if (!now || !isLive(now)) return refuse('session-over');
  if (now.tc !== session.tc) return refuse('moved', movedTo(now));
  if (now.generation === session.generation) return undefined;
  return isUntold(now) ? 'swapped' : refuse('session-over');
}

/** For a session of which the store says that there is nothing to be had any more, or that it was swapped meanwhile. */
async function noLonger(
  session: Session,
  secret: Secret,
  ask: Pick<LoginAsk, 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<Has> {
  const why = await whyNotGranted(session, deps);
  return why === 'swapped' ? renewed(session, secret, ask, deps) : (why ?? refuse('session-over'));
}

const movedTo = ({ seat }: Session): { seat: string } => ({ seat });

/** An honest queue: the place, the expected wait, and the first ready desktop in order of arrival. */
async function inLine(
  asked: Session,
  secret: Secret,
  ask: Pick<LoginAsk, 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<Has> {
  const { line, store } = deps;
  const session = await store.session(asked.id);
  if (!session || !isLive(session)) return refuse('session-over');
  const pools = () => session.pools.filter((pool) => deps.catalogue().pools.has(pool));
  const waitMs = (place: number) =>
    pools()
      .map((pool) => deps.expectedWaitMs(pool, place))
      .filter((ms) => ms !== undefined)
      .toSorted((a, b) => a - b)[0];
  const tell = (place: number) => ask.onQueued(place, waitMs(place));
  const claim = (id: SessionId): Promise<Claimed> =>
    pools().length === 0
      ? Promise.resolve({ kind: 'over' })
      : store.claimFor(id, asked.tc, secret.secretHash, undefined);
  const waiting = line.wait(session, claim, tell, ask.signal);
  lookAtPoolsOf(session, deps);
  try {
    const got = await waiting;
    if (got) return taken(got, deps);
    if (pools().length > 0) return await noLonger({ ...session, tc: asked.tc }, secret, ask, deps);
    await store.endSession(session.id, 'no-desktop', theHub, session);
    return refuse('pool-missing');
  } finally {
    lookAtPoolsOf(session, deps);
  }
}

/** Of a bound desktop that is gone for good: another one, or the person is told so, as its allocator says. */
async function whenGone(
  session: Session,
  bound: Desktop,
  deps: LoginDeps,
): Promise<'another' | 'no-longer' | LoginAnswer | undefined> {
  const { store, catalogue, log } = deps;
  if (!(await deps.isGone(bound))) return undefined;
  const desktop = bound.serverName ?? String(bound.number);
  const heals = catalogue().allocators.get(session.allocator)?.spec.whenGone === 'new';
  log.warn({ session: session.id, desktop, heals }, 'a bound desktop is gone');
  if (heals) {
    await store.loseBinding(
      bound.id,
      theHub,
      `${desktop} is gone; allocators/${session.allocator} binds another`,
    );
    return 'another';
  }
  const ended = await store.endSession(session.id, 'desktop-lost', theHub, session);
  return ended ? refuse('bound-desktop-gone', { desktop }) : 'no-longer';
}

/** A bound desktop that is off or does not answer yet: its pool switches it on; nobody else's will do. */
async function waitForBound(
  asked: Session,
  bound: Desktop,
  secret: Secret,
  ask: Pick<LoginAsk, 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<LoginAnswer> {
  const { store, clock } = deps;
  const otherDesktop = async (has: Promise<Has>) => grant(await has, secret, ask, deps);
  const gone = await whenGone(asked, bound, deps);
  if (gone === 'no-longer') return otherDesktop(noLonger(asked, secret, ask, deps));
  if (gone === 'another') return otherDesktop(inLine(asked, secret, ask, deps));
  if (gone !== undefined) return gone;
  const until = clock.monotonic() + BOUND_PATIENCE_MS;
  let session = asked;
  while (clock.monotonic() < until) {
    ask.onQueued(1, undefined);
    lookAtPoolsOf(session, deps);
    await clock.sleep(BOUND_LOOK_MS, ask.signal);
    if (session.desktop === undefined) {
      const claimed = await store.claimFor(session.id, session.tc, secret.secretHash, undefined);
      if (claimed.kind === 'over') return otherDesktop(noLonger(session, secret, ask, deps));
      if (claimed.kind === 'none') continue;
      ({ session } = claimed);
    }
    const desktop = await store.desktop(session.desktop!);
    const prepared = desktop && (await prepareRestarted(desktop, deps));
    const otherwise = await whyNotGranted(session, deps);
    if (otherwise === 'swapped') return otherDesktop(renewed(session, secret, ask, deps));
    if (otherwise) return otherwise;
    if (desktop && prepared?.ok) {
      const { display } = prepared;
      return { ok: true, granted: { session, desktop, display, secret: secret.secret, tookMs: {} } };
    }
  }
  const lost = await store.endSession(session.id, 'desktop-lost', theHub, session);
  return lost ? refuse('desktop-lost') : otherDesktop(noLonger(session, secret, ask, deps));
}

function lookAtPoolsOf(session: Session, deps: LoginDeps): void {
  for (const pool of session.pools) deps.lookAtPool(pool);
}

/** How long a desktop waits for its person: as the allocator said at the login, else as its pool says. */
export const graceOf = (
  catalogue: Catalogue,
  pool: string,
  session: Pick<Session, 'policy'> | undefined,
): number => session?.policy?.graceMs ?? (catalogue.pools.get(pool)?.spec.graceSeconds ?? 300) * SECOND;

/** What a person is told of a fault of ours: never its text. */
export function refusalOf(error: unknown): LoginAnswer {
  const fault = toFault(error);
  if (fault.code === 'store-full' || fault.code === 'store-failed')
    return refuse('hub-busy', undefined, 5 * SECOND);
  if (fault.code === 'session-over') return refuse('session-over');
  return refuse('internal', undefined, 5 * SECOND);
}
