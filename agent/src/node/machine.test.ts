import { expect, test } from 'vitest';
import { ownAddress } from './machine.ts';

const at = (address: string, family: 'IPv4' | 'IPv6', internal = false) =>
  ({ address, family, internal, mac: '', netmask: '', cidr: null, scopeid: 0 }) as never;

test.each([
  [
    'the first that others reach',
    { lo: [at('127.0.0.1', 'IPv4', true)], eth0: [at('10.1.2.3', 'IPv4')] },
    '10.1.2.3',
  ],
  ['IPv4 before IPv6', { eth0: [at('2001:db8::7', 'IPv6'), at('10.1.2.3', 'IPv4')] }, '10.1.2.3'],
  [
    'IPv6 where there is nothing else',
    { eth0: [at('fe80::1', 'IPv6'), at('2001:db8::7', 'IPv6')] },
    '2001:db8::7',
  ],
  ['none that it gave itself', { eth0: [at('169.254.7.7', 'IPv4'), at('fe80::1', 'IPv6')] }, undefined],
  ['none without a cable', { lo: [at('127.0.0.1', 'IPv4', true)] }, undefined],
])('the address of a box is %s', (_, all, address) => {
  expect(ownAddress(all)).toBe(address);
});
