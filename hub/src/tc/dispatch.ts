import { messageOf, SECOND, toFault, type Clock, type Log } from '@anyseat/base';
import {
  CloseCode,
  type ChangePassword,
  type FromTc,
  type Login,
  type Logoff,
  type Refused,
  type Resume,
  type ToTcInput,
  type UpdateReport,
  type ViewerReport,
} from '@anyseat/protocol';
import { theHub } from '../domain/audit.ts';
import { isLive, type Session, type SessionId } from '../domain/session.ts';
import { graceOf, login, refusalOf, type Granted, type LoginAnswer, type LoginAsk } from '../login/login.ts';
import { makeSecret, type Secret } from '../login/grants.ts';
import { changePassword } from '../login/changePassword.ts';
import { mayReplace, replaceDesktop } from '../login/replace.ts';
import { logOff, resume, type BackAsk, type ResumeAnswer, type ResumeDeps } from '../login/resume.ts';
import type { Connection } from './connection.ts';
import type { SeatReports } from './seatReports.ts';
import { SlowStages } from './slowStages.ts';
import type { TcCommands } from './tcCommands.ts';

export interface DispatchDeps extends ResumeDeps {
  log: Log;
  reports: SeatReports;
  tcCommands: TcCommands;
  rollouts: { onReport(frame: UpdateReport, connection: Connection): void };
  /** Milliseconds of a login's stages, for the metrics. */
  onAnswered: (answer: 'granted' | 'refused', code: string, tookMs: number) => void;
}

/** One frame of a TC that is enrolled. Resolves when it is answered; the connection's reader does not wait for it. */
export async function dispatch(frame: FromTc, connection: Connection, deps: DispatchDeps): Promise<void> {
  switch (frame.type) {
    case 'hello':
      return;
    case 'login':
      return onLogin(frame, connection, deps);
    case 'cancel':
      // One that was asked over a connection that is gone is not being answered, and its session may wait still.
      if (connection.isAnswering(frame.requestId)) return connection.cancel(frame.requestId);
      return undo(frame.requestId, connection, deps);
    case 'resume':
      return onWanted(frame, connection, deps, (ask) => resume(frame, ask, deps));
    case 'replace':
      return onWanted(frame, connection, deps, (ask) => replaceDesktop(frame, ask, deps));
    case 'viewer':
      return onViewer(frame, connection, deps);
    case 'logoff':
      return onLogoff(frame, connection, deps);
    case 'confirm':
      return connection.confirm(frame.requestId);
    case 'changePassword':
      return onChangePassword(frame, connection, deps);
    case 'activity':
      return deps.reports.onActivity(frame, connection);
    case 'health':
      return deps.reports.onHealth(frame, connection);
    case 'inventory':
      return deps.reports.onInventory(frame, connection);
    case 'outcome':
      return deps.tcCommands.onOutcome(frame, connection);
    case 'update':
      return deps.rollouts.onReport(frame, connection);
    default:
      frame satisfies never;
  }
}

async function onLogin(frame: Login, connection: Connection, deps: DispatchDeps): Promise<void> {
  const { requestId } = frame;
  if (connection.isAnswering(requestId)) return;
  if (connection.busy)
    return connection.send(refusal(requestId, { ok: false, code: 'hub-busy', retryAfterMs: 1000 }));
  using asked = connection.begin(requestId);
  using told = teller(requestId, connection, deps.clock);
  const from = deps.clock.monotonic();
  const ask: LoginAsk = {
    requestId,
    tc: connection.tc.id,
    seat: connection.tc.seat,
    user: frame.user.trim(),
    password: frame.password,
    signal: asked.signal,
    onStage: told.onStage,
    onQueued: told.onQueued,
    onQuestion: (code, fields) => {
      const confirmed = connection.confirmed(requestId);
      connection.send({ type: 'question', requestId, code, fields });
      return confirmed;
    },
  };
  const answer = await connection
    .afterKept(() => login(ask, deps))
    .catch((error: unknown) => asRefusal(error, asked.signal, deps.log));
  if (asked.wasCancelled()) return undo(requestId, connection, deps);
  deps.onAnswered(
    answer.ok ? 'granted' : 'refused',
    answer.ok ? '' : answer.code,
    deps.clock.monotonic() - from,
  );
  send(requestId, answer, connection, deps);
}

