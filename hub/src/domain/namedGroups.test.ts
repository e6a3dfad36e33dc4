import { expect, test } from 'vitest';
import { namedGroups, unknownOf } from './namedGroups.ts';

test('the groups of a match are found however deep they stand', () => {
  const match = { groups: ['a'], any: [{ groups: ['b', 'c'] }, { not: { all: [{ groups: ['d'] }] } }] };
  expect(namedGroups(match).map(({ group, path }) => `${group} ${path.join('.')}`)).toEqual([
    'a match.groups.0',
    'b match.any.0.groups.0',
    'c match.any.0.groups.1',
    'd match.any.1.not.all.0.groups.0',
  ]);
  expect(namedGroups(undefined)).toEqual([]);
});

test('a group is known by its plain name and by its whole one, in any case and spacing', () => {
  const known = ['cn=Team Leads, ou=Groups,dc=call', '主管'];
  const wanted = [
    'team leads',
    'TEAM LEADS',
    'CN=team leads,ou=groups, dc=call',
    '主管',
    'leads',
    'cn=team leads,dc=call',
  ];
  expect(unknownOf(wanted, known)).toEqual(['leads', 'cn=team leads,dc=call']);
});
