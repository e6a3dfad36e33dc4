import { expect, test } from 'vitest';
import { dayPath, scopeIn, scopeText, type Scope } from './scope.ts';

test.each<[Scope, string, string]>([
  [{ of: 'all' }, '', '/people/day'],
  [{ of: 'site', site: 'nt' }, 'site/nt', '/people/day?site=nt'],
  [
    { of: 'department', site: 'nt', department: '酒店/A' },
    'department/nt/酒店/A',
    '/people/day?site=nt&department=%E9%85%92%E5%BA%97%2FA',
  ],
  [{ of: 'department', site: 'nt', department: '' }, 'department/nt/', '/people/day?site=nt&department='],
  [{ of: 'allocator', allocator: 'night' }, 'allocator/night', '/people/day?allocator=night'],
])('%j stands in an address and is read out of it', (scope, text, path) => {
  expect([scopeText(scope), scopeIn(text), dayPath(scope)]).toEqual([text, scope, path]);
});

test('an address that is none is everybody', () => {
  expect(['x', 'site/', 'department'].map(scopeIn)).toEqual([{ of: 'all' }, { of: 'all' }, { of: 'all' }]);
});
