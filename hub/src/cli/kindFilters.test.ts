import { expect, test } from 'vitest';
import type { SessionView } from '@anyseat/protocol';
import { sift } from './kindFilters.ts';

const session = (id: string, more: Partial<SessionView>): SessionView => ({
  id,
  state: 'connected',
  since: 0,
  user: 'wang.fang',
  displayName: '王芳',
  seat: 's1',
  site: 'nt',
  allocator: 'a',
  generation: 1,
  startedAt: 0,
  online: true,
  stages: {},
  ...more,
});
const sessions = [
  session('ses_1', {}),
  session('ses_2', { state: 'ended', end: 'logged-off', online: false, site: 'sh' }),
  session('ses_3', { user: 'Li.Na', online: false }),
];
const ids = (names: string[], filters: Parameters<typeof sift>[2]['filters']) => {
  const sifted = sift('sessions', sessions, { names, filters });
  return 'unknown' in sifted ? sifted : { ids: sifted.rows.map((s) => s.id), missing: sifted.missing };
};

test.each<[string, string[], Parameters<typeof sift>[2]['filters'], unknown]>([
  ['nothing asked is everything', [], {}, { ids: ['ses_1', 'ses_2', 'ses_3'], missing: [] }],
  ['all filters must hold', [], { site: 'nt', online: true }, { ids: ['ses_1'], missing: [] }],
  ['an end is a state too', [], { state: 'logged-off' }, { ids: ['ses_2'], missing: [] }],
  ['case does not count', [], { user: 'LI.NA' }, { ids: ['ses_3'], missing: [] }],
  ['offline is not online', [], { offline: true }, { ids: ['ses_2', 'ses_3'], missing: [] }],
  ['names are any of', ['ses_3', 'ses_9'], {}, { ids: ['ses_3'], missing: ['ses_9'] }],
  ['a name that a filter hides is not missing', ['ses_3'], { online: true }, { ids: [], missing: [] }],
  ['a filter that says nothing here is told', [], { pool: 'x' }, { unknown: ['pool'] }],
])('%s', (_what, names, filters, expected) => {
  expect(ids(names, filters)).toEqual(expected);
});

test('a kind that is never connected knows neither online nor offline', () => {
  expect(sift('pools', [], { names: [], filters: { online: true, site: 'x' } })).toEqual({
    unknown: ['site', 'online'],
  });
});
