import { expect, test } from 'vitest';
import { cpioArchive } from './cpio.ts';

test('an archive holds each entry with its mode and bytes, on boundaries of four', () => {
  const archive = cpioArchive([
    { path: 'bin', kind: 'directory' },
    { path: 'bin/sh', kind: 'program', content: Buffer.from('#!') },
    { path: 'Ünlü', kind: 'file', content: Buffer.from('four') },
  ]);
  expect(read(archive)).toEqual([
    { path: 'bin', mode: 0o40755, content: '' },
    { path: 'bin/sh', mode: 0o100755, content: '#!' },
    { path: 'Ünlü', mode: 0o100644, content: 'four' },
    { path: 'TRAILER!!!', mode: 0, content: '' },
  ]);
});

test('the same entries give the same bytes', () => {
  const entries = [{ path: 'a', kind: 'file', content: Buffer.from('a') } as const];
  expect(cpioArchive(entries)).toEqual(cpioArchive(entries));
});

function read(archive: Buffer) {
  const entries = [];
  for (let at = 0; at < archive.length;) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (n: number) => parseInt(archive.toString('latin1', at + 6 + 8 * n, at + 14 + 8 * n), 16);
    const path = at + 110;
    const content = (path + field(11) + 3) & ~3;
    const end = content + field(6);
    entries.push({
      path: archive.toString('utf8', path, path + field(11) - 1),
      mode: field(1),
      content: archive.toString('utf8', content, end),
    });
    at = (end + 3) & ~3;
  }
  return entries;
}
