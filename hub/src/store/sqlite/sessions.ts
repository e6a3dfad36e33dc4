import { Fault, newId } from '@anyseat/base';
import { theHub, type Actor } from '../../domain/audit.ts';
import { KEPT_AFTER_RESTORE, type Desktop } from '../../domain/desktop.ts';
import {
  isLive,
  isUntold,
  isUsedElsewhere,
  type Claim,
  type Session,
  type SessionEnd,
  type TcId,
} from '../../domain/session.ts';
import { staysAtItsPlace, takenUp } from '../../domain/takenUp.ts';
import type { AsItWas, GivenUp, Opened, Opening, Store } from '../store.ts';
import { claims } from './claims.ts';
import type { Context } from './context.ts';
import { desktopRows } from './desktopRows.ts';
import type { Reasons } from './reasons.ts';
import { inState, over, sessionRows } from './sessionRows.ts';
import { swapRows } from './swapRows.ts';

type SessionMethods =
  | 'sessions'
  | 'sessionsAway'
  | 'session'
  | 'sessionByRequest'
  | 'sessionsOf'
  | 'openSession'
  | 'claimFor'
  | 'renewGrant'
  | 'recordViewer'
  | 'lockSession'
  | 'endSession';

export function sessionMethods(context: Context, reasons: Reasons): Pick<Store, SessionMethods> {
  const { db, clock, writer, audit } = context;
  const sessions = sessionRows(db);
  const desktops = desktopRows(db);
  const { claim: takeOne } = claims(context);
  const swaps = swapRows(context);
  const unbind = db.prepare('DELETE FROM bindings WHERE desktop = ?');
  const confirm = db.prepare(
    `UPDATE desktops SET unconfirmed_since = NULL, endpoint = json_remove(endpoint, '$.left')
      WHERE id = ? AND (unconfirmed_since IS NOT NULL OR json_extract(endpoint, '$.left') IS NOT NULL)`,
  );
  const leave = db.prepare(
    `UPDATE desktops SET endpoint = json_set(endpoint, '$.left', json('true'))
      WHERE id = ? AND endpoint IS NOT NULL AND unconfirmed_since IS NULL`,
  );
  const useBinding = db.prepare('UPDATE bindings SET used_at = ? WHERE desktop = ?');

  /** Ends a session and lets its desktop go; its row is saved. */
  const end = (session: Session, reason: SessionEnd, by: Actor): Session => {
    const now = clock.now();
    if (session.desktop !== undefined) letGo(session, now, by);
    const ended = sessions.save(over(session, reason, now));
    audit.add(now, by, 'session.ended', session.id, {
      reason,
      person: session.person,
      desktop: session.desktop ?? null,
    });
    return ended;
  };

  /** One that is as it stood in a backup may be in use elsewhere, or another's: only an operator lets it go. */
  const letGo = (session: Session, now: number, by: Actor): void => {
    const desktop = desktops.get(session.desktop!);
    if (!desktop || desktop.session !== session.id) return;
    if (desktop.state === 'bound') useBinding.run(now, desktop.id);
    const isKept = desktop.unconfirmedSince !== undefined && by.kind !== 'operator';
    const leased = isKept
      ? { state: 'quarantined' as const, fault: { ...KEPT_AFTER_RESTORE, at: now } }
      : { state: 'returning' as const, afterUse: session.policy?.afterUse };
    desktops.save({
      ...desktop,
      ...(desktop.state === 'leased' ? leased : {}),
      unconfirmedSince: isKept ? desktop.unconfirmedSince : undefined,
      stateSince: now,
      session: undefined,
      writtenAt: now,
    });
  };

  const isUnconfirmed = ({ desktop }: Session): boolean =>
    desktop !== undefined && desktops.get(desktop)?.unconfirmedSince !== undefined;

  /** The session with this desktop, to be granted with this secret. */
  const withDesktop = (session: Session, desktop: Desktop, secretHash: string): Session => {
    const now = clock.now();
    if (session.swap) swaps.claimed(session.id, desktop.id, now);
    const opened = sessions.save({
      ...inState(session, 'opening', now),
      desktop: desktop.id,
      generation: session.generation + 1,
      secretHash,
      viewer: undefined,
      viewerEnd: undefined,
      graceUntil: undefined,
    });
    audit.add(now, { kind: 'person', name: session.person }, 'desktop.handed-out', desktop.id, {
      session: session.id,
      generation: opened.generation,
      seat: session.seat,
      tc: session.tc,
      allocator: session.allocator,
    });
    return opened;
  };

  /** Sessions of other people that this TC left behind: their desktops wait for them as after any viewer's end. */
  const leaveBehind = (opening: Opening): void => {
    for (const other of sessions.atTc(opening.tc)) {
      if (other.person === opening.person) continue;
      if (other.desktop === undefined) end(other, 'cancelled', theHub);
      else if (other.state !== 'away') {
        sessions.save({ ...inState(other, 'away', clock.now()), graceUntil: opening.leftBehindUntil });
      }
    }
  };

  const open = (opening: Opening): Opened => {
    const asked = sessions.byRequest(opening.tc, opening.requestId);
    if (asked && !isLive(asked)) {
      throw new Fault('session-over', 'refused', 'this request was answered and its session is over');
    }
    const { stayWhereUsed, several, tc, seat } = opening;
    const most = several?.most ?? 1;
    const online = several?.online ?? stayWhereUsed;
    let session = takenUp(sessions.ofPerson(opening.person), { tc, seat, most, online });
    const staysThere = session && stayWhereUsed && isUsedElsewhere(session, tc, stayWhereUsed);
    // Where a backup says that they work they may not have been for a day.
    if (session && staysThere && !isUnconfirmed(session)) return { kind: 'elsewhere', session, ended: [] };
    leaveBehind(opening);
    const ended: Session[] = [];
    if (session && staysAtItsPlace(session, opening)) {
      ended.push(end(session, 'superseded', theHub));
      session = undefined;
    }
    if (session) {
      const before = session.tc;
      // The seat said that it had it; whoever logs in there has no picture: a box that lost its power told nobody.
      if (before === opening.tc && session.state !== 'opening') leave.run(session.desktop);
      // Still in the queue: it keeps its place there and follows the rules of where it sits now.
      const rule = session.desktop === undefined ? ruleOf(opening) : {};
      session = sessions.save({ ...session, ...placeOf(opening), ...rule, stages: opening.stages });
      if (session.desktop !== undefined) {
        const moved: TcId | undefined = before === opening.tc ? undefined : before;
        return { kind: 'have', ...again(session, opening.secretHash), moved, ended };
      }
    }
    // Written before a desktop is claimed for it: the store compares its person with who used the desktop (rule 7).
    session ??= sessions.insert(newSession(opening, clock.now()), most, ended[0]?.id);
    return claimAs(session, opening.secretHash, ended, opening.behindOthers);
  };

  const claimAs = (
    session: Session,
    secretHash: string,
    ended: Session[],
    behindOthers = false,
  ): Exclude<Opened, { kind: 'elsewhere' }> => {
    let claimed = takeOne(session, behindOthers);
    if (claimed.kind === 'held') {
      // A desktop of this seat or TC, and the person who had it is here no more: whoever sits here has it.
      const holder = sessions.get(claimed.desktop.session!)!;
      ended.push(end(holder, 'superseded', theHub));
      claimed = takeOne(session);
    }
    switch (claimed.kind) {
      case 'got': {
        const { desktop, claim } = claimed;
        const first = session.generation + 1;
        const swapped = session.swap ? { ...session, swap: { at: session.swap.at, first } } : session;
        return {
          kind: 'have',
          session: withDesktop(swapped, desktop, secretHash),
          desktop,
          claim,
          moved: undefined,
          ended,
        };
      }
      case 'none':
      case 'held':
        return { kind: 'waiting', session, ended };
      case 'unusable':
        return { kind: 'unusable', session, desktop: claimed.desktop, ended };
      default:
        return claimed satisfies never;
    }
  };

  /** A fresh grant of the desktop that the session has. */
  const again = (
    session: Session,
    secretHash: string,
  ): { session: Session; desktop: Desktop; claim: Claim } => {
    const desktop = desktops.get(session.desktop!)!;
    const claim =
      !wasNeverShown(session) || desktop.unconfirmedSince !== undefined
        ? 'held'
        : isUntold(session)
          ? 'new'
          : 'bound';
    return { session: withDesktop(session, desktop, secretHash), desktop, claim };
  };

  return {
    sessions: (filter) => Promise.resolve(sessions.list(filter ?? {})),
    sessionsAway: () => Promise.resolve(sessions.away()),
    session: (id) => Promise.resolve(sessions.get(id)),
    sessionByRequest: (tc, requestId) => Promise.resolve(sessions.byRequest(tc, requestId)),
    sessionsOf: (person) => Promise.resolve(sessions.ofPerson(person)),

    openSession: async (opening) => {
      const reason = reasons.prepare(opening);
      const opened = await writer.write(() => {
        const done = open(opening);
        reason?.keep(done);
        return done;
      });
      reason?.kept();
      return opened;
    },

    claimFor: (id, tc, secretHash, instead) =>
      writer.write(() => {
        let session = sessions.get(id);
        if (!session || !isLive(session) || session.tc !== tc) return { kind: 'over' };
        if (!instead && session.desktop !== undefined)
          return { kind: 'got', ...again(session, secretHash), ended: [] };
        if (instead) {
          if (session.generation !== instead.generation) return { kind: 'over' };
          session = giveUp(session, instead);
          if (session.desktop !== undefined) return { kind: 'over' };
        }
        const opened = claimAs(session, secretHash, []);
        if (opened.kind !== 'have') return { kind: 'none' };
        const { desktop, claim, ended } = opened;
        return { kind: 'got', session: opened.session, desktop, claim, ended };
      }),

    renewGrant: (id, tc, secretHash, requestId) =>
      writer.write(() => {
        const session = sessions.get(id);
        if (!session || !isLive(session) || session.tc !== tc) return undefined;
        if (session.desktop !== undefined)
          return { kind: 'have', ...again({ ...session, requestId }, secretHash) };
        return session.swap
          ? { kind: 'waits', session: sessions.save({ ...session, requestId }) }
          : undefined;
      }),

    recordViewer: (news) =>
      writer.write(() => {
        const session = sessions.get(news.session);
        if (!session || !isLive(session) || session.tc !== news.tc || session.generation !== news.generation)
          return undefined;
        // Its desktop was taken away: what is still said of that one is over.
        if (session.desktop === undefined) return undefined;
        const now = clock.now();
        // A picture is one person's alone: nobody else works on it. That a viewer ended is said by seats of yesterday as well.
        if (news.state === 'connected') confirm.run(session.desktop);
        if (news.state === 'ended') leave.run(session.desktop);
        const state =
          news.state === 'ended' ? 'away' : news.state === 'connected' ? 'connected' : 'connecting';
        return sessions.save({
          ...inState(session, state, now),
          viewer: news.state,
          viewerEnd: news.end,
          graceUntil: state === 'away' ? (session.graceUntil ?? news.graceUntil) : undefined,
          stages: { ...session.stages, ...news.stages },
          ...(state === 'connected' && session.swap ? swaps.done(session, now) : {}),
        });
      }),

    lockSession: (id, graceUntil, by, asItWas) =>
      writer.write(() => {
        const session = sessions.get(id);
        if (!session || !isLive(session) || session.desktop === undefined) return undefined;
        if (asItWas && !isAsItWas(session, asItWas)) return undefined;
        const now = clock.now();
        audit.add(now, by, 'session.locked', id, { person: session.person, desktop: session.desktop });
        return sessions.save({
          ...inState(session, 'away', now),
          // Whatever the seat still says is of an older grant, and what it asked before is answered no more.
          generation: session.generation + 1,
          requestId: `locked-${session.generation}-${id}`,
          secretHash: undefined,
          viewerEnd: 'stopped-by-agent',
          graceUntil,
        });
      }),

    endSession: (id, reason, by, asItWas) =>
      writer.write(() => {
        const session = sessions.get(id);
        if (!session || !isLive(session) || (asItWas && !isAsItWas(session, asItWas))) return undefined;
        return end(session, reason, by);
      }),
  };

  /** The session loses a desktop that was no good. A binding that was made with it just now goes as well. */
  function giveUp(session: Session, given: GivenUp): Session {
    const desktop = session.desktop === given.desktop ? desktops.get(given.desktop) : undefined;
    if (!desktop || desktop.session !== session.id) return session;
    if (desktop.state === 'bound' && (given.claim !== 'new' || cameBySwap(session))) return session;
    const now = clock.now();
    const { code, text } = given;
    if (desktop.state === 'bound') {
      unbind.run(desktop.id);
      audit.add(now, theHub, 'binding.undone', desktop.id, { session: session.id, why: text });
    }
    const again = given.verdict === 'look-again' && given.claim === 'new';
    // As it stood in a backup it may be no good for one person, and be another's by now.
    const noGood = desktop.unconfirmedSince === undefined ? 'broken' : 'quarantined';
    desktops.save({
      ...desktop,
      state: again ? 'booting' : noGood,
      stateSince: now,
      session: undefined,
      usedBy: again ? undefined : desktop.usedBy,
      endpoint: undefined,
      fault: { code, text, at: now },
      writtenAt: now,
    });
    audit.add(now, theHub, again ? 'desktop.unproved' : 'desktop.broke', desktop.id, {
      session: session.id,
      fault: text,
    });
    return sessions.save({ ...inState(session, 'waiting', now), desktop: undefined, graceUntil: undefined });
  }
}

