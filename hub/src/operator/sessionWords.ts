import { HOUR, MINUTE, SECOND } from '@anyseat/base';
import type { Session } from '../domain/session.ts';
import type { SessionPolicy } from '../domain/sessionPolicy.ts';
import type { KnownLimit } from '../reconcile/sessionLimits.ts';

/** What is known of a session, for its words. */
export interface KnownSession {
  session: Pick<Session, 'state' | 'graceUntil' | 'swap'>;
  online: boolean;
  /** It is as it stood in a backup, and no seat has shown since that it is so. */
  unconfirmed: boolean;
  limits: readonly KnownLimit[];
  now: number;
}

/** What becomes of a live session next, and when; empty where it goes on until its person ends it, and for one that is over. */
export function sessionWords(known: KnownSession): string {
  const { session, limits } = known;
  if (session.state === 'ended') return '';
  const first = limits[0];
  return [inItsState(known), ...(first ? [limitWords(first)] : [])].filter((text) => text !== '').join('; ');
}

function inItsState({ session, online, unconfirmed, now }: KnownSession): string {
  if (unconfirmed) return 'as a backup has it: kept until its person logs in, twelve hours at most';
  if (session.swap)
    return session.state === 'waiting'
      ? 'waits for another desktop, first in line'
      : 'on its way to another desktop';
  if (session.state === 'away') {
    const left = Math.max(0, (session.graceUntil ?? now) - now);
    return `its desktop waits for another ${lasting(left)}, then it ends`;
  }
  if (session.state === 'waiting') return 'in the queue for a desktop';
  return online ? '' : 'its seat says nothing: it stays as it is, twelve hours at most';
}

const ENDS: Readonly<Record<KnownLimit['kind'], string>> = {
  idle: 'nobody touches its seat',
  'too-long': 'its longest time',
  'hours-over': 'its hours are over',
};

/** `locked in 12 min if nobody touches its seat`, `ends in 2 h (its longest time); its person is told by now` */
function limitWords({ kind, action, inMs, warned }: KnownLimit): string {
  const what = action === 'lock' ? 'locked' : 'ends';
  const when = inMs === 0 ? 'now' : `in ${lasting(inMs)}`;
  const told = warned ? '; its person is told by now' : '';
  return kind === 'idle'
    ? `${what} ${when} if ${ENDS.idle}${told}`
    : `${what} ${when} (${ENDS[kind]})${told}`;
}

/** The limits of an allocator's sessions, a sentence each, as `explain` tells them. */
export function policyWords({ idle, atMost, graceMs }: SessionPolicy): string[] {
  const words: string[] = [];
  if (idle) {
    const what = idle.action === 'lock' ? 'Locked' : 'Ended';
    words.push(
      `${what} when nobody touches the seat for ${lasting(idle.afterMs)}; told ${lasting(idle.warnMs)} before.`,
    );
  }
  if (atMost?.ms !== undefined)
    words.push(`Ended ${lasting(atMost.ms)} after the login; told ${lasting(atMost.warnMs)} before.`);
  if (atMost?.hours)
    words.push(
      `Ended when these hours are over: ${atMost.hours.join(', ')}; told ${lasting(atMost.warnMs)} before.`,
    );
  if (graceMs !== undefined) words.push(`When the viewer ends, the desktop waits for ${lasting(graceMs)}.`);
  return words;
}

function lasting(ms: number): string {
  if (ms >= 2 * HOUR && ms % HOUR === 0) return `${ms / HOUR} h`;
  if (ms >= 2 * HOUR) return `${Math.floor(ms / HOUR)} h ${Math.round((ms % HOUR) / MINUTE)} min`;
  if (ms >= 2 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  return `${Math.ceil(ms / SECOND)} s`;
}
