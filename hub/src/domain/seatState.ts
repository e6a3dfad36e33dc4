import { MINUTE } from '@anyseat/base';
import type { SeatState } from '@anyseat/protocol';
import type { Desktop } from './desktop.ts';
import type { Session } from './session.ts';

/** What is known of a seat: its thin client, whether that is connected, and who is logged in there. */
export interface SeatSight {
  hasTc: boolean;
  online: boolean;
  session: Pick<Session, 'state' | 'viewerEnd'> | undefined;
  desktop: Pick<Desktop, 'state'> | undefined;
  /** Since anything was touched, where the seat says so. */
  idleMs?: number | undefined;
}

/** From here on nobody is taken to be at work. */
const IDLE_FROM = 5 * MINUTE;

/**
 * A seat in one word. A failure under somebody goes before everything else: it is what an operator looks for. A seat that says
 * nothing while somebody is logged in is `silent`, whatever it said last; one whose person has gone away is not missed.
 */
export function seatState({ hasTc, online, session, desktop, idleMs = 0 }: SeatSight): SeatState {
  if (!session || session.state === 'ended') return !hasTc ? 'bare' : online ? 'free' : 'off';
  if (desktop?.state === 'broken' || desktop?.state === 'quarantined') return 'fault';
  if (session.state === 'away') return wasClosed(session.viewerEnd) ? 'away' : 'fault';
  if (!online) return 'silent';
  if (session.state === 'connected' && idleMs >= IDLE_FROM) return 'idle';
  return whileOnline[session.state];
}

const whileOnline: Readonly<Record<Exclude<Session['state'], 'away' | 'ended'>, SeatState>> = {
  waiting: 'waiting',
  opening: 'opening',
  connecting: 'opening',
  connected: 'working',
};

/** Nobody reported an end: the thin client was used by somebody else since. */
const wasClosed = (end: Session['viewerEnd']): boolean =>
  end === undefined ||
  end === 'closed-by-person' ||
  end === 'closed-by-desktop' ||
  end === 'stopped-by-agent';
