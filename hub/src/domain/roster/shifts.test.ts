import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '@anyseat/base';
import { epochOf } from '../epochOf.ts';
import { wallTime } from '../wallClock.ts';
import { readSheet } from './readSheet.ts';
import { arrivalsOf, expectedAt, shiftsBetween, type Shift } from './shifts.ts';
import { dateOf, dayNumber, type Sheet } from './sheet.ts';

const HEAD = 'site,department,date,from,to,heads,people,timeZone';
function sheet(...rows: string[]): Sheet {
  const read = readSheet([HEAD, ...rows].join('\n'), { file: 'r', sites: ['nt', 'ber'] });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.sheet;
}
const zones: Record<string, string> = { nt: 'Asia/Shanghai', ber: 'Europe/Berlin' };
const utc = (text: string) => Date.parse(`${text}:00Z`);
/** `site/department person heads from to`, in UTC. */
const told = ({ site, department, person, heads, from, to }: Shift) =>
  `${site}/${department} ${person ?? heads} ${new Date(from).toISOString().slice(5, 16)} ${new Date(to).toISOString().slice(5, 16)}`;
const on = (rows: Sheet, from: string, to: string) =>
  shiftsBetween(rows, (site) => zones[site], utc(from), utc(to)).map(told);
/** Of a day, by the clock in Shanghai. */
const onDay = (rows: Sheet, date: string) => {
  const from = Date.parse(`${date}T00:00:00+08:00`);
  return shiftsBetween(rows, (site) => zones[site], from, from + 24 * HOUR).map(told);
};

test('hours are those of the wall of the site, or of the zone that the row names', () => {
  const rows = sheet(
    'nt,a,2026-11-24,08:00,17:00,5',
    'ber,a,2026-11-24,08:00,17:00,6',
    'ber,b,2026-11-24,08:00,17:00,7,,UTC',
  );
  expect(on(rows, '2026-11-23T12:00', '2026-11-25T00:00')).toEqual([
    'nt/a 5 11-24T00:00 11-24T09:00',
    'ber/a 6 11-24T07:00 11-24T16:00',
    'ber/b 7 11-24T08:00 11-24T17:00',
  ]);
});

test('a night shift belongs to the day on which it begins, and is there on both', () => {
  const rows = sheet('nt,a,tue,22:00,06:00,5');
  expect(onDay(rows, '2026-11-24')).toEqual(['nt/a 5 11-24T14:00 11-24T22:00']);
  expect(onDay(rows, '2026-11-25')).toEqual(['nt/a 5 11-24T14:00 11-24T22:00']);
  expect(onDay(rows, '2026-11-26')).toEqual([]);
});

test('a night shift is an hour longer when the clocks go back, and shorter when they go forward', () => {
  const hours = (date: string) => {
    const [shift] = shiftsBetween(
      sheet('ber,a,sat,22:00,06:00,5'),
      () => zones['ber'],
      utc(`${date}T23:00`),
      utc(`${date}T23:30`),
    );
    return (shift!.to - shift!.from) / HOUR;
  };
  expect([hours('2026-10-24'), hours('2026-03-28'), hours('2026-11-21')]).toEqual([9, 7, 8]);
});

test('a shift that begins in the hour which summer time leaves out begins after it', () => {
  const eaten = (from: string, to: string) =>
    on(sheet(`ber,a,2026-03-29,${from},${to},5`), '2026-03-29T00:00', '2026-03-29T12:00');
  expect([eaten('02:00', '02:30'), eaten('02:30', '03:00')].flat()).toEqual([
    'ber/a 5 03-29T01:00 03-29T01:30',
    'ber/a 5 03-29T01:30 03-29T01:35',
  ]);
});

