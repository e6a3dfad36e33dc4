import { Fault, newId } from '@anyseat/base';
import type { Actor } from '../../domain/audit.ts';
import type { Binding } from '../../domain/binding.ts';
import { desktopMoves, type Desktop, type DesktopId } from '../../domain/desktop.ts';
import type { Store } from '../store.ts';
import { bindingFrom, OLDEST_READY, type BindingRow } from './claims.ts';
import type { Context } from './context.ts';
import { desktopRows } from './desktopRows.ts';
import { inState, sessionRows } from './sessionRows.ts';

type BindingMethods =
  'bindings' | 'prepareBindings' | 'endBinding' | 'rebind' | 'moveBinding' | 'loseBinding';

/** What operators do to bindings: each one unit, with its audit row (rule 3). */
export function bindingMethods({ db, clock, writer, audit }: Context): Pick<Store, BindingMethods> {
  const desktops = desktopRows(db);
  const sessions = sessionRows(db);
  const all = db.prepare<[], BindingRow>('SELECT * FROM bindings ORDER BY kind, key, pool');
  const ofDesktop = db.prepare<[string], BindingRow>('SELECT * FROM bindings WHERE desktop = ?');
  const ofKey = db.prepare<[string, string, string], BindingRow>(
    'SELECT * FROM bindings WHERE kind = ? AND key = ? AND pool = ?',
  );
  const insert = db.prepare(
    'INSERT INTO bindings (id, kind, key, pool, desktop, created_at, created_by, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const remove = db.prepare('DELETE FROM bindings WHERE id = ?');
  const setKey = db.prepare('UPDATE bindings SET kind = ?, key = ? WHERE id = ?');
  const setDesktop = db.prepare('UPDATE bindings SET pool = ?, desktop = ?, used_at = ? WHERE id = ?');
  const oldestReady = db.prepare<[string], DesktopId>(OLDEST_READY).pluck();

  const free = (desktop: DesktopId): BindingRow => {
    const binding = ofDesktop.get(desktop);
    if (!binding) throw refused('binding-unknown', `desktop ${nameOf(desktop)} is bound to nobody`, desktop);
    if (desktops.get(desktop)?.session !== undefined)
      throw refused('desktop-in-use', `somebody works on ${nameOf(desktop)}; end its session first`, desktop);
    return binding;
  };

  const nameOf = (id: DesktopId): string => {
    const desktop = desktops.get(id);
    return desktop?.serverName ?? (desktop ? String(desktop.number) : id);
  };

  const refused = (code: string, text: string, desktop: DesktopId): Fault =>
    new Fault(code, 'refused', text, { fields: { desktop } });

  /** Nobody's any more: what somebody has used is made anew, what nobody has used is proved again and ready. */
  const letGo = (id: DesktopId, now: number): void => {
    const desktop = desktops.get(id)!;
    const state = afterBinding(desktop);
    if (state === undefined) return;
    desktops.save({
      ...desktop,
      state,
      stateSince: now,
      writtenAt: now,
      ...(state === 'booting' ? { endpoint: undefined } : {}),
    });
  };

  const take = (id: DesktopId, now: number): void => {
    desktops.save({ ...desktops.get(id)!, state: 'bound', stateSince: now, writtenAt: now });
  };

  const problemOf = (wanted: WantedBinding, seen: { keys: Set<string>; desktops: Set<string> }) => {
    const desktop = desktops.get(wanted.desktop);
    if (!desktop) return 'there is no such desktop';
    const key = JSON.stringify([wanted.kind, wanted.key, desktop.pool]);
    if (seen.desktops.has(desktop.id))
      return `desktop ${nameOf(desktop.id)} stands in an earlier line already`;
    if (seen.keys.has(key))
      return `an earlier line gives this ${wanted.kind} a desktop of pool ${desktop.pool} already`;
    seen.desktops.add(desktop.id);
    seen.keys.add(key);
    const theirs = ofKey.get(wanted.kind, wanted.key, desktop.pool);
    if (theirs) return `this ${wanted.kind} has ${nameOf(theirs.desktop)} of pool ${desktop.pool} already`;
    if (ofDesktop.get(desktop.id)) return `desktop ${nameOf(desktop.id)} is bound to somebody already`;
    if (desktop.state !== 'ready')
      return `desktop ${nameOf(desktop.id)} is ${desktop.state}; only a ready one can be bound`;
    return desktop.heldBack && `desktop ${nameOf(desktop.id)} is given to nobody: ${desktop.heldBack}`;
  };

  return {
    bindings: () => Promise.resolve(all.all().map(bindingFrom)),

    prepareBindings: (wanted, by, dryRun) =>
      writer.write(() => {
        const seen = { keys: new Set<string>(), desktops: new Set<string>() };
        const problems = wanted.map((one) => problemOf(one, seen));
        if (dryRun || problems.some((text) => text !== undefined)) return problems;
        const now = clock.now();
        for (const { kind, key, desktop } of wanted) {
          const id = newId('binding', now);
          insert.run(id, kind, key, desktops.get(desktop)!.pool, desktop, now, by.name, now);
          take(desktop, now);
          audit.add(now, by, 'binding.prepared', id, { kind, key, desktop });
        }
        return problems;
      }),

    endBinding: (desktop, by, why, usedAt) =>
      writer.write(() => {
        const row = free(desktop);
        if (usedAt !== undefined && (row.used_at ?? row.created_at) !== usedAt)
          throw refused('binding-used', `${nameOf(desktop)} was used meanwhile`, desktop);
        const now = clock.now();
        remove.run(row.id);
        letGo(desktop, now);
        audit.add(now, by, 'binding.ended', row.id, { kind: row.kind, key: row.key, desktop, why });
        return bindingFrom(row);
      }),

    rebind: (desktop, { kind, key }, withItsData, by) =>
      writer.write(() => {
        const row = free(desktop);
        const theirs = ofKey.get(kind, key, row.pool);
        if (theirs)
          throw refused(
            'binding-taken',
            `this ${kind} has ${nameOf(theirs.desktop)} of pool ${row.pool} already`,
            desktop,
          );
        const used = desktops.get(desktop)!.usedBy;
        if (used !== undefined && !withItsData && !(kind === 'user' && key === used)) {
          const text = `${nameOf(desktop)} was used by somebody: whoever gets it sees what they left on it. If that is meant, say so (--with-its-data)`;
          throw refused('desktop-used', text, desktop);
        }
        setKey.run(kind, key, row.id);
        audit.add(clock.now(), by, 'binding.changed', row.id, {
          desktop,
          from: { kind: row.kind, key: row.key },
          to: { kind, key },
          withItsData,
        });
        return bindingFrom({ ...row, kind, key });
      }),

    loseBinding: (id, by, why) =>
      writer.write(() => {
        const row = ofDesktop.get(id);
        const desktop = desktops.get(id);
        if (!row || !desktop) return false;
        const now = clock.now();
        remove.run(row.id);
        const session = desktop.session === undefined ? undefined : sessions.get(desktop.session);
        if (session)
          sessions.save({ ...inState(session, 'waiting', now), desktop: undefined, graceUntil: undefined });
        const broke = desktopMoves[desktop.state].includes('broken')
          ? {
              state: 'broken' as const,
              stateSince: now,
              endpoint: undefined,
              fault: { code: 'gone', text: why, at: now },
            }
          : {};
        desktops.save({ ...desktop, ...broke, session: undefined, writtenAt: now });
        const { kind, key } = row;
        audit.add(now, by, 'binding.lost', row.id, {
          kind,
          key,
          desktop: id,
          session: session?.id ?? null,
          why,
        });
        return true;
      }),

    moveBinding: (desktop, pool, by) => writer.write(() => moveBinding(free(desktop), pool, by)),
  };

  function moveBinding(row: BindingRow, pool: string, by: Actor): Binding {
    const now = clock.now();
    const { kind, key, desktop } = row;
    if (ofKey.get(kind, key, pool))
      throw refused('binding-taken', `this ${kind} has a desktop of pool ${pool} already`, desktop);
    const to = oldestReady.get(pool);
    if (to === undefined)
      throw refused(
        'no-desktop-ready',
        `pool ${pool} has no desktop ready; when it has one, move the binding again`,
        desktop,
      );
    take(to, now);
    setDesktop.run(pool, to, now, row.id);
    letGo(desktop, now);
    audit.add(now, by, 'binding.moved', row.id, { kind, key, from: desktop, to, pool });
    return bindingFrom({ ...row, pool, desktop: to, used_at: now });
  }
}

type WantedBinding = Pick<Binding, 'kind' | 'key' | 'desktop'>;

/** What becomes of a desktop that is bound no more; undefined where it stays as it is. */
function afterBinding({ state, usedBy }: Desktop): 'returning' | 'booting' | 'retiring' | undefined {
  if (state === 'bound') return usedBy === undefined ? 'booting' : 'returning';
  return state === 'parked' ? 'retiring' : undefined;
}
