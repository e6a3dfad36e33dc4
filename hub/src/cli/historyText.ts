import type { HistoryAnswer } from '@anyseat/protocol';
import { shown, widthOf, wrap } from './cellText.ts';
import { moment } from './formats.ts';
import type { Terminal } from './terminal.ts';

type Room = Pick<Terminal, 'paint' | 'width' | 'timeZone'>;

const INDENT = '    ';
const MOST_NAMED = 12;

/** What was changed when and by whom, the newest first. */
export function historyLines({ changes = [], revisions = [] }: HistoryAnswer, room: Room): string[] {
  const below = (text: string) =>
    wrap(shown(text), Math.max(20, room.width - widthOf(INDENT))).map((line) => INDENT + line);
  const head = (what: string, at: number, author: string) =>
    room.paint('bold', `${what}  ${moment(at, room.timeZone)}  ${shown(author)}`);
  return [
    ...changes.flatMap(({ number, at, author, resources }) => {
      const names = resources.map(
        (r) => `${r.deleted ? '- ' : ''}${r.kind}/${r.name} revision ${r.revision}`,
      );
      const more = names.length > MOST_NAMED ? [`and ${names.length - MOST_NAMED} more`] : [];
      return [
        head(`change ${number}`, at, author),
        ...[...names.slice(0, MOST_NAMED), ...more].flatMap(below),
      ];
    }),
    ...revisions.flatMap(({ revision, at, author, deleted, lines }) => [
      head(`revision ${revision}${deleted ? ', deleted' : ''}`, at, author),
      ...(deleted ? [] : lines.flatMap(below)),
    ]),
  ];
}
