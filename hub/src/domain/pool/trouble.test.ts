import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '@anyseat/base';
import { buildFaultKind, refusalKind, waitMs, type TroubleKind } from './trouble.ts';

const refusals: [code: string, fields: { about?: string; type?: string }, kind: TroubleKind][] = [
  ['cloud-quota', {}, 'quota'],
  ['cloud-quota', { type: 'IpAddressGenerationFailure' }, 'no-network'],
  ['cloud-refused-order', { about: 'image' }, 'bad-image'],
  ['cloud-refused-order', { about: 'flavor' }, 'bad-flavor'],
  ['cloud-refused-order', { about: 'network' }, 'no-network'],
  ['cloud-refused-order', {}, 'refused-order'],
  ['cloud-busy', {}, 'cloud-away'],
  ['cloud-unreachable', {}, 'cloud-away'],
  ['cloud-forbidden', {}, 'no-permission'],
  ['cloud-credentials', {}, 'no-permission'],
  ['cloud-settings', {}, 'no-permission'],
];
test.each(refusals)('%s %j is %s', (code, fields, kind) => {
  expect(refusalKind({ code, fields })).toBe(kind);
});

const faults: [code: number, message: string, kind: TroubleKind | undefined][] = [
  [500, 'No valid host was found. ', 'no-valid-host'],
  [
    500,
    'Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance 4f.',
    'no-valid-host',
  ],
  [
    413,
    'Quota exceeded for cores, ram: Requested 16, 32768, but already used 20, 65536 of 20, 65536',
    'quota',
  ],
  [500, 'Build of instance 4f aborted: Volume quota exceeded', 'quota'],
  [500, 'Build of instance 4f aborted: Failed to allocate the network(s), not rescheduling.', 'no-network'],
  [500, 'Build of instance 4f aborted: Disk is full', undefined],
];
test.each(faults)('a server in ERROR with %i “%s” is %s', (code, message, kind) => {
  expect(buildFaultKind({ code, message })).toBe(kind);
});

test('each kind waits in its own way, longer every time, up to its longest', () => {
  const waits = (kind: TroubleKind) => [1, 2, 3, 9].map((times) => waitMs(kind, times) / SECOND);
  expect({ quota: waits('quota'), image: waits('bad-image'), away: waits('cloud-away') }).toEqual({
    quota: [30, 60, 120, 600],
    image: [60, 120, 240, 300],
    away: [10, 20, 40, 120],
  });
  expect(waitMs('no-valid-host', 1)).toBe(MINUTE);
});
