import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigFault, checkConfig, parseYaml } from './loadConfig.ts';

const schema = z
  .strictObject({
    names: z.array(z.string().min(1)).min(1).optional(),
    parts: z.array(z.strictObject({ a: z.int() })).optional(),
    afterMinutes: z.int().min(1).max(60).optional(),
    label: z.string().max(5).optional(),
    tags: z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)])).optional(),
    action: z.enum(['lock', 'logOff']).optional(),
    inner: z.strictObject({ usb: z.boolean().optional(), audio: z.boolean().optional() }).optional(),
  })
  .refine(({ names }) => names !== undefined, 'says nothing');

/** What is said of this text, without its places. */
function said(text: string): string[] {
  try {
    checkConfig(schema, parseYaml(text, 'x.yaml'), 'x.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    return error.problems.map(({ path, text: what }) => `${path}: ${what}`);
  }
}

test.each([
  ['names: ou=Sales,dc=call', "names: has to be a list: write ['ou=Sales,dc=call']"],
  ['names: one', 'names: has to be a list: write [one]'],
  ['{ names: [a], parts: { a: 1 } }', 'parts: has to be a list: write [{ … }], or “- ” before it'],
  ['names: []', 'names: is empty: write at least one, or leave it out'],
  ["names: ['']", 'names[0]: is empty'],
  ['{ names: [a], afterMinutes: 5m }', 'afterMinutes: has to be a number of minutes, such as 10'],
  ['{ names: [a], afterMinutes: 0 }', 'afterMinutes: has to be 1 or more'],
  ['{ names: [a], afterMinutes: 61 }', 'afterMinutes: has to be 60 or less'],
  ['{ names: [a], label: longer }', 'label: has to have 5 characters at most'],
  ['{ names: [a], label: 7 }', "label: has to be a text: put it into quotes, '7'"],
  ['{ names: [a], tags: { row: 1 } }', "tags.row: has to be a text: put it into quotes, '1'"],
  ['{ names: [a], tags: { row: [1] } }', "tags.row: has to be a text: put it into quotes, '1'"],
  [
    '{ names: [a], tags: [x] }',
    'tags: has to be a mapping, such as { name: value }: without brackets, or the “- ” before it',
  ],
  ['{ names: [a], action: logoff }', 'action: has to be one of lock, logOff; did you mean “logOff”?'],
  ['{ names: [a], action: sleep }', 'action: has to be one of lock, logOff'],
  ['{ names: [a], inner: on }', 'inner: has to be a mapping, with any of: usb, audio'],
  [
    'name: [a]',
    'name: no such setting; did you mean “names”? Known here: names, parts, afterMinutes, label, tags, action, inner',
  ],
])('%s: %s', (text, sentence) => {
  expect(said(text)).toEqual([sentence]);
});

test('a tab, a line that stands askew and a name that stands twice are told in words', () => {
  expect(
    [said('names:\n\t- a'), said('names:\n    - a\n  label: b'), said('label: a\nlabel: b')].map(
      ([one]) => one,
    ),
  ).toEqual([
    ': is indented with a tab: YAML takes blanks only',
    ': does not stand below the lines that it belongs to: indent it as they are',
    ': this name stands here for the second time; each may stand once',
  ]);
});
