import { openLog } from '@anyseat/base';
import { FakeHypervisor, openCloud, type ApiRequest } from '@anyseat/minicloud';
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  dictionary,
  letrec,
  oneof,
  record,
  string,
  tuple,
} from 'fast-check';
import { expect, test } from 'vitest';

/**
 * A client that is broken, or wicked, is refused as OpenStack refuses: an answer with a status, never a stack trace in
 * the log, and the cloud goes on. minicloud stands in for a real one under other people's mistakes.
 */

const paths = [
  '/identity/v3/auth/tokens',
  '/identity/v3/auth/projects',
  '/compute/v2.1/servers',
  '/compute/v2.1/servers/detail',
  '/compute/v2.1/servers/ID',
  '/compute/v2.1/servers/ID/action',
  '/compute/v2.1/servers/ID/metadata',
  '/compute/v2.1/servers/ID/metadata/k',
  '/compute/v2.1/servers/ID/tags',
  '/compute/v2.1/servers/ID/tags/t',
  '/compute/v2.1/servers/ID/remote-consoles',
  '/compute/v2.1/servers/ID/os-instance-actions/r',
  '/compute/v2.1/servers/ID/diagnostics',
  '/compute/v2.1/os-console-auth-tokens/x',
  '/compute/v2.1/os-services/ID',
  '/compute/v2.1/os-hypervisors/detail',
  '/compute/v2.1/os-quota-sets/ID',
  '/compute/v2.1/flavors/detail',
  '/network/v2.0/ports',
  '/network/v2.0/ports/PORT',
  '/network/v2.0/ports/PORT/tags',
  '/network/v2.0/quotas/x/details',
  '/image/v2/images',
  '/placement/resource_providers',
  '/placement/allocation_candidates',
  '/minicloud/x/faults',
];

const words = (
  'server port auth identity methods password user scope project domain name id application_credential reboot type ' +
  'rebuild imageRef os-stop os-start lock locked_reason evacuate host tags os-migrateLive os-resetState state ' +
  'os-getSPICEConsole os-getConsoleOutput remote_console protocol metadata meta k quota_set instances x networks uuid ' +
  'flavorRef min_count max_count hostname user_data os:scheduler_hints __proto__ constructor fixed_ips ip_address ' +
  'network_id status forced_down disabled_reason'
).split(' ');
const leaf = oneof(
  constantFrom(null, true, -1, 0, 1e21, '', 'auto', 'HARD', 'password', 'spice', '(', '0'.repeat(32), 'ü€'),
  string(),
);
const { json } = letrec((tie) => ({
  json: oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    array(tie('json'), { maxLength: 3 }),
    dictionary(constantFrom(...words), tie('json'), { maxKeys: 4 }),
  ),
}));
/** One key on the outside, as nearly every body has. */
const wrapped = tuple(constantFrom(...words), json).map(([name, value]) => ({ [name]: value }));

const names = 'limit marker name status tags sort_key changes-since all_tenants ip resources sort'.split(' ');
const value = oneof(constantFrom('', '-1', '(', 'DELETED', 'x:y'), string());
const query = array(tuple(constantFrom(...names), value), { maxLength: 3 }).map(
  (pairs) => `?${new URLSearchParams(pairs).toString()}`,
);
const versions = 'compute 2.1|compute 2.90|compute 2.93|placement 1.39|compute|'.split('|');

const hostile = record({
  method: constantFrom('GET', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD'),
  path: constantFrom(...paths),
  query,
  body: oneof(
    { arbitrary: wrapped.map((v) => JSON.stringify(v)), weight: 4 },
    json.map((v) => JSON.stringify(v)),
    string(),
  ),
  version: oneof(constantFrom(...versions), string()),
  admin: boolean(),
}).filter(({ method, path }) => !(method === 'DELETE' && path.endsWith('/ID')));

test('whatever is asked, it is answered, nothing is a bug, and the cloud goes on', async () => {
  const said: string[] = [];
  const log = openLog({
    name: 'minicloud',
    level: 'error',
    destination: { write: (line) => said.push(line) },
  });
  const fake = new FakeHypervisor();
  using open = openCloud({ seed: 1, log, speed: 1000 }, fake);
  const { cloud, identity, installation } = open;
  const tokenOf = (name: string) =>
    identity.authenticate({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name, domain: { id: 'default' }, password: 'minicloud' } },
        },
        scope: { project: { name: 'desktops', domain: { id: 'default' } } },
      },
    }).secret;
  const tokens = { admin: tokenOf('admin'), member: tokenOf('hub') };
  const networkId = installation.networks[0]!.id;
  const order = { networkId, projectId: installation.projects[0]!.id, securityGroups: [], novaMade: false };
  const port = cloud.ports.create(order, 0).id;
  const ask = async (
    request: Partial<ApiRequest> & { url: string },
    token: string,
    version = 'compute 2.90',
  ) =>
    open.api.handle({
      method: 'GET',
      body: '',
      ...request,
      headers: { 'x-auth-token': token, 'openstack-api-version': version },
    });
  const create = {
    server: {
      name: 'a',
      imageRef: installation.images[0]!.id,
      flavorRef: installation.flavors[0]!.id,
      networks: 'auto',
    },
  };
  const made = await ask(
    { method: 'POST', url: '/compute/v2.1/servers', body: JSON.stringify(create) },
    tokens.member,
  );
  const { id } = (JSON.parse((made as { body: string }).body) as { server: { id: string } }).server;
  const seen = new Set<number>();
  await assert(
    asyncProperty(hostile, async ({ method, path, query, body, version, admin }) => {
      const url = path.replace('ID', id).replace('PORT', port) + query;
      const outcome = await ask({ method, url, body }, admin ? tokens.admin : tokens.member, version);
      expect(typeof outcome).toBe('object');
      seen.add((outcome as { status: number }).status);
      expect(said.splice(0)).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
  // It went past the door.
  expect([200, 400, 404, 409].filter((status) => !seen.has(status))).toEqual([]);
  expect(await ask({ url: '/compute/v2.1/servers/detail' }, tokens.member)).toMatchObject({ status: 200 });
});
