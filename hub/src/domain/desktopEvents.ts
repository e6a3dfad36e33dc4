import type { Desktop, DesktopFault, DesktopState, Endpoint } from './desktop.ts';
import { desktopMoves } from './desktop.ts';
import { SWAPPED } from './swap.ts';

/**
 * What can happen to a desktop, named by what was learnt or decided. Claims are not here: who gets a desktop is one
 * conditional statement of the store (`openSession`).
 */
export type DesktopEvent =
  /** The intent to ask the cloud, under this server name. Committed before the request is sent (rule 5). */
  | { kind: 'ask'; serverName: string; image?: string }
  /** The cloud's answer was lost: it may have the order or not. */
  | { kind: 'doubt'; text: string }
  /** The cloud said no, and nothing was made; the desktop is wanted still. */
  | { kind: 'refused'; fault: DesktopFault }
  /** Looked for long enough, in complete listings: the order was never taken. */
  | { kind: 'never-made' }
  /** The cloud has this server for it. */
  | { kind: 'made'; serverId: string }
  /** The server runs. */
  | { kind: 'running'; host: string | undefined }
  /** The cloud has it on this host by now. */
  | { kind: 'on-host'; host: string }
  /** Proved to be itself and to answer. */
  | { kind: 'proved'; endpoint: Endpoint | undefined }
  /** Its display moved, and was found again, or is not where it was. */
  | { kind: 'moved'; endpoint: Endpoint | undefined }
  /** A bound one that was off is switched on; it boots until it is `up`. Committed before the cloud is asked. */
  | { kind: 'switched-on' }
  | { kind: 'up'; endpoint: Endpoint }
  /** A bound one that nobody used for long is switched off. Committed before the cloud is asked; a login takes it back. */
  | { kind: 'park' }
  /** Ready, and not to be handed out for this reason; or, without one, to be handed out again. */
  | { kind: 'hold-back'; why: string | undefined }
  /** Ready no longer proved; look again before anybody gets it. */
  | { kind: 'unproved'; text: string }
  | { kind: 'broke'; fault: DesktopFault }
  | { kind: 'quarantine'; fault: DesktopFault }
  /** The intent to have its server made anew from this image. Committed before the cloud is asked (rule 5). */
  | { kind: 'rebuild'; image: string }
  /** The cloud confirms that it was made anew: nothing of whoever used it is left. */
  | { kind: 'rebuilt' }
  /** Out of the quarantine of a swap, to be proved anew: an operator found nothing, and nobody had used it. */
  | { kind: 'release' }
  /** Its server is to be removed. Of a bound one this is an operator's act, and ends its binding (rule 3). */
  | { kind: 'retire' }
  /** The cloud confirms that there is no such server. */
  | { kind: 'gone' };

interface Rule {
  from: readonly DesktopState[];
  to: DesktopState;
}

/** These change no state, so they have no rule. */
type Quiet = 'on-host' | 'moved' | 'switched-on' | 'up' | 'hold-back';

const rules: Readonly<Record<Exclude<DesktopEvent['kind'], Quiet>, Rule>> = {
  ask: { from: ['wanted'], to: 'creating' },
  doubt: { from: ['creating'], to: 'unsure' },
  refused: { from: ['creating'], to: 'wanted' },
  'never-made': { from: ['unsure'], to: 'wanted' },
  made: { from: ['creating', 'unsure'], to: 'building' },
  running: { from: ['building'], to: 'booting' },
  proved: { from: ['booting'], to: 'ready' },
  unproved: { from: ['ready'], to: 'booting' },
  // Not from `leased` or `bound`: evidence of the cloud alone never takes a desktop from a person (rule 11).
  broke: {
    from: ['creating', 'unsure', 'building', 'booting', 'ready', 'returning', 'retiring', 'parked'],
    to: 'broken',
  },
  quarantine: {
    from: ['building', 'booting', 'ready', 'returning', 'rebuilding', 'retiring', 'broken'],
    to: 'quarantined',
  },
  rebuild: { from: ['returning'], to: 'rebuilding' },
  rebuilt: { from: ['rebuilding'], to: 'booting' },
  release: { from: ['quarantined'], to: 'booting' },
  park: { from: ['bound'], to: 'parked' },
  retire: {
    from: [
      'creating',
      'unsure',
      'building',
      'booting',
      'ready',
      'bound',
      'parked',
      'returning',
      'rebuilding',
      'broken',
      'quarantined',
    ],
    to: 'retiring',
  },
  gone: {
    from: [
      'wanted',
      'creating',
      'unsure',
      'building',
      'booting',
      'ready',
      'parked',
      'returning',
      'rebuilding',
      'retiring',
      'broken',
      'quarantined',
    ],
    to: 'gone',
  },
};