/** Goes on when the connection is lost: its answer is then said to nobody, and what was changed is in the audit. */
async function onChangePassword(
  frame: ChangePassword,
  connection: Connection,
  deps: DispatchDeps,
): Promise<void> {
  const { requestId, user, password, newPassword } = frame;
  if (connection.isAnswering(requestId)) return;
  if (connection.busy)
    return connection.send(refusal(requestId, { ok: false, code: 'hub-busy', retryAfterMs: 1000 }));
  using asked = connection.begin(requestId);
  const { id: tc, seat } = connection.tc;
  const site = seat === undefined ? undefined : deps.catalogue().seats.get(seat)?.spec.site;
  const ask = { tc, seat, site, user: user.trim(), password, newPassword };
  const answer = await changePassword(ask, deps).catch((error: unknown) =>
    asRefusal(error, asked.signal, deps.log),
  );
  if (answer.ok) connection.send({ type: 'passwordChanged', requestId });
  else connection.send(refusal(requestId, answer));
}

/** A seat asks for the desktop of its session: the same one, or another in its place. */
async function onWanted(
  { requestId, sessionId }: Pick<Resume, 'requestId' | 'sessionId'>,
  connection: Connection,
  deps: DispatchDeps,
  answerTo: (ask: BackAsk) => Promise<ResumeAnswer>,
): Promise<void> {
  if (connection.isAnswering(requestId)) return;
  using asked = connection.begin(requestId);
  using told = teller(requestId, connection, deps.clock);
  const { onStage, onQueued } = told;
  const secret = makeSecret();
  const ask = { tc: connection.tc.id, signal: asked.signal, onStage, onQueued, secret };
  const answer = await connection
    .afterKept(() => answerTo(ask))
    .catch((error: unknown) => asRefusal(error, asked.signal, deps.log));
  // One that was cancelled meanwhile is answered too: its seat goes on holding the session, and needs the newer proof.
  if (answer.ok) return send(requestId, answer, connection, deps);
  const proof = await newerProof(sessionId as SessionId, secret, connection, deps);
  connection.send({ ...refusal(requestId, answer), ...(proof ? { proof } : {}) });
}

/** What proves a session whose way back was refused after it had been prepared; undefined: what the seat has is good still. */
async function newerProof(
  id: SessionId,
  { secret, secretHash }: Secret,
  connection: Connection,
  { store, log }: DispatchDeps,
): Promise<Refused['proof']> {
  const session = await store.session(id).catch((error: unknown) => {
    log.warn({ session: id, why: messageOf(error) }, 'a session could not be read');
    return undefined;
  });
  if (!session || !isLive(session) || session.tc !== connection.tc.id) return undefined;
  if (session.secretHash !== secretHash) return undefined;
  return { sessionId: id, generation: session.generation, resumeSecret: secret };
}

async function onViewer(frame: ViewerReport, connection: Connection, deps: DispatchDeps): Promise<void> {
  // A report of an older connection speaks of a world that is gone.
  if (frame.epoch !== connection.epoch) return;
  const kept = connection.keep(() => recordViewer(frame, connection, deps));
  await orComeBack(kept, connection, deps);
}

async function recordViewer(frame: ViewerReport, connection: Connection, deps: DispatchDeps): Promise<void> {
  const session = await deps.store.session(frame.sessionId as SessionId);
  const grace = graceOf(deps.catalogue(), session?.pools[0] ?? '', session);
  const recorded = await deps.store.recordViewer({
    session: frame.sessionId as SessionId,
    tc: connection.tc.id,
    generation: frame.generation,
    state: frame.state,
    end: frame.end,
    stages: frame.tookMs === undefined ? {} : { viewer: frame.tookMs },
    graceUntil: deps.clock.now() + grace,
  });
  if (!recorded) return;
  deps.log.info(
    { session: recorded.id, tc: connection.tc.id, viewer: frame.state, end: frame.end },
    'viewer',
  );
}

async function onLogoff(frame: Logoff, connection: Connection, deps: DispatchDeps): Promise<void> {
  const release = async () => {
    const ended = await logOff(frame, connection.tc.id, deps);
    const session = ended ? undefined : await deps.store.session(frame.sessionId as SessionId);
    if (session && isLive(session) && session.tc === connection.tc.id)
      return connection.send(refusal(frame.requestId, { ok: false, code: 'session-unknown' }));
    // A session that is over already, or elsewhere by now, is what was asked for.
    connection.send({ type: 'release', sessionId: frame.sessionId, code: ended?.end ?? 'logged-off' });
  };
  await orComeBack(connection.afterKept(release), connection, deps);
}

