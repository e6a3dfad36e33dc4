import { expect, test } from 'vitest';
import { chooseVersion, microversion, offeredIn } from './microversion.ts';

const offered = (min: string, max: string) => ({ min: microversion(min), max: microversion(max) });

test.each([
  ['2.90', '2.69', '2.1', '2.93', '2.90'],
  ['2.90', '2.69', '2.1', '2.79', '2.79'],
  ['2.90', '2.9', '2.1', '2.10', '2.10'],
  ['2.53', undefined, '2.60', '2.104', '2.60'],
])('wanting %s, at least %s, of %s to %s it is %s', (want, least, min, max, chosen) => {
  expect(chooseVersion({ want, ...(least ? { least } : {}) }, offered(min, max), 'compute')).toBe(chosen);
});

test('without microversions a call goes without one, unless it needs one', () => {
  expect(chooseVersion({ want: '2.57' }, undefined, 'compute')).toBe(undefined);
  expect(() => chooseVersion({ want: '2.90', least: '2.69' }, undefined, 'compute')).toThrow(
    'this cloud is too old: its compute service offers microversion none at all, and 2.69 is needed',
  );
});

test.each([
  [
    'of /v2.1/',
    { version: { id: 'v2.1', status: 'CURRENT', version: '2.93', min_version: '2.1' } },
    offered('2.1', '2.93'),
  ],
  [
    'of /',
    {
      versions: [
        { id: 'v2.0', status: 'SUPPORTED', version: '', min_version: '' },
        { id: 'v2.1', status: 'CURRENT', version: '2.104', min_version: '2.1' },
      ],
    },
    offered('2.1', '2.104'),
  ],
  [
    'of an API without any',
    { version: { id: 'v2.0', status: 'SUPPORTED', version: '', min_version: '' } },
    undefined,
  ],
  [
    'of Placement',
    { versions: [{ id: 'v1.0', status: 'CURRENT', max_version: '1.39', min_version: '1.0' }] },
    offered('1.0', '1.39'),
  ],
  ['of an API that does not know of any', { versions: [{ id: 'v2.0', status: 'CURRENT' }] }, undefined],
  ['of something else', { versions: { values: [] } }, 'unreadable'],
  [
    'of nonsense',
    { version: { id: 'v2.1', status: 'CURRENT', version: 'new', min_version: 'old' } },
    'unreadable',
  ],
  [
    'of half a range',
    { version: { id: 'v2.1', status: 'CURRENT', version: '2.93', min_version: '' } },
    'unreadable',
  ],
  ['of nothing', undefined, 'unreadable'],
])('the range is read from the document %s', (_, document, range) => {
  expect(offeredIn(document)).toEqual(range);
});