describe('of several rows for a day', () => {
  const rows = sheet(
    'nt,a,mon-fri,08:00,17:00,40',
    'nt,a,mon-fri,12:00,20:00,10',
    'nt,b,mon-fri,08:00,17:00,7',
    'nt,a,,08:00,17:00,,anna',
    'nt,a,2026-11-23..2026-11-27 wed,08:00,17:00,20',
    'nt,a,2026-11-25,09:00,10:00,3',
    'nt,,2026-11-26,,,0',
    'nt,b,2026-11-26,10:00,12:00,2',
    'nt,a,2026-11-27,,,0,anna',
    'nt,b,2026-11-27,,,0',
  );
  test.each([
    [
      '2026-11-24',
      [
        'nt/a 40 11-24T00:00 11-24T09:00',
        'nt/a 10 11-24T04:00 11-24T12:00',
        'nt/b 7 11-24T00:00 11-24T09:00',
        'nt/a anna 11-24T00:00 11-24T09:00',
      ],
      'those of the week are added',
    ],
    [
      '2026-11-25',
      [
        'nt/b 7 11-25T00:00 11-25T09:00',
        'nt/a anna 11-25T00:00 11-25T09:00',
        'nt/a 3 11-25T01:00 11-25T02:00',
      ],
      'a date counts, and not the range or the week, for its department',
    ],
    [
      '2026-11-26',
      ['nt/b 2 11-26T02:00 11-26T04:00'],
      'a holiday closes the site but for what has the date, too',
    ],
    [
      '2026-11-27',
      ['nt/a 40 11-27T00:00 11-27T09:00', 'nt/a 10 11-27T04:00 11-27T12:00'],
      'a person is off, and a department is closed',
    ],
    ['2026-11-28', ['nt/a anna 11-28T00:00 11-28T09:00'], 'a row without a date is for every day'],
  ])('on %s', (date, expected) => {
    expect(onDay(rows, date)).toEqual(expected);
  });
});

describe('who sits down anew', () => {
  const arrivals = (rows: Sheet) =>
    arrivalsOf(
      shiftsBetween(rows, (site) => zones[site], utc('2026-11-24T00:00'), utc('2026-11-24T16:00')),
    ).map(told);

  test('of a head count by the half-hour only those come who were not there', () => {
    const rows = sheet(
      'nt,a,2026-11-24,08:00,08:30,20',
      'nt,a,2026-11-24,08:30,09:00,35',
      'nt,a,2026-11-24,09:00,09:30,30',
      'nt,a,2026-11-24,09:30,10:00,31',
      'nt,b,2026-11-24,09:30,10:00,4',
    );
    expect(arrivals(rows)).toEqual([
      'nt/a 20 11-24T00:00 11-24T00:30',
      'nt/a 15 11-24T00:30 11-24T01:00',
      'nt/a 1 11-24T01:30 11-24T02:00',
      'nt/b 4 11-24T01:30 11-24T02:00',
    ]);
  });

  test('of two shifts one after the other all come', () => {
    expect(arrivals(sheet('nt,a,tue,08:00,16:00,20', 'nt,a,tue,16:00,24:00,20'))).toEqual([
      'nt/a 20 11-24T00:00 11-24T08:00',
      'nt/a 20 11-24T08:00 11-24T16:00',
    ]);
  });

  test('somebody who has a break of an hour has not left; one who comes again in the evening has', () => {
    const rows = sheet(
      'nt,a,tue,08:00,12:00,,anna',
      'nt,a,tue,13:00,17:00,,Anna',
      'nt,a,tue,20:00,22:00,,anna',
    );
    expect(arrivals(rows)).toEqual([
      'nt/a anna 11-24T00:00 11-24T04:00',
      'nt/a anna 11-24T12:00 11-24T14:00',
    ]);
  });
});

