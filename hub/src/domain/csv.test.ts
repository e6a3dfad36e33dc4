import { expect, test } from 'vitest';
import { parseCsv } from './csv.ts';

test.each<[string, string, [number, ...string[]][]]>([
  [
    'plain',
    'a,b\n1,2\n',
    [
      [1, 'a', 'b'],
      [2, '1', '2'],
    ],
  ],
  [
    'what Excel writes',
    '\uFEFFa;b\r\n1,5;2\r\n',
    [
      [1, 'a', 'b'],
      [2, '1,5', '2'],
    ],
  ],
  [
    'quotes, with lines and quotes inside',
    'a,b\n"x, ""y""\nz",2\n3,4',
    [
      [1, 'a', 'b'],
      [2, 'x, "y"\nz', '2'],
      [4, '3', '4'],
    ],
  ],
  [
    'empty lines and spaces',
    '\n a , b \n\n,\n1,',
    [
      [2, 'a', 'b'],
      [5, '1', ''],
    ],
  ],
  ['nothing', '', []],
])('%s', (_what, text, rows) => {
  expect(parseCsv(text).map(({ line, cells }) => [line, ...cells])).toEqual(rows);
});
