import type { Replace } from '@anyseat/protocol';
import { swapPolicyOf } from '../domain/swap.ts';
import type { Session } from '../domain/session.ts';
import type { Desktop } from '../domain/desktop.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { grantAgain, type LoginAnswer } from './login.ts';
import { knownSession, speaksOfOldDesktop, type BackAsk, type ResumeDeps } from './resume.ts';
import { swapDesktop } from './swap.ts';

const REASON = 'said to be broken at the seat';

/** Whether a person may say of this desktop that it is broken, by its pool's policy. */
export function mayReplace(desktop: Pick<Desktop, 'pool' | 'state'>, catalogue: Catalogue): boolean {
  const { person, bound } = swapPolicyOf(catalogue.pools.get(desktop.pool)?.spec);
  return person.most > 0 && (desktop.state !== 'bound' || bound);
}

/**
 * The person says that their desktop is broken: it is swapped, as often as its pool lets them, and the other one granted, or
 * queued for. Said again of the same desktop (the answer was lost), it is the same answer.
 */
export async function replaceDesktop(frame: Replace, ask: BackAsk, deps: ResumeDeps): Promise<LoginAnswer> {
  const session = await knownSession(frame, ask.tc, deps);
  if ('ok' in session) return session;
  if (!(await deps.mayComeBack(session))) return { ok: false, code: 'session-over' };
  if (!speaksOfOldDesktop(session, frame)) {
    const refused = await swapOwn(session, deps);
    if (refused) return refused;
  }
  return grantAgain(session, ask.secret, frame.requestId, ask, deps);
}

async function swapOwn(session: Session, deps: ResumeDeps): Promise<LoginAnswer | undefined> {
  const { id, generation, tc, person } = session;
  const desktop = session.desktop && (await deps.store.desktop(session.desktop));
  if (!desktop) return undefined;
  if (!mayReplace(desktop, deps.catalogue())) return { ok: false, code: 'swap-help-desk' };
  const paces = swapPolicyOf(deps.catalogue().pools.get(desktop.pool)?.spec);
  const swapped = await swapDesktop(
    { desktop: desktop.id, origin: 'person', reason: REASON, was: { session: id, generation, tc }, paces },
    { kind: 'person', name: person },
    deps,
  );
  if (swapped.kind !== 'too-often') return undefined;
  const { retryAfterMs } = swapped;
  return { ok: false, code: 'swap-too-often', retryAfterMs };
}