/**
 * What a seat tells us must not be lost, and is not to be acknowledged before it is kept. While the store cannot keep it
 * the connection is ended: on its next one the agent says everything again as it is by then.
 */
async function orComeBack(work: Promise<void>, connection: Connection, deps: DispatchDeps): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (toFault(error).retry !== 'transient') throw error;
    deps.log.warn({ tc: connection.tc.id, why: messageOf(error) }, 'what a seat said could not be kept');
    connection.close(CloseCode.goingAway, 5 * SECOND);
  }
}

/** The person walked away while the answer was on its way: what they were given is given back. */
async function undo(requestId: string, connection: Connection, deps: DispatchDeps): Promise<void> {
  const session = await deps.store.sessionByRequest(connection.tc.id, requestId);
  if (session && isLive(session)) await giveBack(session, deps);
  connection.send(refusal(requestId, { ok: false, code: 'login-cancelled' }));
}

/** A desktop that was granted before has the person's work on it: it waits for them as after any viewer's end. */
async function giveBack(session: Session, deps: DispatchDeps): Promise<void> {
  if (session.desktop !== undefined && session.generation > 1) {
    await deps.store.recordViewer({
      session: session.id,
      tc: session.tc,
      generation: session.generation,
      state: 'ended',
      end: 'stopped-by-agent',
      stages: {},
      graceUntil: deps.clock.now() + graceOf(deps.catalogue(), session.pools[0] ?? '', session),
    });
    return;
  }
  const { id, tc, requestId, generation } = session;
  const ended = await deps.store.endSession(id, 'cancelled', theHub, { tc, requestId, generation });
  if (ended) for (const pool of ended.pools) deps.lookAtPool(pool);
}

function send(requestId: string, answer: ResumeAnswer, connection: Connection, deps: DispatchDeps): void {
  if (!answer.ok) connection.send(refusal(requestId, answer));
  else if ('attached' in answer) {
    const { id, generation } = answer.attached;
    connection.send({ type: 'attached', requestId, sessionId: id, generation });
  } else connection.send(grantFrame(requestId, answer.granted, deps));
}

function grantFrame(requestId: string, granted: Granted, deps: DispatchDeps): ToTcInput {
  const { session, desktop, display, secret, tookMs } = granted;
  const pool = deps.catalogue().pools.get(desktop.pool);
  return {
    type: 'grant',
    requestId,
    sessionId: session.id,
    generation: session.generation,
    resumeSecret: secret,
    person: { displayName: session.displayName, user: session.user },
    desktop: { name: desktop.serverName ?? String(desktop.number), pool: pool?.spec.title ?? desktop.pool },
    graceMs: graceOf(deps.catalogue(), desktop.pool, session),
    ...(mayReplace(desktop, deps.catalogue()) ? { mayReplace: true } : {}),
    display,
    ...(session.policy?.viewer ? { viewer: session.policy.viewer } : {}),
    tookMs,
  };
}

/** Tells the seat how its request stands, until it is disposed of. */
const teller = (
  requestId: string,
  connection: Connection,
  clock: Clock,
): Pick<LoginAsk, 'onStage' | 'onQueued'> & Disposable => {
  const stages = new SlowStages(clock, (stage) => connection.send({ type: 'progress', requestId, stage }));
  return {
    onStage: (stage) => stages.enter(stage),
    onQueued: (place, waitMs) => {
      stages.leave();
      connection.send({ type: 'queued', requestId, place, ...(waitMs === undefined ? {} : { waitMs }) });
    },
    [Symbol.dispose]: () => stages[Symbol.dispose](),
  };
};

const refusal = (requestId: string, answer: Extract<LoginAnswer, { ok: false }>): Refused => ({
  type: 'refused',
  requestId,
  code: answer.code,
  fields: { ...answer.fields },
  ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
});

function asRefusal(error: unknown, signal: AbortSignal, log: Log): LoginAnswer {
  if (signal.aborted) return { ok: false, code: 'login-cancelled' };
  const fault = toFault(error);
  if (fault.retry === 'bug') log.error({ err: error, code: fault.code }, 'a login failed by a fault of ours');
  return refusalOf(error);
}
