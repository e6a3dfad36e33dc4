import { Fault } from '@anyseat/base';
import type { ExplainedPerson, WhyAnswer } from '@anyseat/protocol';
import { explainAllocators, inOrder, type Asker } from '../domain/allocator.ts';
import { timeText } from '../domain/hours.ts';
import type { SessionId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { desktopView } from './views.ts';

/**
 * Why a login went as it did: what was seen then, judged by the rules as they stood then.
 * @throws Fault `session-unknown`, `reason-unknown` (refused)
 */
export async function whyThen(id: SessionId, { store }: { store: Store }): Promise<WhyAnswer> {
  const session = await store.session(id);
  if (!session)
    throw new Fault('session-unknown', 'refused', `there is no session ${id}`, { fields: { session: id } });
  const reason = await store.reasonOf(id);
  if (!reason)
    throw new Fault('reason-unknown', 'refused', `of session ${id} it was not kept why it went as it did`);
  const { allocators } = await store.catalogueAt(reason.change);
  const { chosen, verdicts } = explainAllocators(inOrder(allocators.values()), reason.asker);
  const desktop = session.desktop === undefined ? undefined : await store.desktop(session.desktop);
  return {
    session: { id, state: session.state, user: session.user, seat: session.seat },
    at: reason.at,
    change: reason.change,
    seat: { name: reason.asker.seat.name, site: reason.asker.site.name, tags: { ...reason.asker.seat.tags } },
    time: timeText(reason.asker.time),
    person: personView(reason.asker.person),
    allocators: verdicts,
    chosen,
    pools: [...reason.pools],
    outcome: reason.outcome,
    ...(desktop ? { desktop: desktopView(desktop, undefined) } : {}),
    ...(session.end === undefined ? {} : { end: session.end }),
  };
}

export const personView = (person: Asker['person']): ExplainedPerson => ({
  id: person.id,
  user: person.user,
  displayName: person.displayName,
  dn: person.dn,
  groups: [...person.groups],
  attributes: Object.fromEntries(Object.entries(person.attributes).map(([k, v]) => [k, [...v]])),
});
