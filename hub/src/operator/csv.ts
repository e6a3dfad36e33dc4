/** A row of a table, with the line of the file on which it begins. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/**
 * Comma-separated values (RFC 4180), as spreadsheets write them: a byte order mark, semicolons or tabs instead of commas,
 * and quotes are understood; empty lines are left out. The separator is the one that stands first in the first line.
 */
export function parseCsv(text: string): CsvRow[] {
  const whole = text.replace(/^\uFEFF/, '');
  const separator = /[,;\t]/.exec(whole.split('\n', 1)[0] ?? '')?.[0] ?? ',';
  const rows: CsvRow[] = [];
  let line = 1;
  let row: CsvRow = { line, cells: [] };
  let cell = '';
  let quoted = false;
  const endCell = () => {
    row.cells.push(cell.trim());
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.cells.some((one) => one !== '')) rows.push(row);
    row = { line: line + 1, cells: [] };
  };
  for (let i = 0; i < whole.length; i++) {
    const c = whole[i]!;
    if (quoted) {
      if (c === '"' && whole[i + 1] === '"') cell += whole[++i];
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (c === separator) endCell();
    else if (c === '\n') endRow();
    else cell += c;
    if (c === '\n') line++;
  }
  endRow();
  return rows;
}
