import { timingSafeEqual } from 'node:crypto';
import type { Logoff, Resume } from '@anyseat/protocol';
import type { Actor } from '../domain/audit.ts';
import { isLive, type Session, type SessionId, type TcId } from '../domain/session.ts';
import { hashSecret, makeSecret } from './grants.ts';
import { grantAgain, type LoginAnswer, type LoginAsk, type LoginDeps } from './login.ts';

export type ResumeAnswer = LoginAnswer | { ok: true; attached: Session };

/**
 * A seat comes back to its session: `attach` when its viewer still runs (only the hub or the line was away), `display`
 * for a fresh grant. The secret proves it; a session that moved to another seat is no longer this TC's.
 */
export async function resume(
  frame: Resume,
  ask: Pick<LoginAsk, 'tc' | 'onStage' | 'onQueued' | 'signal'>,
  deps: LoginDeps,
): Promise<ResumeAnswer> {
  const session = await ownSession(frame.sessionId, frame.secret, ask.tc, deps);
  if (!session) return { ok: false, code: 'session-unknown' };
  if (!isLive(session) || session.desktop === undefined) return { ok: false, code: 'session-over' };
  if (frame.want === 'attach') return { ok: true, attached: session };
  return grantAgain(session, makeSecret(), ask, deps);
}

/** The person logs off at the seat. Undefined when the session is not this TC's or the secret is wrong. */
export async function logOff(frame: Logoff, tc: TcId, deps: LoginDeps): Promise<Session | undefined> {
  const session = await ownSession(frame.sessionId, frame.secret, tc, deps);
  if (!session || !isLive(session)) return undefined;
  const { id, generation } = session;
  const by: Actor = { kind: 'person', name: session.person };
  // Of this grant: another seat may have it by the time this is written.
  const ended = await deps.store.endSession(id, 'logged-off', by, { tc, generation });
  if (ended) for (const pool of ended.pools) deps.lookAtPool(pool);
  return ended;
}

/** The session, if it is at this TC and the secret is its own. Ended sessions have none left. */
async function ownSession(
  id: string,
  secret: string,
  tc: TcId,
  deps: LoginDeps,
): Promise<Session | undefined> {
  const session = await deps.store.session(id as SessionId);
  if (!session || session.tc !== tc || session.secretHash === undefined) return undefined;
  const given = Buffer.from(hashSecret(secret), 'hex');
  return timingSafeEqual(given, Buffer.from(session.secretHash, 'hex')) ? session : undefined;
}
