import { expect, test } from 'vitest';
import { endpointOf, type Catalog } from './catalog.ts';

const endpoint = (name: string, region: string, url: string) => ({
  interface: name,
  region,
  region_id: region,
  url,
});
const catalog: Catalog = [
  {
    type: 'compute',
    endpoints: [
      endpoint('public', 'North', 'https://north/v2.1/'),
      endpoint('public', 'South', 'https://south/v2.1/abc'),
      endpoint('internal', 'North', 'http://10.0.0.1:8774/v2.1'),
    ],
  },
  { type: 'volumev3', endpoints: [endpoint('public', 'North', 'https://cinder/v3/p')] },
  { type: 'network', endpoints: [{ interface: 'public', url: 'https://neutron:9696' }] },
];
const plain = { region: 'North', interfaces: ['public'] as const, endpoints: {} };

test.each([
  ['by region', 'compute', { ...plain, region: 'South' }, 'https://south/v2.1/abc'],
  ['without the slash at the end', 'compute', plain, 'https://north/v2.1'],
  [
    'by interface',
    'compute',
    { ...plain, interfaces: ['internal', 'public'] as const },
    'http://10.0.0.1:8774/v2.1',
  ],
  [
    'the next interface',
    'block-storage',
    { ...plain, interfaces: ['internal', 'public'] as const },
    'https://cinder/v3/p',
  ],
  ['by alias', 'block-storage', plain, 'https://cinder/v3/p'],
  ['the only one, without a region', 'network', { ...plain, region: undefined }, 'https://neutron:9696/'],
  ['an override', 'compute', { ...plain, endpoints: { compute: 'http://mine/x' } }, 'http://mine/x'],
] as const)('an endpoint is found: %s', (_, type, wanted, url) => {
  expect(endpointOf(type, catalog, wanted).href).toBe(url);
});

test.each([
  [
    'compute',
    { ...plain, region: undefined },
    'the compute service is in several regions (North, South): set region_name in clouds.yaml',
  ],
  [
    'compute',
    { ...plain, region: 'north' },
    'the compute service is not in region north; it is in North, South (names are case sensitive)',
  ],
  [
    'compute',
    { ...plain, interfaces: ['admin'] as const },
    'the catalog has no admin address of the compute service',
  ],
  ['image', plain, 'the catalog has no image service; it has compute, volumev3, network'],
] as const)('what cannot be found is told in words: %s %o', (type, wanted, message) => {
  expect(() => endpointOf(type, catalog, wanted)).toThrow(
    expect.objectContaining({ code: 'cloud-settings', retry: 'terminal', message }),
  );
});
