import { expect, test } from 'vitest';
import type { CloudServer } from '../cloudServer.ts';
import type { Desktop } from '../desktop.ts';
import { followHosts } from './followHosts.ts';
import type { PoolWorld } from './world.ts';

/** A listing that began at 100, of one server, and the row of its desktop. */
function world(row: Partial<Desktop>, server: Partial<CloudServer>, complete = true): PoolWorld {
  const desktop = { id: 'dt_1', serverId: 'srv-1', state: 'leased', host: 'cn-1', writtenAt: 50, ...row };
  const byId = new Map([['srv-1', { id: 'srv-1', state: 'running', host: 'cn-2', ...server }]]);
  const seen = { byId, byName: new Map(), complete, startedAt: 100 };
  return { desktops: [desktop], seen, now: 200 } as unknown as PoolWorld;
}

test.each<[string, Partial<Desktop>, Partial<CloudServer>, string[]]>([
  ['migrated by the cloud under its person', {}, {}, ['cn-2']],
  ['adopted after a restore', { state: 'quarantined', host: undefined }, {}, ['cn-2']],
  ['first seen while nobody told the host', { state: 'ready', host: undefined }, {}, ['cn-2']],
  ['evacuated while it was parked', { state: 'parked' }, { state: 'stopped' }, ['cn-2']],
  ['where it was', {}, { host: 'cn-1' }, []],
  ['listed for a member, who is told no host', {}, { host: undefined }, []],
  ['in a cell that is down', {}, { state: 'unknown' }, []],
  ['written since the listing began', { writtenAt: 150 }, {}, []],
  ['being built, and its host may change still', { state: 'building', host: undefined }, {}, []],
])('a row follows where the listing says another host: %s', (_, row, server, hosts) => {
  const steps = followHosts(world(row, server));
  expect(steps.map((step) => step.do === 'follow' && step.host)).toEqual(hosts);
});

test('a listing that is not complete moves no row', () => {
  expect(followHosts(world({}, {}, false))).toEqual([]);
});
