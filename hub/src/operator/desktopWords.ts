import { HOUR, MINUTE, SECOND } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import { KEPT_AFTER_RESTORE, type Desktop } from '../domain/desktop.ts';
import type { DrainFate } from '../domain/drain.ts';
import type { HostDoubt } from '../domain/hosts.ts';
import { UNSURE_FOR } from '../domain/pool/adopt.ts';
import { HANGS_AFTER } from '../domain/pool/remove.ts';
import { EVIDENCE_FOR } from '../domain/pool/retire.ts';
import type { Session } from '../domain/session.ts';
import { SILENCE_LIMIT } from '../domain/planSessions.ts';
import { DRAINED, SWAPPED, SWAPPED_BOUND, swapPolicyOf } from '../domain/swap.ts';

/** What is known of a desktop, for its words. */
export interface KnownDesktop {
  desktop: Desktop;
  /** The one that has it. */
  session?: Session | undefined;
  /** Of its pool; undefined: the pool was deleted. */
  spec: PoolSpec | undefined;
  /** Why nobody is given what is on its host. */
  doubt?: HostDoubt['kind'] | undefined;
  /** What its host's drain makes of it. */
  fate?: DrainFate | undefined;
  now: number;
}

/** What becomes of a desktop next, and when, in a sentence that an operator understands. Never empty. */
export function desktopWords(known: KnownDesktop): string {
  const { desktop, fate } = known;
  const words = inItsState(known);
  switch (fate) {
    case 'moves':
      return `${words}; its host is drained: another takes its place when its turn comes`;
    case 'seat-first':
      return `${words}; its host is drained: another takes its place once its seat is connected and has the picture`;
    case 'at-log-off':
      return `${words}; its host is drained`;
    case 'belongs':
      return `${words}; its host is drained, and it stays there until an operator moves it`;
    case 'goes':
      return desktop.state === 'ready' || desktop.state === 'quarantined'
        ? words
        : `${words}; its host is drained`;
    case 'kept':
    case undefined:
      return words;
    default:
      return fate satisfies never;
  }
}

function inItsState(known: KnownDesktop): string {
  const { desktop, spec, now } = known;
  const forMs = now - desktop.stateSince;
  switch (desktop.state) {
    case 'wanted':
      return spec
        ? 'ordered as soon as its pool may boot one more (anyseat get pools)'
        : 'forgotten: its pool was deleted';
    case 'creating':
      return 'being ordered of the cloud: its answer is waited for';
    case 'unsure':
      return `whether the cloud took the order is not known: looked for during ${another(UNSURE_FOR - forMs)}, then ordered anew under another name`;
    case 'building':
      return `the cloud makes it${orBroken(spec?.toActiveSeconds, forMs)}`;
    case 'booting':
      return `it boots, and is ready as soon as it answers${orBroken(spec?.toReadySeconds, forMs)}`;
    case 'ready':
      return ready(known);
    case 'leased':
      return leased(known);
    case 'bound':
      return bound(known);
    case 'parked':
      return `switched off for disuse, and somebody’s still: their next login switches it on${unconfirmed(known)}`;
    case 'returning':
      return 'given back: made anew now, or replaced, as its pool and its last allocator say';
    case 'rebuilding':
      return `the cloud makes it anew where it stands${orElse(spec?.toActiveSeconds, forMs, 'replaced')}`;
    case 'retiring':
      return forMs > HANGS_AFTER
        ? 'its removal hangs: it is reset and asked for again (anyseat get problems)'
        : 'being removed: asked for again each minute until the cloud has none';
    case 'broken':
      return `kept to be looked at ${forAnother(EVIDENCE_FOR - forMs)} at most, then removed`;
    case 'quarantined':
      return quarantined(known);
    case 'gone':
      return 'gone: its server is no more';
    default:
      return desktop.state satisfies never;
  }
}

function ready({ desktop, spec, doubt }: KnownDesktop): string {
  if (!spec) return 'removed: its pool was deleted';
  if (desktop.heldBack === undefined) return 'handed out to who comes next';
  if (spec.closed !== undefined || doubt === 'disabled')
    return `not handed out: ${desktop.heldBack}; removed, a few at a time`;
  return `not handed out: ${desktop.heldBack}; handed out again when that is over`;
}

function leased(known: KnownDesktop): string {
  const { desktop, session, spec, now } = known;
  if (desktop.unconfirmedSince !== undefined) return `in use, says the backup${unconfirmed(known)}`;
  const way = desktop.afterUse ?? spec?.afterUse;
  const after = way === 'rebuild' ? 'made anew' : 'replaced';
  if (session?.state === 'away' && session.graceUntil !== undefined)
    return `waits for its person ${forAnother(session.graceUntil - now)}, then ${after}`;
  return `in use; ${after} when its person logs off`;
}

function bound(known: KnownDesktop): string {
  const { desktop, session, spec } = known;
  if (desktop.unconfirmedSince !== undefined) return `somebody’s, says the backup${unconfirmed(known)}`;
  if (desktop.readyAt === undefined) return 'somebody’s: being switched on, as the boot budget lets it';
  if (session) return 'somebody’s, and in use: it stays theirs';
  const hours = spec?.parkAfterHours;
  return `somebody’s: it waits for them${hours === undefined ? '' : `, and is switched off after ${hours} h without use`}`;
}

/** Whatever a restored store says of who has it. */
function unconfirmed({ desktop, now }: KnownDesktop): string {
  const { unconfirmedSince, session } = desktop;
  if (unconfirmedSince === undefined) return '';
  if (session === undefined) return '; no seat has confirmed that since';
  return `; no seat has confirmed that since: it waits for one ${forAnother(SILENCE_LIMIT - (now - unconfirmedSince))} at most`;
}

function quarantined({ desktop, spec, now }: KnownDesktop): string {
  const name = desktop.serverName ?? String(desktop.number);
  const { keepMs, keepMost } = swapPolicyOf(spec);
  switch (desktop.fault?.code ?? '') {
    case SWAPPED:
      return `kept to be looked at ${forAnother(keepMs - (now - desktop.stateSince))} at most, while it is one of the last ${keepMost} and in nobody’s way: anyseat desktop release ${name}`;
    case SWAPPED_BOUND:
      return `somebody’s work may be on it: kept until an operator says anyseat desktop release ${name}`;
    case DRAINED:
      return 'taken off its host: removed now';
    case KEPT_AFTER_RESTORE.code:
    case 'adopted':
      return `somebody may be on it: kept until an operator says anyseat desktop retire ${name}`;
    default:
      return `kept until an operator says anyseat desktop retire ${name}`;
  }
}

const orBroken = (seconds: number | undefined, forMs: number): string =>
  orElse(seconds, forMs, 'taken for broken');

const orElse = (seconds: number | undefined, forMs: number, what: string): string =>
  seconds === undefined ? '' : `; ${what} if that takes ${another(seconds * SECOND - forMs)}`;

const forAnother = (ms: number): string => `for ${another(ms)}`;

/** Never less than nothing: rounds are seconds apart. */
function another(ms: number): string {
  const left = Math.max(0, ms);
  if (left >= 2 * HOUR) return `another ${Math.round(left / HOUR)} h`;
  if (left >= 2 * MINUTE) return `another ${Math.round(left / MINUTE)} min`;
  return `another ${Math.ceil(left / SECOND)} s`;
}
