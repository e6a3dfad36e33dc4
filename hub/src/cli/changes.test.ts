import { expect, test } from 'vitest';
import type { ApplyAnswer, ResourceDiff } from '@anyseat/protocol';
import { changeLines } from './changes.ts';

const seat = (n: number): ResourceDiff => ({
  kind: 'seats',
  name: `nt-${n}`,
  action: 'create',
  lines: ['site: + "nantong"'],
  was: 0,
});
const answer: ApplyAnswer = {
  changes: [
    seat(1),
    seat(2),
    seat(3),
    {
      kind: 'pools',
      name: 'office',
      action: 'change',
      lines: ['floor: 3 → 5', 'title: "旧" → "新"'],
      was: 1,
    },
    { kind: 'allocators', name: 'old', action: 'delete', lines: ['title: - "Old"'], was: 1 },
  ],
  unchanged: 7,
  applied: true,
};
const terminal = { width: Infinity, paint: (_style: string, text: string) => text };

test('apply names what it did, the fields of what changed, and of many the first ones', () => {
  expect(changeLines(answer, { terminal, most: 2, dryRun: false })).toEqual([
    '+ seats/nt-1',
    '+ seats/nt-2',
    '+ 1 more seats',
    '~ pools/office',
    '    floor: 3 → 5',
    '    title: "旧" → "新"',
    '- allocators/old',
    '3 created, 1 changed, 1 deleted, 7 unchanged.',
  ]);
});

test('diff tells every field of everything, and that nothing was changed', () => {
  expect(changeLines(answer, { terminal, most: Infinity, dryRun: true })).toEqual([
    ...[1, 2, 3].flatMap((n) => [`+ seats/nt-${n}`, '    site: + "nantong"']),
    '~ pools/office',
    '    floor: 3 → 5',
    '    title: "旧" → "新"',
    '- allocators/old',
    '    title: - "Old"',
    '3 to create, 1 to change, 1 to delete, 7 unchanged. Nothing was changed.',
  ]);
});

test('no difference is said as that', () => {
  expect(
    changeLines({ changes: [], unchanged: 1, applied: false }, { terminal, most: 10, dryRun: false }),
  ).toEqual(['Nothing to change: 1 resource as the file says.']);
});