/** It took the place of another in the unit of a swap: a binding that it has is older than this claim. */
const cameBySwap = ({ swap }: Session): boolean => swap?.untold === true;

/** No seat has said a word of its first grant, which may never have been sent: its desktop is not proved yet (rule 12). */
const wasNeverShown = ({ state, generation, swap }: Session): boolean =>
  state === 'opening' && generation === (swap?.first ?? 1);

export const isAsItWas = (is: Session, was: AsItWas): boolean =>
  (['state', 'stateSince', 'generation', 'tc', 'requestId'] as const).every(
    (field) => was[field] === undefined || was[field] === is[field],
  );

const placeOf = ({ requestId, tc, seat, site }: Opening) => ({ requestId, tc, seat, site });

const ruleOf = ({ allocator, pools, binding, policy }: Opening) => ({
  allocator,
  pools,
  binding,
  ...(policy ? { policy } : {}),
});

const newSession = (opening: Opening, now: number): Session => ({
  id: newId('session', now),
  state: 'waiting',
  stateSince: now,
  ...placeOf(opening),
  person: opening.person,
  user: opening.user,
  displayName: opening.displayName,
  ...ruleOf(opening),
  desktop: undefined,
  generation: 0,
  secretHash: undefined,
  viewer: undefined,
  viewerEnd: undefined,
  graceUntil: undefined,
  stages: opening.stages,
  startedAt: now,
  heardAt: now,
  endedAt: undefined,
  end: undefined,
});
