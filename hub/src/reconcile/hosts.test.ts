import { expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import { Hosts } from './hosts.ts';

const HOUR_AGO = 3_600_000;

test.each([
  ['disabled in the cloud', false, HOUR_AGO, true, 'disabled'],
  ['enabled there an hour later', true, HOUR_AGO, true, undefined],
  ['enabled there by a look that may be of before', true, 0, true, 'disabled'],
  ['enabled there, which was not told yet', true, HOUR_AGO, false, 'disabled'],
])('a drained host that is %s', async (_, enabled, agoMs, told, doubt) => {
  const seen = { name: 'cn-1', up: true, enabled, reason: '' };
  const cloud = { name: 'c', hosts: () => Promise.resolve([seen]) } as unknown as Cloud;
  const drain = { cloud: 'c', host: 'cn-1', reason: 'fan', told, at: systemClock.now() - agoMs };
  const hosts = new Hosts(systemClock, silentLog, new AbortController().signal, () => [drain]);
  hosts.doubts(cloud);
  await Promise.resolve();
  expect(hosts.doubtsKnown('c').get('cn-1')?.kind).toBe(doubt);
});
