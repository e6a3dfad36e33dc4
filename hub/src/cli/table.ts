import { cut, pad, shown, widthOf } from './cellText.ts';
import type { Paint, Style, Terminal } from './terminal.ts';

/** One column of a table for people. */
export interface Column<Row> {
  head: string;
  /** What stands in the cell; undefined for nothing. */
  cell: (row: Row) => string | undefined;
  align?: 'left' | 'right';
  /** Down to so many columns of the terminal the text may be cut. Without it, never: ids are copied. */
  least?: number;
  /** Left out for lack of room, 1 first; and when no row has anything in it. Without it, never. */
  spare?: number;
  style?: (row: Row) => Style | undefined;
}

/** Shows rows as a table, and says below it what had no room. */
export function sayTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { terminal, wide, say }: { terminal: Terminal; wide: boolean; say: (line: string) => void },
): void {
  const { width, paint } = terminal;
  const { lines, leftOut } = layOut(columns, rows, { width: wide ? Infinity : width, paint });
  lines.forEach(say);
  if (leftOut.length > 0)
    say(paint('dim', cut(`(no room for ${leftOut.join(', ')}: --wide shows all)`, width)));
}

const GAP = 2;
const NOTHING = '-';

/**
 * Lays rows out under their heads, in so many columns of the terminal. First columns that can be spared are left out,
 * then long texts are cut; ids never are, so that a very narrow terminal breaks the line instead.
 */
export function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  room: { width: number; paint: Paint },
): { lines: string[]; leftOut: string[] } {
  const filled = columns
    .map((column) => ({ column, texts: rows.map((row) => shown(column.cell(row) ?? '')) }))
    .filter(({ column, texts }) => column.spare === undefined || texts.some((text) => text !== ''))
    .map((one) => ({ ...one, natural: Math.max(widthOf(one.column.head), ...one.texts.map(widthOf)) }));
  const kept = withoutSpare(filled, room.width);
  const widths = widthsFor(kept, room.width);

  const lineOf = (cells: readonly string[], styles: readonly (Style | undefined)[]) =>
    cells
      .map((cell, i) => {
        const width = widths[i]!;
        const text = cut(cell, width);
        const isLast = i === cells.length - 1;
        const { align } = kept[i]!.column;
        const space = isLast && align !== 'right' ? text : pad(text, width, align);
        const style = styles[i];
        return style === undefined ? space : space.replace(text, () => room.paint(style, text));
      })
      .join(' '.repeat(GAP))
      .trimEnd();

  const heads = lineOf(
    kept.map(({ column }) => column.head),
    kept.map(() => 'dim'),
  );
  const lines = rows.map((row, at) =>
    lineOf(
      kept.map(({ texts }) => texts[at]! || NOTHING),
      kept.map(({ column, texts }) => (texts[at] ? column.style?.(row) : 'dim')),
    ),
  );
  const leftOut = filled.filter((one) => !kept.includes(one)).map(({ column }) => column.head.toLowerCase());
  return { lines: [heads, ...lines], leftOut };
}

interface Filled {
  column: { least?: number; spare?: number };
  natural: number;
}

const leastOf = ({ column, natural }: Filled): number =>
  column.least === undefined ? natural : Math.min(natural, column.least);

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function withoutSpare<F extends Filled>(all: readonly F[], width: number): F[] {
  const kept = [...all];
  const fits = () => sum(kept.map(leastOf)) + GAP * (kept.length - 1) <= width;
  while (!fits()) {
    const next = kept
      .filter(({ column }) => column.spare !== undefined)
      .sort((a, b) => a.column.spare! - b.column.spare!)[0];
    if (!next) break;
    kept.splice(kept.indexOf(next), 1);
  }
  return kept;
}

/** Every column at least its least; what room is left goes to those that want more, evenly. */
function widthsFor(columns: readonly Filled[], width: number): number[] {
  const widths = columns.map(leastOf);
  let left = width - sum(widths) - GAP * (columns.length - 1);
  if (left === Infinity) return columns.map(({ natural }) => natural);
  for (;;) {
    const wanting = columns.flatMap(({ natural }, i) => (widths[i]! < natural ? [i] : []));
    if (left <= 0 || wanting.length === 0) return widths;
    const share = Math.max(1, Math.floor(left / wanting.length));
    for (const i of wanting) {
      const more = Math.min(share, columns[i]!.natural - widths[i]!, left);
      widths[i]! += more;
      left -= more;
    }
  }
}
