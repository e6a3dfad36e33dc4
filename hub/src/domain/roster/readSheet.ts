import { meant, type Problem } from '@anyseat/base';
import { csvRows, type CsvRow } from '../csv.ts';
import { readTimes } from './readTimes.ts';
import { readDays, WIDTH, type Days, type Sheet } from './sheet.ts';

/** The columns of a roster; the first line of the file names those that it has, in any order. */
export const rosterColumns = [
  'site',
  'department',
  'date',
  'from',
  'to',
  'heads',
  'people',
  'timeZone',
] as const;
type ColumnName = (typeof rosterColumns)[number];

export interface Reading {
  /** For the messages. */
  file: string;
  /** Names of all sites; undefined: whatever is written is one, as in a table that was checked when it came. */
  sites: readonly string[] | undefined;
  /** Of rows that name none. */
  site?: string | undefined;
}

/** Nobody reads more of them, and one column that moved makes every row wrong. */
const MOST_PROBLEMS = 50;
const MOST_ROWS = 2_000_000;
const MOST_HEADS = 100_000;

/** All rows of a roster, or everything that is wrong with it: the first fifty, each with its line. */
export function readSheet(text: string, reading: Reading): { sheet: Sheet } | { problems: Problem[] } {
  const { file } = reading;
  const rows = csvRows(text);
  const head = rows.next();
  if (head.done) return { problems: [{ where: file, path: '', text: 'is empty' }] };
  const places = columnsOf(head.value);
  if ('problem' in places)
    return { problems: [{ where: `${file}:${head.value.line}`, path: '', text: places.problem }] };
  const packing = new Packing(reading);
  const problems: Problem[] = [];
  let wrong = 0;
  for (const row of rows) {
    const problem =
      row.cells.length > head.value.cells.length
        ? `has ${row.cells.length} columns, and the first line ${head.value.cells.length}`
        : packing.add((name) => row.cells[places[name] ?? -1] ?? '', row.line);
    if (problem === undefined) continue;
    if (++wrong <= MOST_PROBLEMS) problems.push({ where: `${file}:${row.line}`, path: '', text: problem });
  }
  if (wrong > MOST_PROBLEMS)
    problems.push({ where: file, path: '', text: `and ${wrong - MOST_PROBLEMS} more rows` });
  return wrong > 0 ? { problems } : { sheet: packing.sheet() };
}

function columnsOf({ cells }: CsvRow): Partial<Record<ColumnName, number>> | { problem: string } {
  const places: Partial<Record<ColumnName, number>> = {};
  for (const [i, written] of cells.entries()) {
    const name = rosterColumns.find((one) => one.toLowerCase() === written.toLowerCase());
    if (!name) return { problem: `there is no column “${written}”${meant(written, rosterColumns)}` };
    if (places[name] !== undefined) return { problem: `the column ${name} stands here twice` };
    places[name] = i;
  }
  if (places.heads === undefined && places.people === undefined)
    return { problem: 'has neither heads nor people: how many come, or who' };
  return places;
}

type Cells = (column: ColumnName) => string;

/** Rows as they are read, with every name once. */
class Packing {
  readonly #reading: Reading;
  readonly #known: ReadonlySet<string> | undefined;
  readonly #sites = new Names();
  readonly #departments = new Names('');
  readonly #people = new Names('');
  readonly #zones = new Names('');
  readonly #days = new Map<string, Days | { problem: string }>();
  #cells = new Int32Array(1024 * WIDTH);
  #length = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#known = reading.sites && new Set(reading.sites);
  }

  /** @returns what is wrong with it */
  add(cell: Cells, line: number): string | undefined {
    const { sites = [], site: usual } = this.#reading;
    const site = cell('site') || usual;
    if (site === undefined) return 'names no site';
    if (this.#known?.has(site) === false) return `there is no site “${site}”${meant(site, sites)}`;
    const days = this.#daysOf(cell('date'));
    if ('problem' in days) return days.problem;
    const times = readTimes(days, cell('from'), cell('to'));
    if ('problem' in times) return times.problem;
    const who = headsOf(cell('heads'), cell('people'));
    if ('problem' in who) return who.problem;
    if (times.from < 0 && who.heads > 0)
      return 'says neither from nor to; only a row of 0 heads goes without';
    const zone = cell('timeZone');
    if (zone !== '' && !this.#zones.has(zone) && !isTimeZone(zone))
      return `“${zone}” is no IANA time zone such as Asia/Shanghai`;
    const department = this.#departments.place(cell('department'));
    const common = [this.#sites.place(site), department] as const;
    const when = [this.#zones.place(zone), times.fromDay, times.toDay, times.days, times.from, times.to];
    if (this.#length / WIDTH + Math.max(1, who.people.length) > MOST_ROWS)
      return `is one of more than ${MOST_ROWS} rows`;
    if (who.people.length === 0) this.#put([...common, 0, ...when, who.heads, line]);
    for (const person of who.people)
      this.#put([...common, this.#people.place(person), ...when, who.heads, line]);
    return undefined;
  }

  sheet(): Sheet {
    return {
      sites: this.#sites.all,
      departments: this.#departments.all,
      people: this.#people.all,
      zones: this.#zones.all,
      cells: this.#cells.slice(0, this.#length),
    };
  }

  #daysOf(text: string): Days | { problem: string } {
    let days = this.#days.get(text);
    if (!days) this.#days.set(text, (days = readDays(text)));
    return days;
  }

  #put(row: readonly number[]): void {
    if (this.#length + WIDTH > this.#cells.length) {
      const larger = new Int32Array(this.#cells.length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells.set(row, this.#length);
    this.#length += WIDTH;
  }
}

class Names {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  constructor(...first: string[]) {
    for (const name of first) this.place(name);
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  place(name: string): number {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = this.all.push(name) - 1;
      this.#places.set(name, place);
    }
    return place;
  }
}

/** A head count, or people by their login names; 0 is nobody, or that these do not come. */
function headsOf(heads: string, people: string): { heads: number; people: string[] } | { problem: string } {
  const names = people.split(/[\s|]+/).filter((name) => name !== '');
  if (heads !== '' && !/^\d{1,9}$/.test(heads)) return { problem: `“${heads}” is no number of heads` };
  const number = heads === '' ? undefined : Number(heads);
  if (names.length === 0) {
    if (number === undefined) return { problem: 'says neither how many come (heads) nor who (people)' };
    if (number > MOST_HEADS) return { problem: `${number} heads are more than ${MOST_HEADS}` };
    return { heads: number, people: [] };
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return { problem: `names “${twice}” twice` };
  if (number !== undefined && number !== 0 && number !== names.length)
    return { problem: `names ${names.length} people, and says that they are ${number}` };
  return { heads: number === 0 ? 0 : 1, people: names };
}

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
