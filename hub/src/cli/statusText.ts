import type { StatusAnswer, Warning } from '@anyseat/protocol';
import { pad, shown, widthOf, wrap } from './cellText.ts';
import { age, count } from './formats.ts';
import { tableOf } from './kindTables.ts';
import { layOut } from './table.ts';
import type { Style, Terminal } from './terminal.ts';

type Room = Pick<Terminal, 'paint' | 'width' | 'now' | 'timeZone'>;

/** The hub at a glance: what it stands on, who is there, its pools, and what an operator may care about. */
export function statusLines(status: StatusAnswer, room: Room): string[] {
  const { hub, store, directories, clouds } = status;
  const { paint } = room;
  return [
    `${paint('bold', `Anyseat ${status.version}`)}, hub “${shown(hub.name)}”, up ${age(hub.upMs)}, start ${hub.run} of ${status.installation}`,
    '',
    ...health('store', store, room),
    ...directories.flatMap((one) => health('directory', { ...one, text: named(one) }, room)),
    ...clouds.flatMap((one) => health('cloud', { ...one, text: named(one) }, room)),
    ...line('seats', seatText(status), room),
    ...line('sessions', sessionText(status), room),
    ...poolLines(status, room),
    ...warningLines(status.warnings, room),
  ];
}

const LABEL = 11;

function line(label: string, text: string, { paint, width }: Room, wide = LABEL): string[] {
  const lines = wrap(shown(text), Math.max(20, width - wide));
  return lines.map((one, i) => (i === 0 ? paint('dim', pad(label, wide)) : ' '.repeat(wide)) + one);
}

function health(label: string, { ok, text }: { ok: boolean; text: string }, room: Room): string[] {
  const [first = '', ...rest] = line(label, `✓ ${text}`, room);
  const mark = ok ? room.paint('green', '✓') : room.paint('red', '✗');
  return [first.replace('✓', mark), ...rest];
}

/** Some texts begin with the name already. */
const named = ({ name, text }: { name: string; text: string }): string =>
  text.replace(/^(directory|cloud) /, '').startsWith(`${name}:`)
    ? text.replace(/^(directory|cloud) /, '')
    : `${name}: ${text}`;

function seatText({ seats, tcs }: StatusAnswer): string {
  const parts = [`${seats}, with ${count(tcs.enrolled, 'thin client')}, ${tcs.online} online`];
  if (tcs.pending > 0)
    parts.push(
      `${tcs.pending} more ${tcs.pending === 1 ? 'waits' : 'wait'} for approval: anyseat get tcs --state pending`,
    );
  return parts.join('; ');
}

function sessionText({ sessions, waiting }: StatusAnswer): string {
  const states = Object.entries(sessions).filter(([, n]) => n > 0);
  const all = states.reduce((sum, [, n]) => sum + n, 0);
  const queue = waiting > 0 ? `; ${count(waiting, 'person', 'people')} in the queue` : '';
  if (all === 0) return `none${queue}`;
  return `${all}: ${states.map(([state, n]) => `${n} ${state}`).join(', ')}${queue}`;
}

/** The numbers as a table; what a pool is busy with in whole sentences, because that is what status is asked for. */
function poolLines({ pools }: StatusAnswer, room: Room): string[] {
  if (pools.length === 0) return [];
  const columns = tableOf.pools({ now: room.now(), timeZone: room.timeZone });
  const numbers = columns.filter((column) => column.head !== 'WHAT IT DOES' && column.head !== 'CLOUD');
  const busy = pools.filter((pool) => pool.words !== 'full');
  const wide = Math.max(LABEL, ...busy.map((pool) => widthOf(pool.name) + 2));
  return [
    '',
    ...layOut(numbers, pools, room).lines,
    ...(busy.length > 0 ? [''] : []),
    ...busy.flatMap((pool) => line(pool.name, pool.words, room, wide)),
  ];
}

const MARK: Record<Warning['severity'], { sign: string; style: Style }> = {
  info: { sign: 'i', style: 'cyan' },
  warning: { sign: '!', style: 'yellow' },
  error: { sign: '✗', style: 'red' },
};
const GRAVITY = ['error', 'warning', 'info'] as const;

function warningLines(warnings: readonly Warning[], { paint, width }: Room): string[] {
  if (warnings.length === 0) return [];
  const sorted = [...warnings].sort((a, b) => GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity));
  return [
    '',
    ...sorted.flatMap(({ severity, text }) => {
      const { sign, style } = MARK[severity];
      const lines = wrap(shown(text), Math.max(20, width - 2));
      return lines.map((one, i) => `${i === 0 ? paint(style, sign) : ' '} ${one}`);
    }),
  ];
}