/** The desktop after the event, or undefined where its state does not allow it (somebody was quicker). */
export function afterEvent(desktop: Desktop, event: DesktopEvent, now: number): Desktop | undefined {
  if (
    event.kind === 'on-host' ||
    event.kind === 'moved' ||
    event.kind === 'switched-on' ||
    event.kind === 'up' ||
    event.kind === 'hold-back'
  )
    return inSameState(desktop, event, now);
  const rule = rules[event.kind];
  if (!rule.from.includes(desktop.state)) return undefined;
  // Bound, and somebody is at it.
  if (desktop.session !== undefined) return undefined;
  if (!desktopMoves[desktop.state].includes(rule.to)) return undefined;
  if (event.kind === 'release' && !mayBeReleased(desktop)) return undefined;
  return { ...desktop, state: rule.to, stateSince: now, writtenAt: now, ...changes(desktop, event, now) };
}

/** Not what a backup or a lost row left in doubt: who used that is not known (rule 7). */
const mayBeReleased = ({ usedBy, fault }: Desktop): boolean =>
  usedBy === undefined && fault?.code === SWAPPED;

function inSameState(
  desktop: Desktop,
  event: Extract<DesktopEvent, { kind: Quiet }>,
  now: number,
): Desktop | undefined {
  switch (event.kind) {
    case 'moved':
      return desktop.state === 'gone' ? undefined : { ...desktop, endpoint: event.endpoint, writtenAt: now };
    case 'on-host':
      return desktop.state === 'gone' ? undefined : { ...desktop, host: event.host, writtenAt: now };
    case 'switched-on':
      if (desktop.state !== 'bound') return undefined;
      return {
        ...desktop,
        stateSince: now,
        askedAt: now,
        activeAt: undefined,
        readyAt: undefined,
        writtenAt: now,
      };
    case 'hold-back':
      return desktop.state === 'ready' ? { ...desktop, heldBack: event.why, writtenAt: now } : undefined;
    case 'up':
      if (desktop.state !== 'bound' || desktop.readyAt !== undefined) return undefined;
      return { ...desktop, endpoint: event.endpoint, readyAt: now, writtenAt: now };
    default:
      return event satisfies never;
  }
}

function changes(
  desktop: Desktop,
  event: Exclude<DesktopEvent, { kind: Quiet }>,
  now: number,
): Partial<Desktop> {
  switch (event.kind) {
    case 'ask':
      return {
        attempt: desktop.attempt + 1,
        serverName: event.serverName,
        image: event.image,
        askedAt: now,
        fault: undefined,
      };
    case 'doubt':
    case 'unproved':
      return { fault: { code: event.kind, text: event.text, at: now } };
    case 'refused':
      return { serverName: undefined, askedAt: undefined, fault: event.fault };
    case 'never-made':
      return { serverName: undefined, askedAt: undefined };
    case 'made':
      return { serverId: event.serverId, fault: undefined };
    case 'running':
      return { host: event.host, activeAt: desktop.activeAt ?? now };
    case 'proved':
      return { endpoint: event.endpoint, readyAt: now, fault: undefined, heldBack: undefined };
    case 'broke':
    case 'quarantine':
      return { fault: event.fault, endpoint: undefined };
    case 'park':
      return { readyAt: undefined, endpoint: undefined };
    case 'rebuild':
      return {
        attempt: desktop.attempt + 1,
        image: event.image,
        askedAt: now,
        activeAt: undefined,
        readyAt: undefined,
        endpoint: undefined,
        heldBack: undefined,
        fault: undefined,
      };
    case 'rebuilt':
      return { usedBy: undefined, afterUse: undefined, activeAt: now };
    case 'release':
      return { fault: undefined, readyAt: undefined };
    case 'retire':
    case 'gone':
      return { endpoint: undefined };
    default:
      return event satisfies never;
  }
}
