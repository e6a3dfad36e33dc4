import type { ExplainAnswer, ExplainedClause } from '@anyseat/protocol';
import { pad, shown, widthOf, wrap } from './cellText.ts';
import { tagText } from './kindTables.ts';
import type { Terminal } from './terminal.ts';

type Room = Pick<Terminal, 'paint' | 'width'>;
type Explained = ExplainAnswer['allocators'][number];

/** Why a person at a seat would get what they would get, from the person down to the desktop. */
export const explainLines = (answer: ExplainAnswer, room: Room): string[] => [
  ...judgedLines(answer, room),
  '',
  ...(answer.sessions ? wrap(alreadyHas(answer, answer.sessions), Math.max(20, room.width)) : []),
  ...wrap(outcome(answer), Math.max(20, room.width)),
  ...(answer.limits ?? []).flatMap((limit) => wrap(shown(limit), Math.max(20, room.width))),
];

const alreadyHas = (
  { person, chosen }: ExplainAnswer,
  { has, most }: { has: number; most: number },
): string =>
  `${shown(person.user)} has ${has === 1 ? 'one session' : `${has} sessions`} now; ${shown(chosen!)} lets them have ${most} at once.`;

export type Judged = Pick<ExplainAnswer, 'person' | 'seat' | 'time' | 'allocators' | 'chosen'>;

/** The person at the seat, and what every allocator made of them. */
export function judgedLines(answer: Judged, room: Room): string[] {
  const { person, seat } = answer;
  const facts = [
    ...fact('person', [`${person.displayName} (${person.user})`], room),
    ...fact('id', [person.id], room),
    ...fact('DN', [person.dn], room),
    ...fact('OU', [ouOf(person.dn)], room),
    ...fact('groups', person.groups, room),
    ...Object.entries(person.attributes).flatMap(([name, values]) => fact(name, [values.join(' · ')], room)),
    ...fact('seat', [`${seat.name}, site ${seat.site}${tagged(seat.tags)}`], room),
    ...fact('time', [`${answer.time} at the site`], room),
  ];
  return [
    ...facts,
    '',
    answer.allocators.length === 0
      ? 'There are no allocators, so there is none to ask: anyseat apply -f site.yaml'
      : room.paint('bold', 'Allocators, in the order in which they are asked:'),
    ...answer.allocators.flatMap((one, i) => allocatorLines(one, placeOf(i, answer), room)),
  ];
}

const LABEL = 12;

function fact(name: string, values: readonly string[], room: Room): string[] {
  const label = room.paint('dim', pad(shown(name), LABEL - 1));
  const texts = values.length === 0 ? ['(none)'] : values.map(shown);
  const lines = texts.flatMap((text) => wrap(text, Math.max(20, room.width - LABEL)));
  return lines.map((line, i) => (i === 0 ? `${label} ${line}` : ' '.repeat(LABEL) + line));
}

const tagged = (tags: Readonly<Record<string, string>>): string => {
  const text = tagText(tags);
  return text === '' ? '' : `, tags ${text}`;
};

/** The entry's parents: what follows the first comma that no backslash escapes (RFC 4514). */
export function ouOf(dn: string): string {
  const rest = /^(?:[^\\,]|\\.)*,(.*)$/s.exec(dn)?.[1];
  return rest === undefined || rest === '' ? '(the root)' : rest;
}

type Place = 'before' | 'chosen' | 'after';

function placeOf(i: number, { allocators, chosen }: Judged): Place {
  const at = allocators.findIndex((one) => one.allocator === chosen);
  if (i === at) return 'chosen';
  return at >= 0 && i > at ? 'after' : 'before';
}

function allocatorLines(one: Explained, place: Place, room: Room): string[] {
  const { allocator, priority, isDefault, matches, clauses } = one;
  const name = `${shown(allocator)} (${isDefault ? 'default' : `priority ${priority}`})`;
  const verdict = {
    before: 'does not match',
    chosen: 'serves',
    after: matches ? 'would match, but is not asked any more' : 'is not asked any more',
  }[place];
  const head = `  ${mark(matches, room)} ${place === 'chosen' ? room.paint('bold', name) : name}: ${verdict}`;
  const whole = isDefault && clauses.length === 0 ? ['      everybody whom no other allocator matches'] : [];
  return [head, ...whole, ...clauses.flatMap((clause) => clauseLines(clause, 6, room))];
}

const mark = (holds: boolean, { paint }: Room): string => (holds ? paint('green', '✓') : paint('red', '✗'));

const MEANS: Readonly<Record<string, string>> = {
  all: 'all of these',
  any: 'any of these',
  not: 'not this',
};

function clauseLines(clause: ExplainedClause, indent: number, room: Room): string[] {
  const { wanted, saw, parts, holds } = clause;
  const head = `${' '.repeat(indent)}${mark(holds, room)} `;
  if (parts) {
    const meaning = MEANS[clause.clause] ?? clause.clause;
    return [`${head}${meaning}:`, ...parts.flatMap((part) => clauseLines(part, indent + 4, room))];
  }
  const name = shown(clause.clause);
  const line = `${name}: wanted ${shown(wanted)}; saw ${shown(saw)}`;
  if (indent + 2 + widthOf(line) <= room.width) return [head + line];
  return [
    `${head}${name}`,
    ...hanging('wanted', shown(wanted), indent + 4, room),
    ...hanging('saw', shown(saw), indent + 4, room),
  ];
}

/** A word, and beside it a text in lines that stand below each other. */
function hanging(label: string, text: string, indent: number, { width }: Room): string[] {
  const further = indent + 7;
  const lines = wrap(text, Math.max(20, width - further));
  return lines.map(
    (line, i) => ' '.repeat(i === 0 ? indent : further) + (i === 0 ? label.padEnd(7) : '') + line,
  );
}

function outcome({ chosen, desktop, person, seat }: ExplainAnswer): string {
  const who = shown(person.user);
  if (chosen === undefined || desktop === undefined)
    return `No allocator serves ${who} at ${seat.name}: the login is refused. Add one that matches, or a default.`;
  if (desktop.because === 'queue')
    return `No desktop is ready: ${who} would wait, as number ${desktop.place} in the queue. See anyseat get pools.`;
  if (desktop.because === 'elsewhere') {
    const then = desktop.asks ? 'is asked whether to move here' : 'is told to log off there first';
    return `${who} works at seat ${desktop.seat} just now, and ${then} (secondLogin of ${shown(chosen)}).`;
  }
  const { number, server, pool, state } = desktop.desktop;
  const which = `desktop ${number}${server === undefined ? '' : ` (${shown(server)})`} of pool ${pool}`;
  switch (desktop.because) {
    case 'session':
      return `${who} would find the desktop of their live session again: ${which}, ${state}.`;
    case 'binding':
      return `${who} would get the desktop that is bound to them, to this seat or to its thin client: ${which}, ${state}.`;
    case 'ready':
      return `${who} would get ${which}: of the ready ones the one that has been ready longest.`;
    default:
      return desktop satisfies never;
  }
}
