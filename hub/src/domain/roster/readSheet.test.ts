import { expect, test } from 'vitest';
import { readSheet, type Reading } from './readSheet.ts';
import { shiftsBetween } from './shifts.ts';
import { rowsIn } from './sheet.ts';

const reading: Reading = { file: 'r.csv', sites: ['nantong', 'shanghai'] };
const HEAD = 'site,department,date,from,to,heads,people\n';

/** What is wrong with these rows, as lines. */
const problems = (text: string, more: Partial<Reading> = {}) => {
  const read = readSheet(text, { ...reading, ...more });
  return 'problems' in read ? read.problems.map(({ where, text }) => `${where}: ${text}`) : [];
};

test('every wrong row is told with its line, and what is allowed', () => {
  const rows = [
    'nantnog,hotels,mon-fri,08:00,17:00,40,',
    ',hotels,mon-fri,08:00,17:00,40,',
    'nantong,hotels,montag,08:00,17:00,40,',
    'nantong,hotels,2026-02-30,08:00,17:00,40,',
    'nantong,hotels,mon-fri 09:00-10:00,08:00,17:00,40,',
    'nantong,hotels,mon-fri,8h,17:00,40,',
    'nantong,hotels,mon-fri,08:00,,40,',
    'nantong,hotels,mon-fri,24:00,06:00,40,',
    'nantong,hotels,mon-fri,08:00,08:00,40,',
    'nantong,hotels,mon-fri,08:00,17:00,forty,',
    'nantong,hotels,mon-fri,08:00,17:00,,',
    'nantong,hotels,mon-fri,08:00,17:00,3,anna bob',
    'nantong,hotels,mon-fri,08:00,17:00,,anna anna',
    'nantong,hotels,mon-fri,,,40,',
    'nantong,hotels,2026-11-24,2026-11-24 08:00,2026-11-24 17:00,40,',
    'nantong,hotels,,2026-11-24 08:00,17:00,40,',
    'nantong,hotels,,2026-11-24 08:00,2026-11-24 07:00,40,',
    'nantong,hotels,,2026-11-24 08:00,2026-11-26 07:00,40,',
    'nantong,hotels,,2026-11-31 08:00,2026-12-01 07:00,40,',
    'nantong,hotels,mon-fri,08:00,17:00,40,,,',
    'nantong,hotels,mon-fri,08:00,17:00,100001,',
  ];
  expect(problems(HEAD + rows.join('\n'))).toEqual([
    'r.csv:2: there is no site “nantnog”; did you mean “nantong”? There are: nantong, shanghai',
    'r.csv:3: names no site',
    'r.csv:4: “montag”: “montag” is no weekday; they are mon, tue, wed, thu, fri, sat, sun, as in mon-fri or sat,sun',
    'r.csv:5: “2026-02-30”: there is no 2026-02-30 in the calendar',
    'r.csv:6: “mon-fri 09:00-10:00” has a time in it, which stands in the columns from and to',
    'r.csv:7: “8h” in from is no time such as 08:30 or 2026-11-24 08:30',
    'r.csv:8: says no time in to',
    'r.csv:9: “24:00” in from is no time such as 08:30 or 2026-11-24 08:30',
    'r.csv:10: ends when it begins',
    'r.csv:11: “forty” is no number of heads',
    'r.csv:12: says neither how many come (heads) nor who (people)',
    'r.csv:13: names 2 people, and says that they are 3',
    'r.csv:14: names “anna” twice',
    'r.csv:15: says neither from nor to; only a row of 0 heads goes without',
    'r.csv:16: has dates in from and to, and another in date',
    'r.csv:17: has a date in one of from and to: write it in both, or in date',
    'r.csv:18: ends before it begins',
    'r.csv:19: is longer than a day',
    'r.csv:20: there is no 2026-11-31 in the calendar',
    'r.csv:21: has 9 columns, and the first line 7',
    'r.csv:22: 100001 heads are more than 100000',
  ]);
});

test.each([
  ['', ['r.csv: is empty']],
  [
    'site,departement,heads\n',
    [
      'r.csv:1: there is no column “departement”; did you mean “department”? There are: site, department, date, from, to, heads, people, timeZone',
    ],
  ],
  ['site,site,heads\n', ['r.csv:1: the column site stands here twice']],
  ['site,from,to\n', ['r.csv:1: has neither heads nor people: how many come, or who']],
  [
    'site,heads,timeZone\nnantong,0,Mars/One\n',
    ['r.csv:2: “Mars/One” is no IANA time zone such as Asia/Shanghai'],
  ],
])('a first line or a zone that is wrong is told: %j', (text, told) => {
  expect(problems(text)).toEqual(told);
});

test('of very many wrong rows the first fifty are told, and how many more there are', () => {
  const told = problems(HEAD + 'nowhere,,,,,1,\n'.repeat(80));
  expect([told.length, told.at(-1)]).toEqual([51, 'r.csv: and 30 more rows']);
});

test('columns stand in any order, a site may be the roster’s own, and dates may stand in from and to', () => {
  const text =
    'To;People;From\n2026-11-25 06:00;wang.fang li.na;2026-11-24 22:00\n2026-11-24T17:00:00;;2026-11-24T08:00:00';
  expect(problems(text, { site: 'shanghai' })).toEqual([
    'r.csv:3: says neither how many come (heads) nor who (people)',
  ]);
  const read = readSheet(text.split('\n').slice(0, 2).join('\n'), { ...reading, site: 'shanghai' });
  if ('problems' in read) throw new Error('it is good');
  expect(rowsIn(read.sheet)).toBe(2);
  const at = (time: string) => Date.parse(`2026-11-${time}+08:00`);
  expect(shiftsBetween(read.sheet, () => 'Asia/Shanghai', at('24T00:00'), at('26T00:00'))).toEqual(
    ['wang.fang', 'li.na'].map((person) => ({
      site: 'shanghai',
      department: '',
      person,
      heads: 1,
      from: at('24T22:00'),
      to: at('25T06:00'),
    })),
  );
});
