import { expect, test } from 'vitest';
import { csvOf } from './csvOf.ts';

test('cells keep their commas, quotes and lines, and no cell is a formula', () => {
  const address = csvOf(
    ['who', 'what'],
    [
      ['王芳', 'a, "b"\nc'],
      ['=HYPERLINK("http://evil.example")', -3],
    ],
  );
  const [kind, text] = address.split(/,(.*)/s);
  expect(kind).toBe('data:text/csv;charset=utf-8');
  expect(decodeURIComponent(text!)).toBe(
    '\ufeffwho,what\r\n王芳,"a, ""b""\nc"\r\n"\'=HYPERLINK(""http://evil.example"")",-3\r\n',
  );
});
