import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, 'root');

test.each(['init', 'desktop', 'etc/acpi/PWRF/00000080'])(
  '%s is a shell script without errors of syntax',
  (file) => {
    expect(() => execFileSync('sh', ['-n', join(root, file)])).not.toThrow();
  },
);

test('the font has five rows of one width for every letter of a host name', () => {
  const glyphs = new Map(
    readFileSync(join(root, 'font'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => [line[0], line.slice(2).split(' ')]),
  );
  for (const letter of 'abcdefghijklmnopqrstuvwxyz0123456789-._') {
    const rows = glyphs.get(letter);
    expect([letter, rows?.length, new Set(rows?.map((row) => row.length)).size]).toEqual([letter, 5, 1]);
    expect(rows?.join('')).toMatch(/^[.#]+$/);
  }
});
