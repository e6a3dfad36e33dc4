import { Fault, meant } from '@anyseat/base';
import type { ExplainAnswer } from '@anyseat/protocol';
import { explainAllocators, inOrder, poolsAt } from '../domain/allocator.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { isFree } from '../domain/desktop.ts';
import { isUsedElsewhere, type Session, type TcId } from '../domain/session.ts';
import { policyOf } from '../domain/sessionPolicy.ts';
import { staysAtItsPlace, takenUp } from '../domain/takenUp.ts';
import { timeText } from '../domain/hours.ts';
import type { WallTime } from '../domain/wallClock.ts';
import { askerAt } from '../login/askers.ts';
import type { Directories } from '../login/directories.ts';
import type { Store } from '../store/store.ts';
import { policyWords } from './sessionWords.ts';
import { desktopView } from './views.ts';
import { personView } from './whyThen.ts';

export interface ExplainDeps {
  store: Store;
  directories: Directories;
  catalogue: () => Catalogue;
  placeOfNew: (someone: { pools: readonly string[]; queuePriority: number }) => number;
  now: () => number;
  online: () => ReadonlySet<TcId>;
}

/**
 * What a login of this person at this seat would come to, and why, by the same decisions that the login makes.
 * @param at what the clock of the site is to show; now, if it is not given
 * @throws Fault `person-unknown`, `seat-unknown` (refused); `directory-unavailable`, `directory-cannot-search`
 */
export async function explain(
  user: string,
  seatName: string,
  deps: ExplainDeps,
  signal: AbortSignal,
  at?: WallTime,
): Promise<ExplainAnswer> {
  const catalogue = deps.catalogue();
  const seat = catalogue.seats.get(seatName);
  if (!seat)
    throw new Fault(
      'seat-unknown',
      'refused',
      `there is no seat “${seatName}”${meant(seatName, catalogue.seats.keys())}`,
      {
        fields: { seat: seatName },
      },
    );
  const person = await deps.directories.find(user, signal);
  if (!person)
    throw new Fault('person-unknown', 'refused', `no directory knows “${user}”`, { fields: { user } });
  const tc = (await deps.store.tcs()).find((t) => t.seat === seatName && t.state === 'enrolled');
  const asker = askerAt(catalogue, person, seatName, at ?? deps.now(), tc?.tags ?? {})!;
  const { chosen, verdicts } = explainAllocators(inOrder(catalogue.allocators.values()), asker);
  const live = await deps.store.sessionsOf(person.id);
  const rule = chosen === undefined ? undefined : catalogue.allocators.get(chosen)?.spec;
  const limits = rule ? policyWords(policyOf(rule)) : [];
  const most = rule?.sessions ?? 1;
  return {
    seat: { name: seat.name, site: seat.spec.site, tags: seat.spec.tags },
    time: timeText(asker.time),
    person: personView(person),
    allocators: verdicts,
    chosen,
    ...(live.length > 0 && most > 1 ? { sessions: { has: live.length, most } } : {}),
    ...(limits.length > 0 ? { limits } : {}),
    desktop:
      chosen === undefined ? undefined : await desktopFor(person.id, live, seatName, tc?.id, chosen, deps),
  };
}

/** In the order of the login: the live session's desktop, the bound one, a ready one, else the queue. */
async function desktopFor(
  person: string,
  live: readonly Session[],
  seat: string,
  tc: TcId | undefined,
  allocator: string,
  { store, catalogue, placeOfNew, online }: ExplainDeps,
): Promise<ExplainAnswer['desktop']> {
  const { spec } = catalogue().allocators.get(allocator)!;
  const pools = poolsAt(spec, catalogue().seats.get(seat)!.spec.site);
  const keys = { user: person, seat, tc };
  const { secondLogin = 'move', sessions: most = 1 } = spec;
  const session = takenUp(live, {
    tc,
    seat,
    most,
    online: most > 1 || secondLogin !== 'move' ? online() : undefined,
  });
  if (session && secondLogin !== 'move' && isUsedElsewhere(session, tc, online()))
    return { because: 'elsewhere', seat: session.seat, asks: secondLogin === 'ask' };
  if (session?.desktop !== undefined && !staysAtItsPlace(session, { seat, tc })) {
    const desktop = await store.desktop(session.desktop);
    if (desktop) return { because: 'session', desktop: desktopView(desktop, session) };
  }
  if (spec.binding !== 'none') {
    const key = keys[spec.binding];
    const bindings = (await store.bindings()).filter((b) => b.kind === spec.binding && b.key === key);
    const bound = pools.flatMap((pool) => bindings.filter((b) => b.pool === pool))[0];
    const desktop = bound && (await store.desktop(bound.desktop));
    if (desktop) return { because: 'binding', desktop: desktopView(desktop, undefined) };
  }
  const place = placeOfNew({ pools, ...policyOf(spec) });
  if (place > 1) return { because: 'queue', place };
  for (const pool of pools) {
    const first = catalogue().pools.get(pool)?.spec.handOut === 'newest' ? -1 : 1;
    const [next] = (await store.desktops({ pool }))
      .filter(isFree)
      .sort((a, b) => first * (a.readyAt! - b.readyAt! || a.number - b.number));
    if (next) return { because: 'ready', desktop: desktopView(next, undefined) };
  }
  return { because: 'queue', place };
}
