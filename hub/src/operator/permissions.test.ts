import { expect, test } from 'vitest';
import { operatorRoles } from '@anyseat/protocol';
import { allOf, highestOf, may, mayAt, rightsOf, type Operator, type RoleOfGroup } from './permissions.ts';

const lines: RoleOfGroup[] = [
  { group: 'cn=desk,ou=groups,dc=call', role: 'help' },
  { group: 'Nantong-IT', role: 'operate', sites: ['nantong'] },
  { group: 'admins', role: 'administer' },
];
const someone = (...groups: string[]): Operator => ({ name: 'li.na', rights: rightsOf(groups, lines) });

test('groups are known by their full name, or by their plain one, in any spelling', () => {
  expect(rightsOf(['CN=Desk, OU=Groups, DC=call'], lines)).toEqual([{ role: 'help' }]);
  expect(rightsOf(['cn=desk,ou=elsewhere,dc=call'], lines)).toEqual([]);
  expect(rightsOf(['cn=nantong-it,dc=call'], lines)).toEqual([{ role: 'operate', sites: ['nantong'] }]);
  expect(rightsOf(['people'], lines)).toEqual([]);
});

test('who helps everywhere and operates at one site does each where they may', () => {
  const lina = someone('cn=desk,ou=groups,dc=call', 'nantong-it');
  expect(allOf(lina)).toEqual(['view', 'help', 'operate']);
  expect(highestOf(lina)).toBe('operate');
  expect([may(lina, 'help'), may(lina, 'operate')]).toEqual([true, false]);
  const at = ['nantong', 'shanghai', undefined].map((site) => mayAt(lina, 'operate', site));
  expect(at).toEqual([true, false, false]);
  expect(mayAt(lina, 'help', 'shanghai')).toBe(true);
});

test('who administers may everything', () => {
  const all = someone('admins');
  expect(operatorRoles.map((role) => [may(all, role), mayAt(all, role, undefined)])).toEqual(
    operatorRoles.map(() => [true, true]),
  );
});
