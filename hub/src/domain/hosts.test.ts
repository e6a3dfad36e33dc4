import { expect, test } from 'vitest';
import { hostDoubts, type CloudHost } from './hosts.ts';

const host = (name: string, more: Partial<CloudHost> = {}): CloudHost => ({
  name,
  up: true,
  enabled: true,
  reason: undefined,
  ...more,
});
const twenty = (downs: number) => Array.from({ length: 20 }, (_, i) => host(`h${i}`, { up: i >= downs }));

test.each<[what: string, hosts: CloudHost[], doubts: string[]]>([
  ['all is well', twenty(0), []],
  ['one that is down', twenty(1), ['its host h0 looks down']],
  ['a tenth', twenty(2), ['its host h0 looks down', 'its host h1 looks down']],
  ['more than a tenth is the message bus', twenty(3), []],
  ['all of them as well', twenty(20), []],
  ['the only one', [host('h0', { up: false })], ['its host h0 looks down']],
  [
    'disabled ones are the operator’s word, however many',
    [host('a', { enabled: false, reason: 'disk' }), host('b', { enabled: false }), host('c')],
    ['its host a is disabled: disk', 'its host b is disabled'],
  ],
  ['what is not told is no doubt', [host('a', { up: undefined })], []],
])('%s', (_what, hosts, doubts) => {
  expect([...hostDoubts(hosts).values()].map(({ text }) => text)).toEqual(doubts);
});
