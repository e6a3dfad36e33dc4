import { allocatorSpec, seatSpec, siteSpec } from '@anyseat/protocol';
import { expect, test } from 'vitest';
import { emptyCatalogue, type Catalogue } from '../domain/catalogue.ts';
import type { Person } from '../domain/person.ts';
import type { Session } from '../domain/session.ts';
import { stillServed } from './stillServed.ts';

const BEGAN = Date.parse('2026-11-23T08:00:00Z');
const session = { allocator: 'sales', seat: 's1', startedAt: BEGAN } as Session;
const person = (...groups: string[]): Person => ({
  id: 'local:1',
  directory: 'local',
  user: 'anna',
  displayName: 'Anna',
  dn: 'cn=anna,dc=call',
  groups,
  attributes: {},
});

function catalogueOf(match: object | undefined, changed: { rule?: number; seat?: number } = {}): Catalogue {
  const rest = { revision: 1, author: 'x' };
  const before = BEGAN - 1000;
  const spec = allocatorSpec.parse({
    title: 'Sales',
    pools: ['p'],
    ...(match === undefined ? { default: true } : { match }),
  });
  const seat = seatSpec.parse({ site: 'nt', label: '1' });
  const site = siteSpec.parse({ title: 'NT', timeZone: 'UTC' });
  return {
    ...emptyCatalogue,
    sites: new Map([['nt', { name: 'nt', spec: site, changedAt: before, ...rest }]]),
    seats: new Map([['s1', { name: 's1', spec: seat, changedAt: changed.seat ?? before, ...rest }]]),
    allocators: new Map([['sales', { name: 'sales', spec, changedAt: changed.rule ?? before, ...rest }]]),
  };
}

test.each([
  ['who is in the group still', ['sales'], { groups: ['sales'] }, {}, true],
  ['who has left it', [], { groups: ['sales'] }, {}, false],
  ['whom the default serves', [], undefined, {}, true],
  ['whose rule was changed since', [], { groups: ['sales'] }, { rule: BEGAN + 1 }, true],
  ['whose seat was changed since', [], { groups: ['sales'] }, { seat: BEGAN + 1 }, true],
] as const)('%s', (_, groups, match, changed, served) => {
  expect(stillServed(session, person(...groups), catalogueOf(match, changed))).toBe(served);
});

test('nobody is unmatched because an allocator is no more', () => {
  expect(stillServed(session, person(), emptyCatalogue)).toBe(true);
});
