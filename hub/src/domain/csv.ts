/** A row of a table, with the line of the file on which it begins. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/** As `csvRows`, all at once. */
export const parseCsv = (text: string): CsvRow[] => [...csvRows(text)];

/**
 * Comma-separated values (RFC 4180), as spreadsheets write them: a byte order mark, semicolons or tabs instead of commas,
 * and quotes are understood; empty lines are left out. The separator is the one that stands first in the first line.
 * Row by row: a roster of half a million lines is never whole in memory twice.
 */
export function* csvRows(text: string): Generator<CsvRow, void> {
  const separator = /[,;\t]/.exec(text.split('\n', 1)[0] ?? '')?.[0] ?? ',';
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const row: CsvRow = { line, cells: [] };
    let more = true;
    while (more) {
      const cell = readCell(text, at, separator);
      row.cells.push(cell.value);
      line += cell.lines;
      at = cell.end + 1;
      more = text[cell.end] === separator;
    }
    line++;
    if (row.cells.some((one) => one !== '')) yield row;
  }
}

/** The cell that begins here; `end` is where its separator or line break stands, or the end of the text. */
function readCell(
  text: string,
  from: number,
  separator: string,
): { value: string; end: number; lines: number } {
  let quote = from;
  while (text[quote] === ' ') quote++;
  if (text[quote] !== '"') {
    const end = endOf(text, from, separator);
    return { value: text.slice(from, end).trim(), end, lines: 0 };
  }
  let value = '';
  let start = quote + 1;
  for (;;) {
    const closing = text.indexOf('"', start);
    // A quote that nobody closes goes on to the end.
    if (closing < 0) {
      value += text.slice(start);
      return { value: value.trim(), end: text.length, lines: breaksIn(text, from, text.length) };
    }
    value += text.slice(start, closing);
    start = closing + 1;
    if (text[start] !== '"') break;
    value += '"';
    start++;
  }
  const end = endOf(text, start, separator);
  value += text.slice(start, end);
  return { value: value.trim(), end, lines: breaksIn(text, from, end) };
}

function endOf(text: string, from: number, separator: string): number {
  for (let i = from; i < text.length; i++) if (text[i] === separator || text[i] === '\n') return i;
  return text.length;
}

function breaksIn(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let i = text.indexOf('\n', from); i >= 0 && i < to; i = text.indexOf('\n', i + 1)) breaks++;
  return breaks;
}
