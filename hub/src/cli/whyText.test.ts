import { expect, test } from 'vitest';
import type { WhatifAnswer, WhyAnswer } from '@anyseat/protocol';
import { historyLines } from './historyText.ts';
import { whatifLines } from './whatifText.ts';
import { whyLines } from './whyText.ts';

const room = { paint: (_style: string, text: string) => text, width: 200, timeZone: 'UTC' };

const why: WhyAnswer = {
  session: { id: 'ses_1', state: 'ended', user: 'wang.fang', seat: 'nt-1' },
  at: 0,
  change: 7,
  seat: { name: 'nt-1', site: 'nantong', tags: {} },
  time: 'thu 1970-01-01 08:00',
  person: { id: 'l:1', user: 'wang.fang', displayName: '王芳', dn: 'uid=w,ou=a', groups: [], attributes: {} },
  allocators: [{ allocator: 'all', priority: 0, isDefault: true, matches: true, clauses: [] }],
  chosen: 'all',
  pools: ['office', 'spare'],
  outcome: 'queue',
  desktop: { id: 'd', number: 12, pool: 'spare', state: 'returning', since: 0, server: 'spare-12' },
  end: 'logged-off',
};

test('why a login went as it did: when, by which rules, and how the desktop was come by', () => {
  expect(whyLines(why, room)).toEqual([
    'The login of wang.fang at 1970-01-01 00:00:00, by the rules as they stood after change 7:',
    '',
    'person      王芳 (wang.fang)',
    'id          l:1',
    'DN          uid=w,ou=a',
    'OU          ou=a',
    'groups      (none)',
    'seat        nt-1, site nantong',
    'time        thu 1970-01-01 08:00 at the site',
    '',
    'Allocators, in the order in which they are asked:',
    '  ✓ all (default): serves',
    '      everybody whom no other allocator matches',
    '',
    'all served from office, spare: it had none ready, so the person waited in the queue. The last desktop was 12 (spare-12) of pool spare. The session is over: logged-off.',
  ]);
});

const who = (user: string) => ({
  user,
  displayName: user.toUpperCase(),
  seat: 'nt-1',
  at: 0,
  session: 'ses',
});
const answer: WhatifAnswer = {
  days: 14,
  logins: 40,
  people: 20,
  changed: 14,
  changes: [
    { from: 'a (office)', to: 'b (lab)', logins: 1, people: 1, who: [who('zoe')] },
    {
      from: 'a (office)',
      to: 'no allocator: the login is refused',
      logins: 13,
      people: 12,
      who: Array.from({ length: 12 }, (_, i) => who(`p${i}`)),
    },
  ],
};

test('what other rules would change: most people first, ten of them by name unless all are wanted', () => {
  const lines = whatifLines(answer, room, false);
  expect([...lines.slice(0, 4), ...lines.slice(12)]).toEqual([
    '12 people, 13 logins',
    '    now   a (office)',
    '    then  no allocator: the login is refused',
    '      p0 (P0) at nt-1, 1970-01-01 00:00:00',
    '      p9 (P9) at nt-1, 1970-01-01 00:00:00',
    '      and 2 more',
    '',
    '1 person, 1 login',
    '    now   a (office)',
    '    then  b (lab)',
    '      zoe (ZOE) at nt-1, 1970-01-01 00:00:00',
    '',
    '14 of 40 logins of 20 people in the last 14 days would come out differently. Nothing was changed.',
  ]);
  expect(whatifLines(answer, room, true).filter((line) => line.includes('more'))).toEqual([]);
  expect(whatifLines({ ...answer, changed: 0, changes: [] }, room, false)).toEqual([
    'Nobody would get anything else: 40 logins of 20 people in the last 14 days come out the same.',
  ]);
  expect(whatifLines({ ...answer, logins: 0, days: 1, changed: 0, changes: [] }, room, false)).toEqual([
    'There were no logins in the last 1 day to try the rules on.',
  ]);
});

test('what was changed, and what became of one resource', () => {
  const resources = [
    { kind: 'pools', name: 'office', revision: 2, deleted: false },
    { kind: 'sites', name: 'old', revision: 5, deleted: true },
  ];
  expect([
    ...historyLines({ changes: [{ number: 9, at: 0, author: 'local-root', resources }] }, room),
    ...historyLines(
      {
        revisions: [
          { revision: 2, at: 0, author: 'local-root', deleted: true, lines: ['title: - "A"'] },
          { revision: 1, at: 0, author: 'local-root', deleted: false, lines: ['title: + "A"'] },
        ],
      },
      room,
    ),
  ]).toEqual([
    'change 9  1970-01-01 00:00:00  local-root',
    '    pools/office revision 2',
    '    - sites/old revision 5',
    'revision 2, deleted  1970-01-01 00:00:00  local-root',
    'revision 1  1970-01-01 00:00:00  local-root',
    '    title: + "A"',
  ]);
});