describe('whatever the roster', () => {
  const SITES = ['nt', 'ber', 'ny', 'sao', 'lhi'];
  const ZONES: Record<string, string> = {
    nt: 'Asia/Shanghai',
    ber: 'Europe/Berlin',
    ny: 'America/New_York',
    // Summer time of half an hour; and days that begin at one.
    lhi: 'Australia/Lord_Howe',
    sao: 'Africa/Cairo',
  };
  const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
  // Of years in which the clocks of all these zones change, both ways.
  const day = fc.integer({ min: dayNumber('2026-01-01'), max: dayNumber('2027-12-31') });
  const minute = fc.integer({ min: 0, max: 47 }).map((half) => half * 30);
  const row = fc
    .record({
      site: fc.constantFrom(...SITES),
      day,
      from: minute,
      to: minute,
      heads: fc.integer({ min: 1, max: 50 }),
    })
    .filter(({ from, to }) => from !== to);
  const written = ({
    site,
    day,
    from,
    to,
    heads,
  }: {
    site: string;
    day: number;
    from: number;
    to: number;
    heads: number;
  }) => `${site},d,${dateOf(day)},${clock(from)},${clock(to)},${heads}`;
  const read = (rows: readonly string[]): Sheet => {
    const answer = readSheet([HEAD, ...rows].join('\n'), { file: 'r', sites: SITES });
    if ('problems' in answer) throw new Error(JSON.stringify(answer.problems));
    return answer.sheet;
  };
  const WHOLE = [utc('2025-12-29T00:00'), utc('2028-01-03T00:00')] as const;
  const zoneOf = (site: string) => ZONES[site];

  test('no head is lost or counted twice, in any zone and over every change of the clocks', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        const shifts = shiftsBetween(read(rows.map(written)), zoneOf, ...WHOLE);
        const heads = (list: readonly { heads: number }[]) => list.reduce((sum, one) => sum + one.heads, 0);
        expect(heads(shifts)).toBe(heads(rows));
        // Long shifts and people all arrive; of counts by the half-hour no more than are there.
        expect(heads(arrivalsOf(shifts))).toBeLessThanOrEqual(heads(shifts));
        for (const shift of shifts) expect(shift.to).toBeGreaterThan(shift.from);
      }),
    );
  });

  test('it begins when the clock on the wall says so, unless summer time leaves that out, and ends as the wall says', () => {
    fc.assert(
      fc.property(row, (one) => {
        const [shift] = shiftsBetween(read([written(one)]), zoneOf, ...WHOLE);
        const zone = ZONES[one.site]!;
        const wall = wallTime(shift!.from, zone);
        const exists = (date: string, at: number) => {
          const back = wallTime(epochOf(date, at, zone), zone);
          return back.date === date && back.minute === at;
        };
        if (exists(dateOf(one.day), one.from))
          expect([wall.date, wall.minute]).toEqual([dateOf(one.day), one.from]);
        const last = dateOf(one.day + (one.to < one.from ? 1 : 0));
        if (!exists(dateOf(one.day), one.from) || !exists(last, one.to)) return;
        const end = wallTime(shift!.to, zone);
        // The second of two that are the same comes after the first.
        if (shift!.to - shift!.from > 5 * MINUTE) expect([end.date, end.minute]).toEqual([last, one.to]);
      }),
    );
  });

  test('looked at in parts it is the same as looked at whole', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 12 }),
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: 1, max: 30 }),
        (rows, offset, hours) => {
          const sheet = read(rows.map(written));
          const from = utc('2026-01-01T00:00') + offset * 24 * HOUR;
          const to = from + hours * HOUR;
          const touching = shiftsBetween(sheet, zoneOf, ...WHOLE).filter((s) => s.from < to && s.to > from);
          expect(shiftsBetween(sheet, zoneOf, from, to).map(told).sort()).toEqual(touching.map(told).sort());
        },
      ),
    );
  });

  test('of a head count by the half-hour as many have come as ever were there at once, and no more than it rises by', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 47 }),
        fc.constantFrom(...SITES),
        (heads, site) => {
          const rows = heads.map(
            (count, i) => `${site},d,2026-06-03,${clock(i * 30)},${clock(i * 30 + 30)},${count}`,
          );
          const shifts = shiftsBetween(read(rows), zoneOf, ...WHOLE);
          const rises = heads.reduce((sum, count, i) => sum + Math.max(0, count - (heads[i - 1] ?? 0)), 0);
          expect(arrivalsOf(shifts).reduce((sum, one) => sum + one.heads, 0)).toBe(rises);
        },
      ),
    );
  });
});

test('expected are those whose shift has begun and not ended', () => {
  const shifts = shiftsBetween(
    sheet('nt,a,tue,08:00,12:00,5', 'nt,a,tue,12:00,14:00,7'),
    (site) => zones[site],
    utc('2026-11-24T00:00'),
    utc('2026-11-24T12:00'),
  );
  expect(
    ['2026-11-23T23:59', '2026-11-24T00:00', '2026-11-24T04:00', '2026-11-24T06:00'].map((at) =>
      expectedAt(shifts, utc(at)),
    ),
  ).toEqual([0, 5, 7, 0]);
});
