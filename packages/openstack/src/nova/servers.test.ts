import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hurriedClock, startSmallCloud, type Reply, type Seen } from '../smallCloud.ts';
import { lookByServers, lookByServices } from './downCells.ts';
import { listServers } from './listServers.ts';
import { createServer, deleteServer, showServer } from './servers.ts';

/** The answer that a real OpenStack (Zed) gave. */
function recorded(name: string): Reply {
  const file = new URL(`../../../../test/contracts/transcripts/${name}.json`, import.meta.url);
  const { response } = JSON.parse(readFileSync(file, 'utf8')) as {
    response: { status: number; body: unknown };
  };
  return { status: response.status, body: response.body };
}

const at = (path: string, reply: Reply) => (s: Seen) => (s.path.startsWith(path) ? reply : undefined);
const queries = (cloud: { seen: Seen[] }) =>
  cloud.seen.filter((s) => s.path.includes('/servers')).map((s) => s.path.replace(/^.*\/servers/, ''));

test('a server that a real cloud showed is read', async () => {
  await using cloud = await startSmallCloud(
    at('/compute/v2.1/servers/0ed5', recorded('27-server-get-active-admin')),
  );
  expect(await showServer(cloud.session().compute, '0ed5ae1c')).toEqual({
    id: '0ed5ae1c-668b-4fe4-a9ff-d7273e02dc8e',
    name: 'tr-desk-1',
    status: 'ACTIVE',
    vmState: 'active',
    taskState: undefined,
    powerState: 1,
    metadata: { 'vdi-hub': 'pool-a', 'vdi-seat': '1' },
    tags: ['pool-a', 'vdi-hub'],
    projectId: '8fba9f8ae64c43e4b9ee23d5d53fdd03',
    userId: 'cbe63cb92acc422ab92543403b1a35ab',
    host: 'lab2',
    hostId: 'c337b5539b8d3f3da4adb648db006d0a7343308dd8b6e11fb4ba1788',
    hostStatus: 'UP',
    fault: undefined,
    addresses: ['10.77.3.45'],
    locked: false,
    createdAt: Date.parse('2026-11-23T07:17:32Z'),
  });
});

test('the fault of a server that failed is read', async () => {
  await using cloud = await startSmallCloud(
    at('/compute/v2.1/servers/', recorded('73-server-get-novalidhost-error')),
  );
  expect(await showServer(cloud.session().compute, '5ff3')).toMatchObject({
    status: 'ERROR',
    hostId: undefined,
    fault: { code: 500, message: 'No valid host was found. ' },
  });
});

test('a server whose cell is down has an id and a status, and is there', async () => {
  const server = { id: 'a', status: 'UNKNOWN', tenant_id: 'p', created: '2026-11-23T07:17:32Z', links: [] };
  await using cloud = await startSmallCloud(at('/compute/v2.1/servers/a', { status: 200, body: { server } }));
  expect(await showServer(cloud.session().compute, 'a')).toMatchObject({
    id: 'a',
    status: 'UNKNOWN',
    tags: [],
  });
});

test.each([
  ['Nova says so', recorded('95-server-404'), 'gone'],
  ['Nova says so of a deleted one', recorded('108-server-get-deleted-404'), 'gone'],
  ['it is a wrong address of Nova', recorded('98-url-404'), 'cloud-unreachable'],
  [
    'it is a proxy’s page',
    { status: 404, body: '<html><title>404 Not Found</title></html>' },
    'cloud-unreachable',
  ],
  [
    'it is Keystone’s',
    { status: 404, body: { error: { code: 404, message: 'no', title: 'Not Found' } } },
    'cloud-not-found',
  ],
])('a 404 means gone only when Nova says so: %s', async (_, reply, means) => {
  await using cloud = await startSmallCloud(at('/compute/v2.1/servers/', reply));
  const seen = await showServer(cloud.session().compute, 'a').catch(
    (error: unknown) => (error as { code: string }).code,
  );
  expect(seen).toBe(means);
});

test('removing asks once, and what is gone already is no error', async () => {
  let reply: Reply = { status: 204 };
  await using cloud = await startSmallCloud((s) => (s.method === 'DELETE' ? reply : undefined));
  const { compute } = cloud.session();
  expect(await deleteServer(compute, 'a/b')).toBe('asked');
  reply = recorded('99-delete-404');
  expect(await deleteServer(compute, 'a')).toBe('gone');
  expect(cloud.seen.filter((s) => s.method === 'DELETE').map((s) => s.path)).toEqual([
    '/compute/v2.1/servers/a%2Fb',
    '/compute/v2.1/servers/a',
  ]);
});

const order = {
  name: 'n',
  hostname: 'h',
  imageRef: 'i',
  flavorRef: 'f',
  networks: 'auto',
  metadata: {},
  tags: ['t'],
  config_drive: false,
} as const;

test('an order is sent at 2.90 and its id read, from the address when the body was lost', async () => {
  const replies = [
    recorded('23-server-create'),
    { status: 202, headers: { location: 'http://x/v2.1/servers/abc-1' } },
  ];
  await using cloud = await startSmallCloud((s) =>
    s.method === 'POST' && s.path.includes('/servers') ? replies.shift() : undefined,
  );
  const { compute } = cloud.session();
  expect(await createServer(compute, order)).toEqual({ id: '0ed5ae1c-668b-4fe4-a9ff-d7273e02dc8e' });
  expect(await createServer(compute, order)).toEqual({ id: 'abc-1' });
  expect(cloud.seen.at(-1)?.headers['openstack-api-version']).toBe('compute 2.90');
  expect(cloud.seen.at(-1)?.body).toEqual({ server: order });
});

