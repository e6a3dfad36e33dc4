import { timingSafeEqual } from 'node:crypto';
import type { Logoff, Resume } from '@anyseat/protocol';
import type { Actor } from '../domain/audit.ts';
import { isLive, type Session, type SessionId, type TcId } from '../domain/session.ts';
import { hashSecret, type Secret } from './grants.ts';
import { grantAgain, type LoginAnswer, type LoginAsk, type LoginDeps } from './login.ts';

export interface ResumeDeps extends LoginDeps {
  /** Whether the directory still has this session's person as it had them; when it does not, the session is over. */
  mayComeBack: (session: Session) => Promise<boolean>;
}

/** A seat that wants the desktop of its session. */
export type BackAsk = Pick<LoginAsk, 'tc' | 'onStage' | 'onQueued' | 'signal'> & {
  /** What proves the session from this grant on. */
  secret: Secret;
};

export type ResumeAnswer = LoginAnswer | { ok: true; attached: Session };

/**
 * A seat comes back to its session: `attach` when its viewer still runs (only the hub or the line was away), `display`
 * for a fresh grant. The secret proves it. A request that was answered before needs no proof: its answer, and with it the
 * next secret, may have been lost on the way. `session-over` makes the seat end its viewer: the session ended, or moved;
 * `session-unknown` does not: the store may have been restored, and the person may be working. `swapped` makes it ask for
 * the display of another desktop.
 */
export async function resume(frame: Resume, ask: BackAsk, deps: ResumeDeps): Promise<ResumeAnswer> {
  const session = await knownSession(frame, ask.tc, deps);
  if ('ok' in session) return session;
  if (frame.want === 'attach')
    return speaksOfOldDesktop(session, frame)
      ? { ok: false, code: 'swapped' }
      : { ok: true, attached: session };
  if (!(await deps.mayComeBack(session))) return { ok: false, code: 'session-over' };
  const isAtWork = session.state === 'connected' || session.state === 'connecting';
  const { requestId, byItself = false } = frame;
  return grantAgain(session, ask.secret, requestId, ask, deps, { isAtWork, byItself });
}

/** The session that a seat proves to hold, or why it does not. */
export async function knownSession(
  frame: Pick<Resume, 'requestId' | 'sessionId' | 'secret' | 'generation'>,
  tc: TcId,
  deps: Pick<LoginDeps, 'store'>,
): Promise<Session | { ok: false; code: string }> {
  const session = await deps.store.session(frame.sessionId as SessionId);
  if (!session) return { ok: false, code: 'session-unknown' };
  // The seat has had a grant that this store knows nothing of: it was restored, and the seat knows better where it is.
  if (frame.generation > session.generation) return { ok: false, code: 'session-unknown' };
  const hasNone = session.desktop === undefined && !session.swap;
  if (!isLive(session) || hasNone || session.tc !== tc) {
    return { ok: false, code: (await isUnconfirmed(session, deps)) ? 'session-unknown' : 'session-over' };
  }
  // It was locked here: the picture has to go, and the password brings it back.
  if (session.secretHash === undefined) return { ok: false, code: 'session-over' };
  if (session.requestId !== frame.requestId && !isItsSecret(session, frame.secret))
    return { ok: false, code: 'session-unknown' };
  return session;
}

/** As it stood in a backup: where it moved to since, with which desktop, or how it ended, the store cannot say against a seat. */
async function isUnconfirmed({ desktop }: Session, { store }: Pick<LoginDeps, 'store'>): Promise<boolean> {
  const row = desktop === undefined ? undefined : await store.desktop(desktop);
  return row?.unconfirmedSince !== undefined;
}

/** The desktop of the grant that the seat speaks of was swapped; what it shows, if anything, is the old one. */
export const speaksOfOldDesktop = (
  { swap, desktop }: Session,
  { generation }: Pick<Resume, 'generation'>,
): boolean => swap !== undefined && (desktop === undefined || generation < (swap.first ?? 0));

/** The person logs off at the seat. Undefined when the session is not this TC's or the secret is wrong. */
export async function logOff(frame: Logoff, tc: TcId, deps: LoginDeps): Promise<Session | undefined> {
  const session = await deps.store.session(frame.sessionId as SessionId);
  if (!session || session.tc !== tc || !isLive(session) || !isItsSecret(session, frame.secret))
    return undefined;
  const { id, generation } = session;
  const by: Actor = { kind: 'person', name: session.person };
  // Of this grant: another seat may have it by the time this is written.
  const ended = await deps.store.endSession(id, 'logged-off', by, { tc, generation });
  if (ended) for (const pool of ended.pools) deps.lookAtPool(pool);
  return ended;
}

/** Whether the secret is the one of the session's latest grant. Ended sessions have none left. */
function isItsSecret(session: Session, secret: string): boolean {
  if (session.secretHash === undefined) return false;
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(session.secretHash, 'hex'));
}
