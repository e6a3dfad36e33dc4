import { rejudgeRequest, type RejudgeAnswer } from '@anyseat/protocol';
import type { Session } from '../domain/session.ts';
import type { Asked, OperatorDeps } from './routes.ts';
import { judge, servedText } from './whatif.ts';

interface Other {
  session: Session;
  from: string;
  to: string;
}

/**
 * A change of rules leaves running sessions alone. Here an operator asks for more: those that the rules as they are now would serve
 * otherwise, each with its person as the directory gave them at the login, are ended, so many at once, and their people log in anew.
 */
export async function rejudgeSessions({ body, by }: Asked, deps: OperatorDeps): Promise<RejudgeAnswer> {
  const { dryRun, most } = rejudgeRequest.parse(body);
  const others = await otherwiseServed(deps);
  const ending = others.slice(0, most);
  const told = ending.map(({ session: { id, user, seat }, from, to }) => ({ id, user, seat, from, to }));
  const answer = { otherwise: others.length, sessions: told };
  if (dryRun) return { ...answer, ended: 0 };
  let ended = 0;
  for (const { session } of ending) {
    const { id, generation, tc } = session;
    // Who came back, or logged off and in, meanwhile is not meant.
    const over = await deps.store.endSession(id, 'ended-by-operator', by, { generation, tc });
    if (!over) continue;
    ended++;
    deps.onSessionEnded(over);
  }
  if (ended > 0) await deps.store.addAudit(by, 'sessions.rejudged', 'allocators', { ended });
  return { ...answer, ended };
}

async function otherwiseServed({ store, catalogue }: OperatorDeps): Promise<Other[]> {
  const wouldBe = judge(catalogue());
  const unconfirmed = await store.unconfirmedDesktops();
  const others: Other[] = [];
  for (const session of await store.sessions({ live: true })) {
    if (session.desktop !== undefined && unconfirmed.has(session.desktop)) continue;
    const reason = await store.reasonOf(session.id);
    if (!reason) continue;
    const from = servedText(session);
    const { text: to } = wouldBe(reason);
    if (from !== to) others.push({ session, from, to });
  }
  return others;
}
