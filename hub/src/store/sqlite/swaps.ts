import { Fault } from '@anyseat/base';
import type { Actor } from '../../domain/audit.ts';
import type { Desktop, DesktopId, DesktopState } from '../../domain/desktop.ts';
import type { Session, SessionEnd } from '../../domain/session.ts';
import { DRAINED, SWAPPED, SWAPPED_BOUND, waitFor } from '../../domain/swap.ts';
import type { Store, SwapOrder, Swapped } from '../store.ts';
import { claims, type BindingRow } from './claims.ts';
import type { Context } from './context.ts';
import { desktopRows } from './desktopRows.ts';
import { inState, over, sessionRows } from './sessionRows.ts';
import { isAsItWas } from './sessions.ts';
import { swapRows } from './swapRows.ts';

/** What can be taken for broken: it has a server, and nothing else is being done with it. */
const SWAPPABLE: ReadonlySet<DesktopState> = new Set([
  'booting',
  'ready',
  'leased',
  'bound',
  'parked',
  'returning',
  'broken',
]);

/** A broken desktop is fenced and replaced under its person: one unit. */
export function swapMethods(context: Context): Pick<Store, 'swapDesktop' | 'swaps'> {
  const { db, clock, writer, audit } = context;
  const desktops = desktopRows(db);
  const sessions = sessionRows(db);
  const swaps = swapRows(context);
  const { next } = claims(context);
  const bindingOf = db.prepare<[string], BindingRow>('SELECT * FROM bindings WHERE desktop = ?');
  const moveBinding = db.prepare('UPDATE bindings SET desktop = ?, used_at = ? WHERE id = ?');
  const endBinding = db.prepare('DELETE FROM bindings WHERE id = ?');
  const drainOf = db.prepare<[string], { people: 0 | 1; bound: 0 | 1 }>(
    'SELECT people, bound FROM desktops JOIN drains USING (cloud, host) WHERE desktops.id = ?',
  );
  const offDrained = db.prepare<[string], DesktopId>(READY_OFF_DRAINED).pluck();

  const swap = (order: SwapOrder, by: Actor): Swapped => {
    const desktop = desktops.get(order.desktop);
    if (!desktop) throw refused('desktop-unknown', 'there is no such desktop', order);
    const before = swaps.of(desktop.id);
    // One that was released since is like any other.
    if (before && !SWAPPABLE.has(desktop.state)) {
      const session = before.session && sessions.get(before.session);
      return { kind: 'swapped', swap: before, session, again: true };
    }
    const session = desktop.session === undefined ? undefined : sessions.get(desktop.session);
    if (!isAsSeen(session, order)) return { kind: 'changed' };
    if (!SWAPPABLE.has(desktop.state)) {
      const text = `desktop ${desktop.serverName ?? desktop.number} is ${desktop.state}; there is nothing to swap`;
      throw refused('desktop-not-swappable', text, order);
    }
    const retryAfterMs = mustWaitFor(order, desktop, session);
    if (retryAfterMs !== undefined) return { kind: 'too-often', retryAfterMs };
    return replace(desktop, session, order, by);
  };

  const mustWaitFor = (
    { paces }: SwapOrder,
    { pool }: Desktop,
    session: Session | undefined,
  ): number | undefined => {
    if (!paces) return undefined;
    const now = clock.now();
    const { person, pool: ofPool, operators } = paces;
    const own =
      person && session && waitFor(person, swaps.byPerson(session.person, now - person.withinMs), now);
    const theirs = ofPool && waitFor(ofPool, swaps.inPool(pool, now - ofPool.withinMs), now);
    return (
      own ?? theirs ?? (operators && waitFor(operators, swaps.byOperators(now - operators.withinMs), now))
    );
  };

  const replace = (desktop: Desktop, held: Session | undefined, order: SwapOrder, by: Actor): Swapped => {
    const now = clock.now();
    // By a backup alone: its person may be at work with a later grant of that session, which nobody may take from them.
    const isOfBackup = desktop.unconfirmedSince !== undefined && order.origin !== 'person';
    const session = isOfBackup ? undefined : held;
    const binding = bindingOf.get(desktop.id);
    const isDrain = order.origin === 'drain';
    if (isDrain && !isStillMoved(desktop, session, binding)) return { kind: 'changed' };
    const free = another(desktop, session, binding, order);
    if (isDrain && !free) return { kind: 'none-ready' };
    fence(desktop, binding ? SWAPPED_BOUND : isDrain ? DRAINED : SWAPPED, order.reason, now);
    if (held && isOfBackup) endHeld(held, by, now);
    const to = free && take(free, session, binding, now);
    const about = { desktop: desktop.id, pool: desktop.pool, origin: order.origin, by: by.name, at: now };
    const { person, user, seat } = session ?? { person: undefined, user: undefined, seat: undefined };
    const kept = swaps.insert({
      ...about,
      reason: order.reason,
      session: session?.id,
      person,
      user,
      seat,
      to: to?.id,
      claimedMs: session && to ? 0 : undefined,
      tookMs: undefined,
    });
    audit.add(now, by, 'desktop.swapped', desktop.id, {
      origin: order.origin,
      reason: order.reason,
      session: session?.id ?? null,
      person: person ?? null,
      to: to?.id ?? null,
    });
    if (binding) followBinding(binding, to, by, now);
    return { kind: 'swapped', swap: kept, session: session && waiting(session, to, now), again: false };
  };

  /** As its drain stands now: an operator may have ended it, or have said something else, since its turn was planned. */
  const isStillMoved = ({ id }: Desktop, session: Session | undefined, binding?: BindingRow): boolean => {
    const drain = drainOf.get(id);
    return drain !== undefined && (!session || drain.people === 1) && (!binding || drain.bound === 1);
  };

  /** No seat is told: see `login/resume.ts`. */
  const endHeld = (session: Session, by: Actor, now: number): void => {
    const { id, person, desktop } = session;
    const reason: SessionEnd = 'ended-by-operator';
    sessions.save(over(session, reason, now));
    audit.add(now, by, 'session.ended', id, { reason, person, desktop: desktop ?? null });
  };

  const fence = (desktop: Desktop, code: string, reason: string, now: number): void => {
    const text = desktop.fault ? `${reason}; before that: ${desktop.fault.text}` : reason;
    desktops.save({
      ...desktop,
      state: 'quarantined',
      stateSince: now,
      session: undefined,
      endpoint: undefined,
      fault: { code, text, at: now },
      writtenAt: now,
    });
  };

  /** A ready one of the same kind; nobody is given one where nobody had the old one. */
  const another = (
    old: Desktop,
    session: Session | undefined,
    binding: BindingRow | undefined,
    { origin, pool: only }: SwapOrder,
  ): Desktop | undefined => {
    if (!session && !binding) return undefined;
    // A binding stays in its pool.
    const pools = binding
      ? [binding.pool]
      : [...new Set([old.pool, ...session!.pools])].filter(isOf(session!));
    const from = pools.filter((pool) => only === undefined || pool === only);
    const id = from
      .map((pool) => {
        const first = next(pool);
        // Its pool has not held it back yet, or its row is about to follow it: another may be ready all the same.
        return origin === 'drain' && first && drainOf.get(first) ? offDrained.get(pool) : first;
      })
      .find((one) => one !== undefined);
    return id === undefined ? undefined : desktops.get(id);
  };

  /** Theirs from now on. */
  const take = (
    free: Desktop,
    session: Session | undefined,
    binding: BindingRow | undefined,
    now: number,
  ): Desktop =>
    desktops.save({
      ...free,
      state: binding ? 'bound' : 'leased',
      stateSince: now,
      session: session?.id,
      usedBy: session?.person,
      writtenAt: now,
    });

  const followBinding = (binding: BindingRow, to: Desktop | undefined, by: Actor, now: number): void => {
    const { id, kind, key, desktop: from, pool } = binding;
    if (to) {
      moveBinding.run(to.id, now, id);
      audit.add(now, by, 'binding.moved', id, { kind, key, from, to: to.id, pool, why: 'swap' });
    } else {
      endBinding.run(id);
      audit.add(now, by, 'binding.ended', id, { kind, key, desktop: from, why: 'swap, and none was ready' });
    }
  };

  /** What is still said of the old desktop is said of an older grant. */
  const waiting = (session: Session, to: Desktop | undefined, now: number): Session => {
    const generation = session.generation + 1;
    const at = session.swap?.at ?? now;
    const moved = sessions.save({
      ...inState(session, to ? 'opening' : 'waiting', now),
      desktop: to?.id,
      generation,
      viewer: undefined,
      viewerEnd: undefined,
      graceUntil: undefined,
      swap: to ? { at, first: generation, untold: true } : { at },
    });
    if (to) {
      const { id, person, seat, tc, allocator } = session;
      const by: Actor = { kind: 'person', name: person };
      audit.add(now, by, 'desktop.handed-out', to.id, { session: id, generation, seat, tc, allocator });
    }
    return moved;
  };

  return {
    swapDesktop: (order, by) => writer.write(() => swap(order, by)),
    swaps: ({ limit }) => Promise.resolve(swaps.newest(limit)),
  };
}

const READY_OFF_DRAINED = `
  SELECT id FROM desktops WHERE pool = +? AND state = 'ready' AND held_back IS NULL
     AND NOT EXISTS (SELECT 1 FROM drains WHERE drains.cloud = desktops.cloud AND drains.host = desktops.host)
   ORDER BY ready_at, number LIMIT 1`;

/** Its own pool first, if its allocator gives it still. */
const isOf =
  ({ pools }: Session) =>
  (pool: string): boolean =>
    pools.includes(pool);

const isAsSeen = (session: Session | undefined, { was }: SwapOrder): boolean => {
  if (!was) return true;
  const { session: id, ...asItWas } = was;
  return session?.id === id && (session === undefined || isAsItWas(session, asItWas));
};

const refused = (code: string, text: string, { desktop }: SwapOrder): Fault =>
  new Fault(code, 'refused', text, { fields: { desktop } });
