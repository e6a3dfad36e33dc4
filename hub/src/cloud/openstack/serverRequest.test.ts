import { expect, test } from 'vitest';
import { poolSpec } from '@anyseat/protocol';
import type { ServerOrder } from '../cloud.ts';
import { orderProblems, serverRequest } from './serverRequest.ts';

const spec = (more: object = {}) =>
  poolSpec.parse({ title: 'Desks', image: 'win', flavor: 'big', floor: 0, ceiling: 1, ...more });
const order = (more: Partial<ServerOrder> = {}): ServerOrder => ({
  name: 'as-1',
  hostName: 'seat-1',
  spec: spec(),
  metadata: { 'anyseat.pool': 'desks' },
  tags: ['anyseat'],
  userData: undefined,
  ...more,
});
const resolved = { imageRef: 'i', flavorRef: 'f', networks: [{ uuid: 'n' }] };

test('an order becomes the body of Nova’s create', () => {
  const full = order({
    userData: '#cloud-config\nname: 席位\n',
    spec: spec({ availabilityZone: 'az1', securityGroups: ['desks'], configDrive: true }),
  });
  expect(JSON.parse(JSON.stringify(serverRequest(full, resolved)))).toEqual({
    name: 'as-1',
    hostname: 'seat-1',
    imageRef: 'i',
    flavorRef: 'f',
    networks: [{ uuid: 'n' }],
    metadata: { 'anyseat.pool': 'desks' },
    tags: ['anyseat'],
    config_drive: true,
    user_data: Buffer.from('#cloud-config\nname: 席位\n').toString('base64'),
    availability_zone: 'az1',
    security_groups: [{ name: 'desks' }],
  });
});

test('what is not wanted is not sent, and security groups never without a network', () => {
  const bare = order({ spec: spec({ networks: 'none', securityGroups: ['desks'] }) });
  expect(
    Object.keys(JSON.parse(JSON.stringify(serverRequest(bare, { ...resolved, networks: 'none' }))) as object),
  ).toEqual(['name', 'hostname', 'imageRef', 'flavorRef', 'networks', 'metadata', 'tags', 'config_drive']);
});

test.each<[string, Partial<ServerOrder>, string[]]>([
  ['nothing', {}, []],
  [
    'a host name with an underscore',
    { hostName: 'a_b' },
    ['a_b is not a host name of 63 letters, digits and dashes at most'],
  ],
  [
    '51 tags',
    { tags: Array.from({ length: 51 }, (_, i) => `t${i}`) },
    ['51 tags are too many; 50 are allowed'],
  ],
  [
    'a tag with a comma',
    { tags: ['a,b'] },
    ['the tag a,b must have 1 to 60 characters, and no comma or slash'],
  ],
  ['a long value', { metadata: { k: 'x'.repeat(256) } }, ['the metadata k is longer than 255 characters']],
  ['a key with a slash', { metadata: { 'a/b': '' } }, ['a/b cannot be a key of metadata']],
  [
    'much user data',
    { userData: 'x'.repeat(49_152) },
    ['the user data is longer than 65535 characters in base 64'],
  ],
  [
    'two things',
    { name: '', tags: [''] },
    [
      'the name must have 1 to 255 characters',
      'the tag  must have 1 to 60 characters, and no comma or slash',
    ],
  ],
])('of an order with %s it is told what no cloud would take', (_, more, problems) => {
  expect(orderProblems(order(more))).toEqual(problems);
  if (problems.length > 0)
    expect(() => serverRequest(order(more), resolved)).toThrow(
      expect.objectContaining({
        code: 'cloud-refused-order',
        retry: 'terminal',
        message: problems.join('; '),
      }),
    );
});
