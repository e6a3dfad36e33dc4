import type { Finished, Row } from './row.ts';
import type { Spread } from './spread.ts';

const HEAD = ['', 'measured', 'floor', 'ratio', 'goal'];

/** All rows as one table, then what explains them, and how noisy the machine was. */
export function tableOf(finished: readonly Finished[]): string {
  const cells = [HEAD, ...finished.flatMap(({ rows }) => rows.map(cellsOf))];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  const notes = finished.flatMap(({ notes }) => notes.map((note) => `· ${note}`));
  return [...lines, '', ...notes, ...finished.map(noiseOf), ''].join('\n');
}

function cellsOf(row: Row): string[] {
  return [
    row.name,
    `${spread(row.measured)} ${row.unit}`,
    `${spread(row.floor)} ${row.unit} (${row.floorIs})`,
    spread(row.ratio),
    goalOf(row),
  ];
}

function goalOf({ goal, met, unit }: Row): string {
  if (!goal) return '';
  const wanted =
    'atMost' in goal
      ? `≤ ${goal.atMost} ${unit}`
      : 'ratioAtMost' in goal
        ? `ratio ≤ ${goal.ratioAtMost}`
        : `ratio ≥ ${goal.ratioAtLeast}`;
  return `${wanted}: ${met ? 'met' : 'MISSED'}`;
}

const noiseOf = ({ benchmark, noise, tookMs }: Finished): string =>
  `· ${benchmark} took ${(tookMs / 1000).toFixed(0)} s; others used ${noise.othersCores.toFixed(2)} cores meanwhile` +
  (noise.noisy ? ': a noisy machine, believe the ratios before the figures' : '');

const spread = ({ median, min, max }: Spread): string => `${short(median)} (${short(min)}–${short(max)})`;

/** Three digits that mean something. */
function short(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}
