import { isFault, SECOND, toFault, type Clock, type Log } from '@anyseat/base';
import type { LoginStage, SpiceDisplay } from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import { chooseAllocator, inOrder } from '../domain/allocator.ts';
import { theHub } from '../domain/audit.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Desktop } from '../domain/desktop.ts';
import type { Person } from '../domain/person.ts';
import { isLive, type Session, type TcId } from '../domain/session.ts';
import type { Opened, Store } from '../store/store.ts';
import { askerAt } from './askers.ts';
import type { Brake } from './brake.ts';
import type { Directories } from './directories.ts';
import { makeSecret, prepareGrant, type Secret } from './grants.ts';
import type { WaitingLine } from './waitingLine.ts';

export interface LoginDeps {
  store: Store;
  directories: Directories;
  catalogue: () => Catalogue;
  clouds: ReadonlyMap<string, Cloud>;
  brake: Brake;
  line: WaitingLine;
  clock: Clock;
  log: Log;
  /** A pool may have to make more, or clear away. */
  lookAtPool: (pool: string) => void;
  /** Milliseconds that the person at this place of this pool's line may expect to wait. */
  expectedWaitMs: (pool: string, place: number) => number | undefined;
  /** The session is no longer this TC's. */
  release: (tc: TcId, session: Session, code: string, fields: Readonly<Record<string, string>>) => void;
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
}

export interface Granted {
  session: Session;
  desktop: Desktop;
  display: SpiceDisplay;
  secret: string;
  /** Milliseconds by stage since the claim. */
  stages: Readonly<Record<string, number>>;
}

export type LoginAnswer =
  | { ok: true; granted: Granted }
  | { ok: false; code: string; fields?: Readonly<Record<string, string | number>>; retryAfterMs?: number };

/** So many desktops may fail their proof one after the other before the person is asked to wait instead. */
const PROOFS = 3;
const BOUND_PATIENCE_MS = 120 * SECOND;
const BOUND_LOOK_MS = 3 * SECOND;

const refuse = (
  code: string,
  fields?: Readonly<Record<string, string | number>>,
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
  const authenticated = await authenticate(ask, deps);
  if ('ok' in authenticated) return authenticated;
  const directoryMs = Math.round(deps.clock.monotonic() - begun);

  ask.onStage('allocator');
  const { person } = authenticated;
  const catalogue = deps.catalogue();
  const asker = askerAt(catalogue, person, ask.seat);
  if (!asker) return refuse('no-seat');
  const allocator = chooseAllocator(inOrder(catalogue.allocators.values()), asker);
  if (!allocator) return refuse('no-allocator');

  ask.onStage('desktop');
  const secret = makeSecret();
  const opened = await deps.store.openSession({
    requestId: ask.requestId,
    tc: ask.tc,
    seat: ask.seat,
    site: asker.site.name,
    person: person.id,
    user: person.user,
    displayName: person.displayName,
    allocator: allocator.name,
    pools: allocator.spec.pools,
    binding: allocator.spec.binding,
    secretHash: secret.secretHash,
    leftBehindUntil: deps.clock.now() + graceOf(catalogue, allocator.spec.pools[0]!),
    stages: { directory: directoryMs },
  });
  return afterOpening(opened, secret, ask, deps);
}

async function authenticate(ask: LoginAsk, deps: LoginDeps): Promise<{ person: Person } | LoginAnswer> {
  const { brake, directories, log } = deps;
  const waitMs = brake.waitMs(ask.user, ask.tc);
  if (waitMs > 0) return refuse('too-many-attempts', { seconds: Math.ceil(waitMs / SECOND) }, waitMs);
  ask.onStage('directory');
  try {
    const answer = await directories.authenticate(ask.user, ask.password, ask.signal);
    if (answer.ok) {
      brake.succeeded(ask.user);
      return { person: answer.person };
    }
    brake.failed(ask.user, ask.tc);
    log.info({ user: ask.user, reason: answer.reason, seat: ask.seat }, 'login refused');
    // Somebody who guesses names learns nothing from the answer; the operator's log has the truth.
    const code =
      answer.reason === 'unknown-user' || answer.reason === 'ambiguous-user'
        ? 'wrong-password'
        : answer.reason;
    return refuse(code, answer.until === undefined ? undefined : { until: answer.until });
  } catch (error) {
    if (!isFault(error, 'directory-unavailable')) throw error;
    log.warn({ why: error.message }, 'the directory did not answer a login');
    return refuse('directory-unavailable', undefined, 5 * SECOND);
  }
}

async function afterOpening(
  opened: Opened,
  secret: Secret,
  ask: LoginAsk,
  deps: LoginDeps,
): Promise<LoginAnswer> {
  for (const over of opened.ended) {
    deps.release(over.tc, over, 'superseded', {});
    lookAtPoolsOf(over, deps);
  }
  switch (opened.kind) {
    case 'have':
      if (opened.moved) deps.release(opened.moved, opened.session, 'moved', { seat: opened.session.seat });
      return grant(opened.session, opened.desktop, opened.fresh, secret, ask, deps);
    case 'waiting':
      return waitInLine(opened.session, secret, ask, deps);
    case 'unusable':
      return waitForBound(opened.session, secret, ask, deps);
    default:
      return opened satisfies never;
  }
}

