import { expect, test } from 'vitest';
import type { ViewerEnd } from '@anyseat/protocol';
import type { CloudServer } from './cloudServer.ts';
import type { CloudHost } from './hosts.ts';
import { cloudSaysLost, seatLostIt, whyNotByRule } from './swapByRule.ts';

const host = (name: string, up: boolean | undefined): CloudHost => ({
  name,
  up,
  enabled: true,
  reason: undefined,
});
const hosts = (count: number, down: number) =>
  Array.from({ length: count }, (_, i) => host(`h${i}`, i >= down));

const ENDS: [ViewerEnd, boolean][] = [
  ['link-lost', true],
  ['closed-by-desktop', true],
  ['unreachable', true],
  ['timed-out', true],
  ['closed-by-person', false],
  ['stopped-by-agent', false],
  ['crashed', false],
];

test.each(ENDS)('a viewer that ended as %s is a desktop that its seat has lost: %s', (viewerEnd, lost) => {
  expect([seatLostIt({ state: 'away', viewerEnd }), seatLostIt({ state: 'connected', viewerEnd })]).toEqual([
    lost,
    false,
  ]);
});

const server = (more: Partial<CloudServer>) =>
  ({ id: 's', name: 'n', words: 'ACTIVE', ...more }) as CloudServer;
const fault = (message: string) => ({ code: 500, message }) as CloudServer['fault'];
const down = { kind: 'down', text: 'its host h0 looks down' } as const;

test.each<[string, Parameters<typeof cloudSaysLost>, string | undefined]>([
  ['gone', ['gone', undefined], 'its server is gone'],
  ['in ERROR', [server({ state: 'failed', fault: fault('disk full') }), undefined], 'disk full'],
  [
    'in ERROR without a word',
    [server({ state: 'failed', fault: undefined }), undefined],
    'the cloud reports ERROR and gives no reason',
  ],
  ['running', [server({ state: 'running' }), undefined], undefined],
  ['running on a host that looks down', [server({ state: 'running' }), down], down.text],
  [
    'running on a host that takes no new servers',
    [server({ state: 'running' }), { kind: 'disabled', text: 'its host h0 is disabled' }],
    undefined,
  ],
])('of a server that is %s', (_, [seen, doubt], words) => {
  expect(cloudSaysLost(seen, doubt)).toBe(words);
});

const policy = { byRule: true, bound: false };
const leased = { state: 'leased', unconfirmedSince: undefined } as const;

test.each<[string, Parameters<typeof whyNotByRule>[0], string | undefined]>([
  ['a pooled one is swapped', { desktop: leased, policy, hosts: hosts(20, 0) }, undefined],
  ['so it is where nobody tells of hosts', { desktop: leased, policy, hosts: undefined }, undefined],
  ['one host of three that is down is a host', { desktop: leased, policy, hosts: hosts(3, 1) }, undefined],
  ['two of twenty are hosts', { desktop: leased, policy, hosts: hosts(20, 2) }, undefined],
  [
    'three of twenty are the message bus',
    { desktop: leased, policy, hosts: hosts(20, 3) },
    'more than a tenth of the hosts look down',
  ],
  [
    'a pool that says no',
    { desktop: leased, policy: { ...policy, byRule: false }, hosts: [] },
    'its pool says so (swaps.byRule)',
  ],
  [
    'a bound one',
    { desktop: { ...leased, state: 'bound' }, policy, hosts: [] },
    'it belongs to somebody, and what is on it would stay behind (swaps.bound)',
  ],
  [
    'a bound one where the pool lets it',
    { desktop: { ...leased, state: 'bound' }, policy: { ...policy, bound: true }, hosts: [] },
    undefined,
  ],
  [
    'one of a backup',
    { desktop: { ...leased, unconfirmedSince: 1 }, policy, hosts: [] },
    'whose it is stands in a restored backup, and no seat has confirmed it',
  ],
])('%s', (_, world, why) => {
  expect(whyNotByRule(world)).toBe(why);
});
