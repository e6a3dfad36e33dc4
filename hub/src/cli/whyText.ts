import type { WhyAnswer } from '@anyseat/protocol';
import { shown, wrap } from './cellText.ts';
import { judgedLines } from './explainText.ts';
import { moment } from './formats.ts';
import type { Terminal } from './terminal.ts';

type Room = Pick<Terminal, 'paint' | 'width' | 'timeZone'>;

/** Why a login of the past went as it did. */
export function whyLines(answer: WhyAnswer, room: Room): string[] {
  const { session, at, change } = answer;
  const head = `The login of ${shown(session.user)} at ${moment(at, room.timeZone)}, by the rules as they stood after change ${change}:`;
  return [
    ...wrap(head, Math.max(20, room.width)),
    '',
    ...judgedLines(answer, room),
    '',
    ...wrap(outcome(answer), Math.max(20, room.width)),
  ];
}

const CAME: Readonly<Record<WhyAnswer['outcome'], string>> = {
  new: 'had a desktop ready that nobody had used, and gave it',
  bound: 'gave the desktop that was bound already',
  queue: 'had none ready, so the person waited in the queue',
  unusable: 'found the bound desktop switched off or silent, and it was waited for',
};

function outcome({ outcome: how, chosen, pools, desktop, session, end }: WhyAnswer): string {
  const served = `${shown(chosen ?? 'no allocator')} served from ${pools.map(shown).join(', ')}: it ${CAME[how]}.`;
  const which = desktop
    ? ` ${session.state === 'ended' ? 'The last desktop was' : 'The desktop is'} ${desktop.number}${desktop.server === undefined ? '' : ` (${shown(desktop.server)})`} of pool ${desktop.pool}.`
    : '';
  return `${served}${which}${end === undefined ? '' : ` The session is over: ${end}.`}`;
}
