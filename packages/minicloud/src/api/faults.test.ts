import { expect, test } from 'vitest';
import { Inside } from '../inside.fixture.ts';
import { FAULT_NAMES } from '../model/faults.ts';

const servers = 'GET /compute/v2.1/servers';

test('a switch lasts as often as it was told to, from when it was told to, for the calls it was meant for', async () => {
  using inside = new Inside();
  const on = { service: 'compute', method: 'GET', path: '^/v2\\.1/servers' } as const;
  inside.open.faults.set('html-error', { status: 502, on }, { skip: 1, count: 2 });
  const seen: number[] = [];
  for (let i = 0; i < 4; i++) {
    seen.push((await inside.ask(servers)).status, (await inside.ask('GET /compute/v2.1/flavors')).status);
  }
  expect(seen).toEqual([200, 200, 502, 200, 502, 200, 200, 200]);
});

test('pages of a proxy are no JSON, and 429 says when to come again if told to', async () => {
  using inside = new Inside();
  inside.open.faults.set('html-error', { status: 503 }, { count: 1 });
  const page = await inside.ask(servers);
  inside.open.faults.set('too-many-requests', { retryAfter: 7 }, { count: 1 });
  const many = await inside.ask(servers);
  expect([page.status, page.headers['Content-Type'], page.body.startsWith('<html>')]).toEqual([
    503,
    'text/html',
    true,
  ]);
  expect([many.status, many.headers['Retry-After']]).toEqual([429, '7']);
});

test.each(['hang', 'reset'] as const)('a call that %ss is not done', async (what) => {
  using inside = new Inside();
  inside.open.faults.set(what, { on: { method: 'POST' } }, { count: 1 });
  await expect(inside.create({ name: 'a' })).rejects.toThrow(what);
  expect(inside.open.cloud.size).toBe(0);
});

test.each(['hang', 'reset'] as const)('an order whose answer is lost (%s) was taken', async (how) => {
  using inside = new Inside();
  inside.open.faults.set('create-lost', { how }, { count: 1 });
  await expect(inside.create({ name: 'a', tags: ['mine'] })).rejects.toThrow(how);
  expect((await inside.list('?tags=mine')).map((s) => s.name)).toEqual(['a']);
});

test('an order that is answered with 500 was taken all the same', async () => {
  using inside = new Inside();
  inside.open.faults.set('create-lost', { how: 'error' }, { count: 1 });
  const { status, body } = await inside.ask('POST /compute/v2.1/servers', inside.order({ name: 'a' }));
  expect([status, Object.keys(JSON.parse(body) as object), inside.open.cloud.size]).toEqual([
    500,
    ['computeFault'],
    1,
  ]);
});

test('a slow call takes its time, and then is done', async () => {
  using inside = new Inside();
  inside.open.faults.set('slow', { ms: 5000 }, { count: 1 });
  let answered = false;
  const call = inside.ask(servers).then(() => (answered = true));
  await inside.clock.pass(4999);
  expect(answered).toBe(false);
  await inside.clock.pass(1);
  await call;
});

test('without Keystone nobody gets a token, and services trust what they knew for five minutes', async () => {
  using inside = new Inside();
  await inside.ask(servers);
  inside.open.faults.set('keystone-down', {});
  await expect(inside.ask('GET /identity/v3')).rejects.toThrow('reset');
  const seen: unknown[] = [];
  for (const ms of [0, 299_000, 2000]) {
    await inside.clock.pass(ms);
    const { status, headers } = await inside.ask(servers);
    seen.push([status, headers['Content-Type']]);
  }
  expect(seen).toEqual([
    [200, 'application/json'],
    [200, 'application/json'],
    [503, 'text/plain; charset=UTF-8'],
  ]);
});

test('tokens that were thrown away are refused by every service', async () => {
  using inside = new Inside();
  await inside.ask(servers);
  inside.open.identity.expireAll();
  const paths = [
    '/compute/v2.1/servers',
    '/network/v2.0/ports',
    '/image/v2/images',
    '/placement/resource_providers',
  ];
  const seen = await Promise.all(paths.map(async (path) => (await inside.ask(`GET ${path}`)).status));
  expect(seen).toEqual([401, 401, 401, 401]);
});

test('a quota that is cut refuses what is over it, with Nova’s and Neutron’s words, until it is given back', async () => {
  using inside = new Inside();
  await inside.running({ name: 'a' });
  inside.open.faults.set('quota', { instances: 1 });
  const order = inside.order({ name: 'b' });
  const words = await inside.refusal('POST /compute/v2.1/servers', order);
  inside.open.faults.set('quota', { ports: 1 });
  const network_id = inside.open.installation.networks[0]!.id;
  const port = await inside.ask('POST /network/v2.0/ports', { port: { network_id } });
  expect([
    words,
    await inside.refusal('POST /compute/v2.1/servers', order),
    port.status,
    JSON.parse(port.body),
  ]).toEqual([
    '403 forbidden: Quota exceeded for instances: Requested 1, but already used 1 of 1 instances',
    '403 forbidden: Maximum number of ports exceeded',
    409,
    { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['port'].", detail: '' } },
  ]);
  inside.open.faults.clear('quota');
  expect((await inside.ask('POST /compute/v2.1/servers', order)).status).toBe(202);
});

test('over the admin route every switch is known, checked, set and cleared; and nobody without its key is let in', async () => {
  using inside = new Inside();
  const admin = `/minicloud/${inside.open.installation.adminKey}`;
  const put = async (name: string, body: object) =>
    (await inside.ask(`PUT ${admin}/faults/${name}`, body)).status;
  expect([
    await put('slow', { ms: 1, on: { service: 'image' }, count: 3 }),
    await put('slow', {}),
    await put('slow', { ms: 1, typo: true }),
    await put('no-such-switch', {}),
    (await inside.ask('GET /minicloud/guess/faults')).status,
  ]).toEqual([204, 400, 400, 404, 404]);
  const { faults, names } = await inside.get<{ faults: unknown; names: string[] }>(`${admin}/faults`);
  expect(faults).toEqual([{ name: 'slow', params: { ms: 1, on: { service: 'image' } }, left: 3, skip: 0 }]);
  expect(names).toEqual(FAULT_NAMES);
  await inside.ask(`DELETE ${admin}/faults/slow`);
  expect(inside.open.faults.list()).toEqual([]);
});
