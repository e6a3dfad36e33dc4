import type { WhatifAnswer, WhatifChange } from '@anyseat/protocol';
import { shown, wrap } from './cellText.ts';
import { count, moment } from './formats.ts';
import type { Terminal } from './terminal.ts';

type Room = Pick<Terminal, 'paint' | 'width' | 'timeZone'>;

const MOST = 10;

/** Who would get something else by other rules, by what they get now and what they would get. */
export function whatifLines(answer: WhatifAnswer, room: Room, whole: boolean): string[] {
  const { days, logins, people, changed, changes } = answer;
  const looked = `${count(logins, 'login')} of ${count(people, 'person', 'people')} in the last ${count(days, 'day')}`;
  if (logins === 0) return [`There were no logins in the last ${count(days, 'day')} to try the rules on.`];
  if (changed === 0) return [`Nobody would get anything else: ${looked} come out the same.`];
  const most = [...changes].sort((a, b) => b.people - a.people || b.logins - a.logins);
  return [
    ...most.flatMap((change) => [...changeLines(change, room, whole ? Infinity : MOST), '']),
    ...wrap(
      `${changed} of ${looked} would come out differently. Nothing was changed.`,
      Math.max(20, room.width),
    ),
  ];
}

function changeLines({ from, to, people, logins, who }: WhatifChange, room: Room, most: number): string[] {
  const named = who.slice(0, most);
  const head = `${count(people, 'person', 'people')}, ${count(logins, 'login')}`;
  return [
    room.paint('bold', head),
    `    now   ${shown(from)}`,
    `    then  ${shown(to)}`,
    ...named.map(
      ({ user, displayName, seat, at }) =>
        `      ${shown(user)} (${shown(displayName)}) at ${seat}, ${moment(at, room.timeZone)}`,
    ),
    ...(people > named.length ? [`      and ${people - named.length} more`] : []),
  ];
}
