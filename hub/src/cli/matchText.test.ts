import { expect, test } from 'vitest';
import type { Match } from '@anyseat/protocol';
import { matchText } from './matchText.ts';

test('whom an allocator is for stands in one line', () => {
  const match: Match = {
    groups: ['sales', 'support'],
    seat: { row: ['1', '2'], room: 'a' },
    all: [{ ou: ['ou=a'] }, { any: [{ users: ['x'] }, { sites: ['nt', 'sh'] }] }],
    not: { person: { title: 'trainee' } },
  };
  expect([match, undefined].map(matchText)).toEqual([
    'groups sales | support; seat.row 1 | 2; seat.room a; all (ou ou=a) and (any (users x) or (sites nt | sh)); not (person.title trainee)',
    undefined,
  ]);
});
