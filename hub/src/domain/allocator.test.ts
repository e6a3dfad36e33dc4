import { expect, test } from 'vitest';
import type { AllocatorSpec, Match } from '@anyseat/protocol';
import { chooseAllocator, explainAllocators, inOrder, type Asker } from './allocator.ts';
import type { Resource } from './catalogue.ts';

const asker: Asker = {
  person: {
    id: 'corp:1',
    directory: 'corp',
    user: 'Wang.Fang',
    displayName: '王芳',
    dn: 'uid=wang.fang,ou=Hotels,ou=Sales\\, South,dc=call,dc=example',
    groups: ['cn=Hotel Desk,ou=groups,dc=call,dc=example', 'cn=Everybody,ou=groups,dc=call,dc=example'],
    attributes: { department: ['Hotels'], employeeType: ['temp', 'night'] },
  },
  seat: { name: 'nt-1-001', tags: { row: '1', headset: 'yes' } },
  site: { name: 'nantong', tags: { country: 'CN' } },
  tc: { tags: { screens: '2' } },
  time: { date: '2026-11-24', day: 1, minute: 2 * 60 + 10 },
};

const rule = (name: string, spec: Partial<AllocatorSpec>): Resource<AllocatorSpec> => ({
  name,
  revision: 1,
  author: 'test',
  changedAt: 0,
  spec: { title: name, priority: 0, default: false, pools: ['p'], binding: 'none', ...spec },
});

const cases: [string, Match, boolean][] = [
  [
    'a group by its full name, in other spelling',
    { groups: ['CN=hotel desk, OU=Groups,DC=call,DC=example'] },
    true,
  ],
  ['a group by its plain name', { groups: ['hotel desk'] }, true],
  [
    'a group of the same plain name elsewhere',
    { groups: ['cn=Hotel Desk,ou=other,dc=call,dc=example'] },
    false,
  ],
  ['the OU itself', { ou: ['ou=Hotels,ou=Sales\\2c South,dc=call,dc=example'] }, true],
  ['an OU above', { ou: ['dc=call,dc=example'] }, true],
  ['an OU beside', { ou: ['ou=Flights,ou=Sales\\, South,dc=call,dc=example'] }, false],
  ['a user without regard to case', { users: ['WANG.FANG'] }, true],
  ['an attribute, any of its values', { person: { employeeType: 'NIGHT' } }, true],
  ['an attribute that is missing', { person: { costCentre: '7' } }, false],
  ['any of several wanted values', { seat: { row: ['1', '2'] } }, true],
  ['all clauses together, one of which does not hold', { sites: ['nantong'], seat: { row: '2' } }, false],
  ['the thin client by tag', { tc: { screens: ['2', '3'] } }, true],
  ['a thin client without the tag', { tc: { kind: 'x' } }, false],
  ['the site by tag', { site: { country: 'cn' } }, true],
  ['hours that began yesterday', { hours: ['sat', 'mon 22:00-06:00'] }, true],
  ['hours of another day', { hours: ['tue 22:00-06:00'] }, false],
  ['not', { not: { groups: ['managers'] } }, true],
  ['not of several clauses that do not all hold', { not: { sites: ['nantong'], seat: { row: '9' } } }, true],
  ['any', { any: [{ sites: ['beijing'] }, { person: { department: 'hotels' } }] }, true],
  [
    'all with a nested any',
    { all: [{ any: [{ users: ['a'] }, { users: ['b'] }] }, { sites: ['nantong'] }] },
    false,
  ],
];

test.each(cases)('%s', (_what, match, holds) => {
  const rules = inOrder([rule('a', { match })]);
  expect(chooseAllocator(rules, asker)?.name).toBe(holds ? 'a' : undefined);
  expect(explainAllocators(rules, asker).chosen).toBe(holds ? 'a' : undefined);
});

test('the highest priority that matches serves, and the default only when none does', () => {
  const rules = inOrder([
    rule('everybody', { default: true, priority: 900 }),
    rule('low', { match: { sites: ['nantong'] }, priority: 1 }),
    rule('high', { match: { seat: { row: '1' } }, priority: 10 }),
    rule('higher-but-no', { match: { seat: { row: '2' } }, priority: 20 }),
  ]);
  expect(explainAllocators(rules, asker)).toEqual({
    chosen: 'high',
    verdicts: [
      {
        allocator: 'higher-but-no',
        priority: 20,
        isDefault: false,
        matches: false,
        clauses: [{ clause: 'seat.row', holds: false, wanted: '2', saw: '1' }],
      },
      {
        allocator: 'high',
        priority: 10,
        isDefault: false,
        matches: true,
        clauses: [{ clause: 'seat.row', holds: true, wanted: '1', saw: '1' }],
      },
      {
        allocator: 'low',
        priority: 1,
        isDefault: false,
        matches: true,
        clauses: [{ clause: 'sites', holds: true, wanted: 'nantong', saw: 'nantong' }],
      },
      { allocator: 'everybody', priority: 900, isDefault: true, matches: true, clauses: [] },
    ],
  });
  expect(chooseAllocator(inOrder([rules[0]!, rules[3]!]), asker)?.name).toBe('everybody');
});
