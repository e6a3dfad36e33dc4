import { Fault } from '@anyseat/base';
import type { SeatAnswer } from '@anyseat/protocol';
import { desktopView, sessionView, tcView, view, type ViewDeps } from './views.ts';
import type { Floor } from './floor.ts';

/** How far back the past of a seat is looked for, in sessions of the whole installation. */
const LOOKED_AT = 2000;
const SHOWN = 10;

/** Everything about one seat. @throws Fault `seat-unknown` (refused) */
export async function oneSeat(name: string, deps: ViewDeps & { floor: Floor }): Promise<SeatAnswer> {
  const { store, catalogue, online, floor } = deps;
  const resource = catalogue().seats.get(name);
  const seat = (await floor.answer(undefined)).seats.find((one) => one.name === name);
  if (!resource || !seat) throw new Fault('seat-unknown', 'refused', `there is no seat “${name}”`);
  const tc = seat.tc === undefined ? undefined : await store.tcByFingerprint(seat.tc);
  const here = online();
  const recent = await store.sessions({ limit: LOOKED_AT });
  const live = (await store.sessions({ live: true })).find((one) => one.id === seat.session);
  const desktop = live?.desktop === undefined ? undefined : await store.desktop(live.desktop);
  const mine = new Set([`seat ${name}`, `tc ${tc?.id}`, `user ${live?.person}`]);
  return {
    seat,
    tags: resource.spec.tags,
    ...(tc ? { tc: tcView(tc, here) } : {}),
    ...(live ? { session: sessionView(live, desktop, here.has(live.tc)) } : {}),
    ...(desktop ? { desktop: desktopView(desktop, live) } : {}),
    bindings: (await view('bindings', deps)).filter(({ kind, key }) => mine.has(`${kind} ${key}`)),
    past: recent
      .filter((one) => one.seat === name && one.state === 'ended')
      .slice(0, SHOWN)
      .map((one) => sessionView(one, undefined, false)),
  };
}
