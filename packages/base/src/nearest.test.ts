import { expect, test } from 'vitest';
import { z } from 'zod';
import { allowedKeys } from './allowedKeys.ts';
import { meant, nearest } from './nearest.ts';

test.each([
  ['group', ['groups', 'ou', 'users'], 'groups'],
  ['pirority', ['priority', 'title'], 'priority'],
  ['Offce', ['office', 'training'], 'office'],
  ['ou', ['or', 'groups'], undefined],
  ['OU', ['ou', 'groups'], 'ou'],
  ['colour', ['groups', 'ou'], undefined],
  ['x', [], undefined],
  ['after', ['afterMinutes', 'warnMinutes'], 'afterMinutes'],
  ['warn', ['warnMinutes', 'warnings'], undefined],
])('%s of %j is nearest to %s', (written, known, name) => {
  expect(nearest(written, known)).toBe(name);
});

test('what somebody may have meant is named, and what there is, up to a dozen', () => {
  expect([
    meant('offce', ['office', 'lab']),
    meant('zzz', ['office', 'lab']),
    meant('zzz', []),
    meant(
      'zzzzz',
      Array.from({ length: 13 }, (_, i) => `p${i}`),
    ),
    meant(
      'pp7',
      Array.from({ length: 13 }, (_, i) => `p${i}`),
    ),
  ]).toEqual([
    '; did you mean “office”? There are: office, lab',
    '. There are: office, lab',
    '',
    '. There are: p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, … (13 in all)',
    '; did you mean “p7”?',
  ]);
});

test('the names that may stand at a place are read off the schema, through whatever is wrapped around it', () => {
  const tree: z.ZodType = z.strictObject({
    leaf: z.string().optional(),
    get branches() {
      return z.array(tree).optional();
    },
  });
  const schema = z.strictObject({
    trees: z
      .record(
        z.string(),
        tree.refine(() => true),
      )
      .default({}),
    either: z.union([z.strictObject({ a: z.int() }), z.strictObject({ b: z.int() })]).optional(),
  });
  expect([
    allowedKeys(schema, []),
    allowedKeys(schema, ['trees', 'oak', 'branches', 3]),
    allowedKeys(schema, ['either']),
    allowedKeys(schema, ['trees', 'oak', 'leaf', 'nothing']),
  ]).toEqual([['trees', 'either'], ['leaf', 'branches'], ['a', 'b'], []]);
});
