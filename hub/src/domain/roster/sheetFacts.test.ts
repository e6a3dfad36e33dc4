import { expect, test } from 'vitest';
import { readSheet } from './readSheet.ts';
import { emptySheet, type Sheet } from './sheet.ts';
import { diffSheets, factsOf } from './sheetFacts.ts';

function sheet(...rows: string[]): Sheet {
  const read = readSheet(['site,department,date,from,to,heads,people,timeZone', ...rows].join('\n'), {
    file: 'r',
    sites: ['nt'],
  });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.sheet;
}

const before = sheet(
  'nt,a,mon-fri,08:00,17:00,40',
  'nt,a,2026-11-24,22:00,06:00,12,,UTC',
  'nt,a,2026-12-01..2026-12-24 sat,00:00,24:00,,anna bob',
  'nt,,2026-12-25,,,0',
);

test('what a table comes to', () => {
  expect(factsOf(before)).toEqual({ rows: 5, people: 2, firstDay: '2026-11-24', lastDay: '2026-12-25' });
  expect(factsOf(sheet('nt,a,mon,08:00,17:00,1'))).toEqual({ rows: 1, people: 0 });
});

test('the difference is told by row, and heads that are others by what they were', () => {
  const after = sheet(
    'nt,a,mon-fri,08:00,17:00,45',
    'nt,a,2026-11-24,22:00,06:00,12,,UTC',
    'nt,a,2026-12-01..2026-12-24 sat,00:00,24:00,,bob',
    'nt,b,,08:00,09:00,1',
  );
  expect(diffSheets(before, after, 10)).toEqual({
    added: 1,
    gone: 2,
    same: 2,
    changed: 1,
    lines: [
      '~ nt a mon,tue,wed,thu,fri 08:00-17:00: 40 → 45',
      '+ nt b 08:00-09:00: 1',
      '- nt a 2026-12-01..2026-12-24 sat 00:00-24:00 anna: 1',
      '- nt 2026-12-25: 0',
    ],
  });
  expect(diffSheets(before, after, 1).lines).toHaveLength(1);
});

test('of a first table all is new', () => {
  expect(diffSheets(emptySheet, before, 2)).toEqual({
    added: 5,
    gone: 0,
    same: 0,
    changed: 0,
    lines: ['+ nt a mon,tue,wed,thu,fri 08:00-17:00: 40', '+ nt a 2026-11-24 22:00-06:00 UTC: 12'],
  });
});