/** The answer to a request that was asked before: the same session, with a fresh secret. */
async function answerAgain(session: Session, ask: LoginAsk, deps: LoginDeps): Promise<LoginAnswer> {
  const secret = makeSecret();
  if (session.desktop === undefined) return waitInLine(session, secret, ask, deps);
  const neverGranted = session.state === 'opening';
  const renewed = await deps.store.renewGrant(session.id, ask.tc, secret.secretHash);
  const desktop = renewed?.desktop === undefined ? undefined : await deps.store.desktop(renewed.desktop);
  if (!renewed || !desktop) return refuse('session-over');
  // What was never granted was never opened by a viewer of ours, but a grant may have been lost on its way: bare link.
  return grant(renewed, desktop, neverGranted && renewed.generation === 1, secret, ask, deps);
}

/** Proves the desktop and grants it; one that is no good is replaced, a few times, and then the person waits. */
export async function grant(
  session: Session,
  desktop: Desktop,
  fresh: boolean,
  secret: Secret,
  ask: Pick<LoginAsk, 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<LoginAnswer> {
  const { store, clock, log } = deps;
  const from = clock.monotonic();
  let current = { session, desktop };
  let nobodyHeldIt = fresh;
  for (let tries = 0; tries < PROOFS; tries++) {
    ask.onStage('proof');
    const prepared = await prepareGrant(current.desktop, nobodyHeldIt, deps);
    lookAtPoolsOf(current.session, deps);
    if (prepared.ok) {
      const stages = { proof: Math.round(clock.monotonic() - from) };
      return { ok: true, granted: { ...current, display: prepared.display, secret: secret.secret, stages } };
    }
    log.warn(
      { desktop: current.desktop.id, session: session.id, code: prepared.code, why: prepared.text },
      'a desktop failed its proof',
    );
    if (current.desktop.state === 'bound') return waitForBound(current.session, secret, ask, deps);
    if (!prepared.lost) return refuse('cloud-unavailable', undefined, 5 * SECOND);
    const next = await store.claimFor(session.id, secret.secretHash, {
      desktop: current.desktop.id,
      code: prepared.code,
      text: prepared.text,
    });
    if (!next) {
      const waiting = await store.session(session.id);
      return waiting && isLive(waiting) ? waitInLine(waiting, secret, ask, deps) : refuse('session-over');
    }
    current = next;
    nobodyHeldIt = true;
  }
  await store.endSession(session.id, 'no-desktop', theHub);
  return refuse('no-desktop', undefined, 10 * SECOND);
}

/** An honest queue: the place, the expected wait, and the first ready desktop in order of arrival. */
async function waitInLine(
  session: Session,
  secret: Secret,
  ask: Pick<LoginAsk, 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<LoginAnswer> {
  const { line, store } = deps;
  const pools = session.pools.filter((pool) => deps.catalogue().pools.has(pool));
  if (pools.length === 0) return refuse('pool-missing');
  const tell = () => {
    const place = line.placeOf(session);
    ask.onQueued(place, deps.expectedWaitMs(pools[0]!, place));
  };
  tell();
  lookAtPoolsOf(session, deps);
  try {
    const got = await line.wait(
      session,
      (id) => store.claimFor(id, secret.secretHash, undefined),
      tell,
      ask.signal,
    );
    return await grant(got.session, got.desktop, true, secret, ask, deps);
  } catch (error) {
    if (ask.signal.aborted) return refuse('login-cancelled');
    throw error;
  } finally {
    lookAtPoolsOf(session, deps);
  }
}

/** A bound desktop that is off or does not answer yet: its pool switches it on; nobody else's will do. */
async function waitForBound(
  session: Session,
  secret: Secret,
  ask: Pick<LoginAsk, 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<LoginAnswer> {
  const { store, clock } = deps;
  const until = clock.monotonic() + BOUND_PATIENCE_MS;
  try {
    for (;;) {
      ask.onQueued(1, undefined);
      lookAtPoolsOf(session, deps);
      await clock.sleep(BOUND_LOOK_MS, ask.signal);
      const has =
        session.desktop === undefined
          ? await store.claimFor(session.id, secret.secretHash, undefined)
          : await held(session, deps);
      const prepared = has && (await prepareGrant(has.desktop, false, deps));
      if (has && prepared?.ok) {
        return {
          ok: true,
          granted: { ...has, display: prepared.display, secret: secret.secret, stages: {} },
        };
      }
      if (has) session = has.session;
      if (clock.monotonic() > until) break;
    }
  } catch (error) {
    if (ask.signal.aborted) return refuse('login-cancelled');
    throw error;
  }
  await store.endSession(session.id, 'desktop-lost', theHub);
  return refuse('desktop-lost');
}

async function held(
  session: Session,
  { store }: LoginDeps,
): Promise<{ session: Session; desktop: Desktop } | undefined> {
  const desktop = session.desktop === undefined ? undefined : await store.desktop(session.desktop);
  return desktop && { session, desktop };
}

function lookAtPoolsOf(session: Session, deps: LoginDeps): void {
  for (const pool of session.pools) deps.lookAtPool(pool);
}

export const graceOf = (catalogue: Catalogue, pool: string): number =>
  (catalogue.pools.get(pool)?.spec.graceSeconds ?? 300) * SECOND;

/** What a person is told of a fault of ours: never its text. */
export function refusalOf(error: unknown): LoginAnswer {
  const fault = toFault(error);
  if (fault.code === 'store-full' || fault.code === 'store-failed')
    return refuse('hub-busy', undefined, 5 * SECOND);
  if (fault.code === 'session-over') return refuse('session-over');
  return refuse('internal', undefined, 5 * SECOND);
}
