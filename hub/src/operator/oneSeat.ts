import { Fault } from '@anyseat/base';
import type { SeatAnswer } from '@anyseat/protocol';
import { floorSeat } from './floor.ts';
import { desktopView, sessionView, tcView, view, type ViewDeps } from './views.ts';

/** How far back the past of a seat is looked for, in sessions of the whole installation. */
const LOOKED_AT = 2000;
const SHOWN = 10;

/** Everything about one seat. @throws Fault `seat-unknown` (refused) */
export async function oneSeat(name: string, deps: ViewDeps): Promise<SeatAnswer> {
  const { store, catalogue, online, inputOf } = deps;
  const resource = catalogue().seats.get(name);
  if (!resource) throw new Fault('seat-unknown', 'refused', `there is no seat “${name}”`);
  const here = online();
  const tc = (await store.tcs()).find((one) => one.seat === name && one.state === 'enrolled');
  const isOnline = tc !== undefined && here.has(tc.id);
  const session = (await store.sessions({ live: true })).findLast((one) => one.seat === name);
  const desktop = session?.desktop === undefined ? undefined : await store.desktop(session.desktop);
  const keys = new Set([`seat ${name}`, `tc ${tc?.id}`, `user ${session?.person}`]);
  const recent = await store.sessions({ limit: LOOKED_AT });
  return {
    seat: floorSeat(resource, {
      tc,
      isOnline,
      session,
      desktop,
      idleMs: session && inputOf(session)?.idleMs,
    }),
    tags: resource.spec.tags,
    ...(tc ? { tc: tcView(tc, here) } : {}),
    ...(session ? { session: sessionView(session, desktop, here.has(session.tc)) } : {}),
    ...(desktop ? { desktop: desktopView(desktop, session) } : {}),
    bindings: (await view('bindings', deps)).filter(({ kind, key }) => keys.has(`${kind} ${key}`)),
    past: recent
      .filter((one) => one.seat === name && one.state === 'ended')
      .slice(0, SHOWN)
      .map((one) => sessionView(one, undefined, false)),
  };
}
