import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault, silentLog } from '@anyseat/base';
import { poolSpec } from '@anyseat/protocol';
import { openCloud } from '../../../hub/src/cloud/openstack.ts';
import { hurriedClock, startSmallCloud, type Reply } from '../../../packages/openstack/src/smallCloud.ts';
import { plainSpice } from './cloudBench.ts';

/** Anything at all in place of an answer: every call ends in a value or in a fault with a code of the port, never in a stack. */

const CODES = [
  'cloud-unreachable',
  'cloud-busy',
  'cloud-quota',
  'cloud-refused-order',
  'cloud-credentials',
  'cloud-forbidden',
  'cloud-settings',
  'cloud-unsure',
  'cloud-no-console',
];

/** Values with names that OpenStack uses, so that some of them nearly fit. */
const names = fc.constantFrom(
  'servers', 'server', 'id', 'status', 'tags', 'metadata', 'fault', 'message', 'code', 'itemNotFound', 'error',
  'remote_console', 'url', 'console', 'port', 'host', 'images', 'flavors', 'networks', 'name', 'services',
  'servers_links', 'token', 'catalog', 'version', 'versions', 'errors', 'NeutronError', 'type', 'addresses',
); // prettier-ignore
const { body } = fc.letrec<{ body: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, 'ACTIVE', 'UNKNOWN', 'http://h/?token=t', '2.93', '9'.repeat(400)),
  ),
  body: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.array(tie('body'), { maxLength: 4 }),
    fc.dictionary(names, tie('body'), { maxKeys: 5 }),
  ),
}));
const text = fc.oneof(
  body.map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('', '<html>', '{', 'null', '[]', '{"servers":[{"id":"a"}]}'),
);
const header = fc.constantFrom<Record<string, string>>(
  {},
  { 'retry-after': 'x' },
  { 'retry-after': '-1' },
  { location: '::' },
  { location: 'http://elsewhere/' },
);
const reply = fc.record({
  status: fc.constantFrom(
    200,
    201,
    202,
    204,
    300,
    301,
    400,
    401,
    403,
    404,
    406,
    409,
    413,
    418,
    429,
    500,
    503,
    599,
  ),
  body: text,
  headers: header,
}) satisfies fc.Arbitrary<Reply>;

const order = {
  name: 'n',
  hostName: 'h',
  spec: poolSpec.parse({ title: 'x', image: 'i', flavor: 'f', floor: 0, ceiling: 1 }),
  metadata: {},
  tags: [],
  userData: undefined,
};

test('whatever a service answers, every call of the port ends in a value or a fault of the port', async () => {
  await using small = await startSmallCloud();
  await fc.assert(
    fc.asyncProperty(
      fc.array(reply, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (replies, tokensToo) => {
        let n = 0;
        small.handler = (seen) =>
          !tokensToo && seen.path.startsWith('/v3') ? undefined : replies[n++ % replies.length];
        await using cloud = await openCloud({
          name: 'hostile',
          member: small.credentials(),
          admin: small.credentials(),
          spice: plainSpice,
          clock: hurriedClock(),
          log: silentLog,
        });
        const calls = [
          cloud.list('t'),
          cloud.withTag('t'),
          cloud.server('a'),
          cloud.remove('a'),
          cloud.start('a'),
          cloud.endpoint('a'),
          cloud.consoleLog('a', 5),
          cloud.probe(),
          cloud.create(order),
        ];
        for (const end of await Promise.allSettled(calls)) {
          if (end.status === 'fulfilled') continue;
          const error: unknown = end.reason;
          if (!(error instanceof Fault)) throw error;
          expect(CODES).toContain(error.code);
          expect(error.message.length).toBeLessThan(1500);
        }
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test('a listing without end is given up, and is not complete', async () => {
  await using small = await startSmallCloud();
  let pages = 0;
  small.handler = ({ path }) => {
    if (/^\/compute\/v2\.1\/servers(\?|$)/.test(path)) return { status: 200, body: { servers: [] } };
    if (!path.startsWith('/compute/v2.1/servers/detail')) return undefined;
    const from = 1000 * pages++;
    const servers = Array.from({ length: 1000 }, (_, i) => ({
      id: `s${from + i}`,
      status: 'ACTIVE',
      tags: ['t'],
    }));
    return { status: 200, body: { servers, servers_links: [{ rel: 'next', href: 'http://h/' }] } };
  };
  await using cloud = await openCloud({
    name: 'endless',
    member: small.credentials(),
    spice: plainSpice,
    clock: hurriedClock(),
    log: silentLog,
  });
  const listing = await cloud.withTag('t');
  expect({ pages, complete: listing.complete }).toEqual({ pages: 101, complete: false });
});
