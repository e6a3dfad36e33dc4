import { expect, test } from 'vitest';
import { widthOf } from './cellText.ts';
import { layOut, type Column } from './table.ts';
import type { Paint } from './terminal.ts';

interface Seat {
  id: string;
  label: string;
  n: number;
  note?: string;
  more?: string;
}

const columns: Column<Seat>[] = [
  { head: 'ID', cell: (s) => s.id },
  { head: 'LABEL', cell: (s) => s.label, least: 6 },
  { head: 'N', align: 'right', cell: (s) => String(s.n), style: (s) => (s.n > 9 ? 'red' : undefined) },
  { head: 'NOTE', cell: (s) => s.note, least: 5, spare: 2 },
  { head: 'MORE', cell: (s) => s.more, spare: 1 },
];
const rows: Seat[] = [
  { id: 'nt-1', label: '南通呼叫中心', n: 7, note: 'by the window', more: 'x1' },
  { id: 'sh-22', label: 'SH', n: 12 },
];
const plain: Paint = (_style, text) => text;
const at = (width: number, all: readonly Seat[] = rows) => layOut(columns, all, { width, paint: plain });

test('columns stand below their heads whatever the script, and an empty cell is a dash', () => {
  expect(at(Infinity)).toEqual({
    lines: [
      'ID     LABEL          N  NOTE           MORE',
      'nt-1   南通呼叫中心   7  by the window  x1',
      'sh-22  SH            12  -              -',
    ],
    leftOut: [],
  });
});

test('a narrow terminal first does without what can be spared, then cuts texts, and never an id', () => {
  expect(at(38)).toEqual({
    lines: [
      'ID     LABEL        N  NOTE       MORE',
      'nt-1   南通呼叫…    7  by the w…  x1',
      'sh-22  SH          12  -          -',
    ],
    leftOut: [],
  });
  expect(at(26)).toEqual({
    lines: ['ID     LABEL     N  NOTE', 'nt-1   南通呼…   7  by th…', 'sh-22  SH       12  -'],
    leftOut: ['more'],
  });
  expect(at(19).leftOut).toEqual(['note', 'more']);
  expect(at(3).lines[1]).toMatch(/^nt-1 /);
});

test('no line is wider than the terminal where the ids leave room', () => {
  for (let width = 17; width < 60; width++) {
    expect(Math.max(...at(width).lines.map(widthOf))).toBeLessThanOrEqual(width);
  }
});

test('a column that can be spared and has nothing in it is not shown, and not missed', () => {
  expect(at(Infinity, [rows[1]!])).toEqual({ lines: ['ID     LABEL   N', 'sh-22  SH     12'], leftOut: [] });
});

test('colour goes around the text alone and moves nothing', () => {
  const marked: Paint = (style, text) => `<${style}>${text}</>`;
  const { lines } = layOut(columns.slice(0, 3), [rows[1]!], { width: Infinity, paint: marked });
  expect(lines).toEqual(['<dim>ID</>     <dim>LABEL</>   <dim>N</>', 'sh-22  SH     <red>12</>']);
});
