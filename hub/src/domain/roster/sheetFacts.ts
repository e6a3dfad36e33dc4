import { weekdays } from '@anyseat/protocol';
import { dateOf, EVERY_DAY, exactness, field, rowsIn, WIDTH, type Sheet } from './sheet.ts';

/** What a table comes to, for whoever looks at it. */
export interface SheetFacts {
  rows: number;
  people: number;
  /** The days that its rows with dates cover. */
  firstDay?: string;
  lastDay?: string;
}

export function factsOf(sheet: Sheet): SheetFacts {
  let [first, last] = [Infinity, -Infinity];
  const { cells } = sheet;
  for (let row = 0; row < cells.length; row += WIDTH) {
    if (exactness(cells, row) === 0) continue;
    first = Math.min(first, cells[row + field.fromDay]!);
    last = Math.max(last, cells[row + field.toDay]!);
  }
  const days = first <= last ? { firstDay: dateOf(first), lastDay: dateOf(last) } : {};
  return { rows: rowsIn(sheet), people: sheet.people.length - 1, ...days };
}

/** How one table differs from the one before. */
export interface SheetDiff {
  /** Rows that are only in the new one, only in the old one, in both, and in both with other heads. */
  added: number;
  gone: number;
  same: number;
  changed: number;
  /** `+`, `-` or `~` and the row, the first of them. */
  lines: string[];
}

/** @param most lines */
export function diffSheets(before: Sheet, after: Sheet, most: number): SheetDiff {
  if (rowsIn(before) === 0) return firstOnes(after, most);
  const [was, is] = [headsByRow(before), headsByRow(after)];
  const diff: SheetDiff = { added: 0, gone: 0, same: 0, changed: 0, lines: [] };
  const say = (line: string) => {
    if (diff.lines.length < most) diff.lines.push(line);
  };
  for (const [row, heads] of is) {
    const old = was.get(row);
    if (old === heads) diff.same++;
    else if (old === undefined) {
      diff.added++;
      say(`+ ${row}: ${heads}`);
    } else {
      diff.changed++;
      say(`~ ${row}: ${old} → ${heads}`);
    }
  }
  for (const [row, heads] of was) {
    if (is.has(row)) continue;
    diff.gone++;
    say(`- ${row}: ${heads}`);
  }
  return diff;
}

/** Where there was nothing before, all rows are new: nothing has to be compared. */
function firstOnes(sheet: Sheet, most: number): SheetDiff {
  const rows = rowsIn(sheet);
  const lines = Array.from({ length: Math.min(rows, most) }, (_, i) => {
    const row = i * WIDTH;
    return `+ ${rowText(sheet, row)}: ${sheet.cells[row + field.heads]}`;
  });
  return { added: rows, gone: 0, same: 0, changed: 0, lines };
}

function headsByRow(sheet: Sheet): Map<string, number> {
  const heads = new Map<string, number>();
  for (let row = 0; row < sheet.cells.length; row += WIDTH) {
    const text = rowText(sheet, row);
    heads.set(text, (heads.get(text) ?? 0) + sheet.cells[row + field.heads]!);
  }
  return heads;
}

/** `nantong hotels 2026-11-24 22:00-06:00 wang.fang` */
function rowText({ cells, sites, departments, people, zones }: Sheet, row: number): string {
  const at = (name: keyof typeof field) => cells[row + field[name]]!;
  const exact = exactness(cells, row);
  const dates =
    exact === 0
      ? ''
      : exact === 2
        ? dateOf(at('fromDay'))
        : `${dateOf(at('fromDay'))}..${dateOf(at('toDay'))}`;
  const days = at('days') === EVERY_DAY ? '' : weekdays.filter((_, day) => at('days') & (1 << day)).join(',');
  const time = at('from') < 0 ? '' : `${clock(at('from'))}-${clock(at('to'))}`;
  return [
    sites[at('site')],
    departments[at('department')],
    dates,
    days,
    time,
    people[at('person')],
    zones[at('zone')],
  ]
    .filter((part) => part !== '')
    .join(' ');
}

const clock = (minute: number): string =>
  `${two(minute === 1440 ? 24 : Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
const two = (n: number): string => String(n).padStart(2, '0');