test('an order that was taken with an answer nobody understands may have been taken', async () => {
  await using cloud = await startSmallCloud((s) =>
    s.method === 'POST' && s.path.includes('/servers')
      ? { status: 202, body: { surprise: true } }
      : undefined,
  );
  await expect(createServer(cloud.session().compute, order)).rejects.toMatchObject({
    code: 'cloud-unreachable',
    fields: { sent: true, garbled: true },
  });
});

/** A Nova with these records, 2 a page at most whatever is asked, newest first. */
function pagesOf(records: readonly Record<string, unknown>[]) {
  return (s: Seen): Reply | undefined => {
    const [path, query] = s.path.split('?');
    if (path !== '/compute/v2.1/servers/detail') return undefined;
    const marker = new URLSearchParams(query).get('marker');
    const from = marker === null ? 0 : records.findIndex((r) => r['id'] === marker) + 1;
    const servers = records.slice(from, from + 2);
    const links =
      servers.length === 2 ? { servers_links: [{ rel: 'next', href: 'http://wrong.example/' }] } : {};
    return { status: 200, body: { servers, ...links } };
  };
}

const active = (id: string) => ({ id, status: 'ACTIVE', hostId: 'h', tags: ['x'] });

test('a listing asks for pages by tag until one is empty, and never follows an address it is given', async () => {
  await using cloud = await startSmallCloud(pagesOf(['a', 'b', 'c', 'd'].map(active)));
  const list = await listServers(cloud.session().compute, { tags: ['x', 'y'] });
  expect({ ids: list.servers.map((s) => s.id), doubts: list.doubts, queries: queries(cloud) }).toEqual({
    ids: ['a', 'b', 'c', 'd'],
    doubts: [],
    queries: [
      '/detail?limit=500&tags=x%2Cy',
      '/detail?limit=500&tags=x%2Cy&marker=b',
      '/detail?limit=500&tags=x%2Cy&marker=d',
    ],
  });
});

test('servers of another project are asked for by an admin who lives elsewhere', async () => {
  await using cloud = await startSmallCloud(pagesOf([]));
  await listServers(cloud.session().compute, { tags: ['x'], projectId: 'p9', pageSize: 7 });
  expect(queries(cloud)).toEqual(['/detail?limit=7&tags=x&all_tenants=1&project_id=p9']);
});

test('a record that makes no sense does not cost the others, and the listing says so', async () => {
  await using cloud = await startSmallCloud(
    pagesOf([
      active('a'),
      { id: 'b', status: 7 },
      { status: 'ACTIVE' },
      active('d'),
      { ...active('e'), fault: 'odd', addresses: [] },
    ]),
  );
  const list = await listServers(cloud.session().compute, { tags: ['x'] });
  expect({ ids: list.servers.map((s) => s.id), doubts: list.doubts }).toEqual({
    ids: ['a', 'd', 'e'],
    doubts: ['1 records make no sense'],
  });
});

test('a full page that ends at a server without a host leaves a doubt: the rest of the waiting ones may be passed over', async () => {
  const waiting = (id: string) => ({
    id,
    status: 'BUILD',
    hostId: '',
    'OS-EXT-STS:task_state': 'scheduling',
  });
  await using cloud = await startSmallCloud(pagesOf([waiting('a'), waiting('b'), waiting('c')]));
  const list = await listServers(cloud.session().compute, { tags: ['x'] });
  // The first page is full and ends at b; the second is not.
  expect(list.doubts).toEqual(['a page ended at a server that is not scheduled yet']);
});

test.each([
  ['every cell answers', { servers: [{ id: 'a', name: 'n' }] }, 'allUp'],
  [
    'one does not',
    {
      servers: [
        { id: 'a', status: 'UNKNOWN' },
        { id: 'b', name: 'n' },
      ],
    },
    'someDown',
  ],
  [
    'there are more servers than a page holds',
    { servers: [{ id: 'a' }], servers_links: [{ rel: 'next' }] },
    'unknowable',
  ],
  [
    'the page is full and one does not',
    { servers: [{ id: 'a', status: 'UNKNOWN' }], servers_links: [{ rel: 'next' }] },
    'someDown',
  ],
])('whether a cell is down is seen in the plain listing: %s', async (_, body, look) => {
  await using cloud = await startSmallCloud(at('/compute/v2.1/servers', { status: 200, body }));
  expect(await lookByServers(cloud.session().compute)).toBe(look);
  expect(cloud.seen.at(-1)).toMatchObject({
    path: '/compute/v2.1/servers',
    headers: { 'openstack-api-version': 'compute 2.90' },
  });
});

test.each([
  ['all report', [{ status: 'enabled' }, { status: 'disabled' }], 'allUp'],
  [
    'those of a down cell are unknown',
    [{ status: 'enabled' }, { status: 'UNKNOWN', host: 'h', binary: 'nova-compute' }],
    'someDown',
  ],
  ['there are none', [], 'unknowable'],
])('whether a cell is down is seen in the compute services: %s', async (_, services, look) => {
  await using cloud = await startSmallCloud(
    at('/compute/v2.1/os-services', { status: 200, body: { services } }),
  );
  expect(await lookByServices(cloud.session().compute)).toBe(look);
});

test('Neutron being away makes a listing fail, not empty', async () => {
  await using cloud = await startSmallCloud(
    at('/compute/v2.1/servers/detail', recorded('neutron-down/02-servers-detail')),
  );
  const session = cloud.session({ clock: hurriedClock() });
  await expect(listServers(session.compute, { tags: ['x'] })).rejects.toMatchObject({
    code: 'cloud-unreachable',
    retry: 'transient',
    fields: { status: 500 },
  });
});
