import type { ApplyAnswer, ResourceDiff } from '@anyseat/protocol';
import { shown, widthOf, wrap } from './cellText.ts';
import { count } from './formats.ts';
import type { Style, Terminal } from './terminal.ts';

const MARK: Record<ResourceDiff['action'], { sign: string; style: Style }> = {
  create: { sign: '+', style: 'green' },
  change: { sign: '~', style: 'yellow' },
  delete: { sign: '-', style: 'red' },
};
const INDENT = '    ';

/**
 * What an apply changed or would change, one resource a line with its fields below, and the sum.
 * @param options.most so many resources that are created or deleted are named a kind, without their fields; Infinity: all, with them
 */
export function changeLines(
  answer: ApplyAnswer,
  { terminal, most, dryRun }: { terminal: Pick<Terminal, 'paint' | 'width'>; most: number; dryRun: boolean },
): string[] {
  const named = new Map<string, number>();
  const lines: string[] = [];
  for (const change of answer.changes) {
    const group = `${change.action} ${change.kind}`;
    const nth = (named.get(group) ?? 0) + 1;
    named.set(group, nth);
    if (change.action === 'change') lines.push(...oneChange(change, terminal, true));
    else if (nth <= most) lines.push(...oneChange(change, terminal, most === Infinity));
    else if (nth === most + 1) lines.push(restOf(change, answer.changes, most, terminal));
  }
  return [...lines, sum(answer, dryRun)];
}

function oneChange(
  { kind, name, action, lines }: ResourceDiff,
  { paint, width }: Pick<Terminal, 'paint' | 'width'>,
  withFields: boolean,
): string[] {
  const { sign, style } = MARK[action];
  const head = paint(style, `${sign} ${kind}/${name}`);
  if (!withFields) return [head];
  const fields = lines.flatMap((line) => wrap(shown(line), Math.max(20, width - widthOf(INDENT))));
  return [head, ...fields.map((line) => INDENT + line)];
}

function restOf(
  { kind, action }: ResourceDiff,
  all: readonly ResourceDiff[],
  most: number,
  { paint }: Pick<Terminal, 'paint'>,
): string {
  const { sign, style } = MARK[action];
  const rest = all.filter((other) => other.kind === kind && other.action === action).length - most;
  return paint(style, `${sign} ${rest} more ${kind}`);
}

function sum({ changes, unchanged }: ApplyAnswer, dryRun: boolean): string {
  const of = (action: ResourceDiff['action']) => changes.filter((change) => change.action === action).length;
  const parts = [
    [of('create'), dryRun ? 'to create' : 'created'],
    [of('change'), dryRun ? 'to change' : 'changed'],
    [of('delete'), dryRun ? 'to delete' : 'deleted'],
  ].filter(([n]) => n !== 0);
  if (parts.length === 0) return `Nothing to change: ${count(unchanged, 'resource')} as the file says.`;
  const same = unchanged > 0 ? `, ${unchanged} unchanged` : '';
  return `${parts.map(([n, what]) => `${n} ${what}`).join(', ')}${same}${dryRun ? '. Nothing was changed.' : '.'}`;
}

/** Most likely slips, on standard error: nothing is refused for them. */
export function sayNotes(
  { notes = [] }: ApplyAnswer,
  { terminal }: { terminal: Pick<Terminal, 'err'> },
): void {
  for (const { where, path, text } of notes)
    terminal.err(shown(`${where}: ${path}: ${text} (is it a slip?)`));
}
