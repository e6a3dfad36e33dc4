import { SECOND } from '@anyseat/base';
import type { DrainView, HostView } from '@anyseat/protocol';
import { BELIEVED_AFTER } from '../domain/drain.ts';
import type { DrainReport } from '../reconcile/drains.ts';

/** What its drain is busy with, where it has one. */
type Busy = Partial<DrainReport> & { now: number };

/** What is done with a host, who is left there, and what happens next and when; empty for one that is up. */
export function hostWords({ state, desktops, inUse, drain }: Omit<HostView, 'words'>, busy: Busy): string {
  if (drain) return drainWords(drain, state, busy);
  switch (state) {
    case 'disabled':
      return `disabled in the cloud: it is given nothing new. ${staying(desktops, inUse)}`;
    case 'down':
      return `looks down: what is ready there is not handed out, others are made in its place. ${inUse} in use stay with their people: they are moved only when their seats lose the picture, too`;
    case 'unknown':
      return 'the cloud does not tell how it is: its desktops are handed out';
    default:
      return '';
  }
}

const staying = (desktops: number, inUse: number): string =>
  desktops === 0
    ? 'Nothing of ours is there'
    : `${desktops - inUse} leave a few at a time; ${inUse} in use or somebody’s own: pooled ones leave when their people log off, the others stay`;

function drainWords(drain: DrainView, state: HostView['state'], busy: Busy): string {
  const { left, by, reason, at } = drain;
  const { now } = busy;
  const all = Object.values(left).reduce((sum, n) => sum + n, 0);
  const isEnabled = state === 'up' && now - at > BELIEVED_AFTER;
  const begin = `drained by ${by}: ${reason}${isEnabled ? '; but the cloud has it enabled, so its desktops are handed out and new ones come: drain it again, or resume it' : ''}`;
  if (all === 0) return `${begin}. Nothing of ours is there any more: it can be switched off`;
  const parts = [
    says(left.goes, (n) => `${n} that nobody is on go a few at a time, while the floor holds`),
    says(left['at-log-off'], (n) => `${n} in use until their people log off`),
    says(left.moves, (n) => moved(n, busy)),
    says(left['seat-first'], (n) => `${n} are moved when their seats are connected and have the picture`),
    says(left.belongs, (n) => `${n} belong to somebody and stay (--move-bound replaces them)`),
    says(left.kept, (n) => `${n} in quarantine until an operator lets them go (anyseat desktop retire)`),
  ];
  return `${begin}. ${all} left: ${parts.filter((part) => part !== '').join('; ')}`;
}

function moved(n: number, { moving = 0, nextAt, held, now }: Busy): string {
  const what = `${n} to be replaced`;
  if (held !== undefined) return `${what}, none just now: ${held}`;
  if (nextAt === undefined) return `${what}, as soon as those before them have their pictures`;
  const seconds = Math.max(0, Math.ceil((nextAt - now) / SECOND));
  return `${what}, ${moving} of them told by now; the next goes ${seconds > 0 ? `in ${seconds} s` : 'now'}`;
}

const says = (n: number, words: (n: number) => string): string => (n > 0 ? words(n) : '');
