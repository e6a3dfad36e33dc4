import { expect, test } from 'vitest';
import { Inside, type Shown } from '../inside.fixture.ts';

const names = (servers: Shown[]) => servers.map((server) => server.name);

test('servers are found by tag and by name from the moment of their request', async () => {
  using inside = new Inside();
  const id = await inside.create({ name: 'desk-1', tags: ['x', 'pool-a'] });
  await inside.create({ name: 'desk-10', tags: ['x'] });
  const found = async () => ({
    tags: names(await inside.list('?tags=x,pool-a')),
    any: names(await inside.list('?tags-any=pool-a,pool-b')),
    not: names(await inside.list('?tags=x&not-tags=pool-a')),
    notAny: names(await inside.list('?not-tags-any=pool-a,pool-z')),
    exact: names(await inside.list('?name=%5Edesk-1%24')),
    loose: names(await inside.list('?name=desk-1')).toSorted(),
  });
  const wanted = {
    tags: ['desk-1'],
    any: ['desk-1'],
    not: ['desk-10'],
    notAny: ['desk-10'],
    exact: ['desk-1'],
    loose: ['desk-1', 'desk-10'],
  };
  expect(await found()).toEqual(wanted);
  await inside.clock.pass(60_000);
  expect(await found()).toEqual(wanted);
  expect((await inside.show(id)).status).toBe('ACTIVE');
});

test('a page is as long as it may be at most, and the last one that is full has an empty one after it', async () => {
  using inside = new Inside({ maxLimit: 3 });
  for (let i = 0; i < 6; i++) await inside.running({ name: `d${i}` });
  const pages: string[][] = [];
  let url: string | undefined = '/compute/v2.1/servers/detail?limit=1000&name=d';
  while (url !== undefined) {
    const page: { servers: Shown[]; servers_links?: { rel: string; href: string }[] } = await inside.get(url);
    pages.push(names(page.servers));
    url = page.servers_links?.[0]?.href.replace('http://minicloud.test', '');
  }
  expect(pages).toEqual([['d5', 'd4', 'd3'], ['d2', 'd1', 'd0'], []]);
});

test('a marker still holds after its server was deleted, and one that nobody knows is refused', async () => {
  using inside = new Inside();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push(await inside.running({ name: `d${i}` }));
  await inside.ask(`DELETE /compute/v2.1/servers/${ids[1]}`);
  await inside.clock.pass(60_000);
  expect(names(await inside.list(`?marker=${ids[1]}`))).toEqual(['d0']);
  expect(await inside.refusal('GET /compute/v2.1/servers?marker=nobody')).toBe(
    '400 badRequest: marker [nobody] not found',
  );
});

test('requests come before everything else, also as a marker', async () => {
  using inside = new Inside();
  await inside.running({ name: 'old' });
  await inside.create({ name: 'r1' });
  await inside.clock.pass(50);
  const requests = names(await inside.list()).slice(0, 1);
  expect([requests, names(await inside.list('?limit=2'))]).toEqual([['r1'], ['r1', 'old']]);
  const [first] = await inside.list('?limit=1');
  expect(names(await inside.list(`?marker=${first!.id}`))).toEqual(['old']);
});

test('a member’s filter by host is stripped without a word, and an administrator’s counts', async () => {
  using inside = new Inside({ hosts: { count: 2 } });
  await inside.running({ name: 'a' });
  await inside.running({ name: 'b' });
  expect(names(await inside.list('?host=compute1'))).toEqual(['b', 'a']);
  expect(names(await inside.list('?host=compute1', 'admin'))).toEqual(['a']);
});

test.each([
  ['?metadata=x', '400 badRequest: Invalid filter field: metadata.'],
  ['?status=NONSENSE', '400 badRequest: Invalid status value'],
  ['?nonsense=1', "400 badRequest: Additional properties are not allowed ('nonsense' was unexpected)"],
  [
    '?limit=-1',
    "400 badRequest: Invalid input for query parameters limit. Value: -1. '-1' does not match '^[0-9]*$'",
  ],
  ['?name=(', "400 badRequest: Invalid input for query parameters name. Value: (. '(' is not a 'regex'"],
  ['?sort_key=host', '403 forbidden: Only administrators can sort servers by host'],
])('GET /servers%s is refused', async (query, words) => {
  using inside = new Inside();
  const as = query.startsWith('?metadata') ? 'admin' : 'hub';
  expect(await inside.refusal(`GET /compute/v2.1/servers${query}`, undefined, as)).toBe(words);
});

test('changes since a time bring deleted servers along, and what changed', async () => {
  using inside = new Inside();
  const [a, b] = [await inside.running({ name: 'a' }), await inside.running({ name: 'b' })];
  const then = new Date(inside.clock.now()).toISOString();
  await inside.clock.pass(1000);
  await inside.act(a, { 'os-stop': null });
  await inside.ask(`DELETE /compute/v2.1/servers/${b}`);
  await inside.clock.pass(60_000);
  const changed = await inside.list(`?changes-since=${then}`);
  expect(changed.map((s) => `${s.name} ${s.status}`)).toEqual(['b DELETED', 'a SHUTOFF']);
  expect(names(await inside.list('?deleted=true', 'admin'))).toEqual(['b']);
});

test('with a cell down, servers are missing from a filtered list, and UNKNOWN in a bare one from 2.69 on', async () => {
  using inside = new Inside({ hosts: { count: 2, cells: 2 } });
  const [a] = [await inside.running({ name: 'a' }), await inside.running({ name: 'b' })];
  inside.open.faults.set('cells-down', { cells: ['cell1'] });
  expect(names(await inside.list('?name=.'))).toEqual(['b']);
  expect((await inside.list()).map((s) => [s.id === a, s.status])).toEqual([
    [true, 'UNKNOWN'],
    [false, 'ACTIVE'],
  ]);
  expect((await inside.list('', 'hub', '2.68')).length).toBe(1);
  expect(Object.keys(await inside.show(a)).toSorted()).toEqual([
    'OS-EXT-AZ:availability_zone',
    'OS-EXT-STS:power_state',
    'created',
    'flavor',
    'id',
    'image',
    'links',
    'server_groups',
    'status',
    'tenant_id',
    'user_id',
  ]);
  expect((await inside.ask(`GET /compute/v2.1/servers/${a}`, undefined, 'hub', '2.68')).status).toBe(500);
});

test('a listing that lags shows what was, as often as asked', async () => {
  using inside = new Inside();
  const id = await inside.running({ name: 'a' });
  inside.open.faults.set('listing-lags', {}, { count: 2 });
  await inside.act(id, { 'os-stop': null });
  await inside.running({ name: 'late' });
  const seen: string[][] = [];
  for (let i = 0; i < 3; i++) seen.push((await inside.list()).map((s) => `${s.name} ${s.status}`));
  expect(seen).toEqual([['a ACTIVE'], ['a ACTIVE'], ['late ACTIVE', 'a SHUTOFF']]);
});

test('ten thousand servers are listed, each once, page by page', async () => {
  using inside = new Inside({
    hosts: { count: 20 },
    timings: { jitter: 0, scheduleMs: 1, networkMs: 0, spawnMs: 0 },
  });
  const { cloud } = inside.open;
  for (let i = 0; i < 10; i++) {
    await inside.create({ name: `desk-${i}`, tags: ['pool'], networks: 'none', min_count: 1000 });
  }
  await inside.clock.pass(60_000);
  const seen = new Set<string>();
  for (let marker = ''; ;) {
    const page = await inside.list(`?tags=pool&limit=500${marker}`);
    for (const server of page) if (server.status === 'ACTIVE') seen.add(server.id);
    if (page.length === 0) break;
    marker = `&marker=${page.at(-1)!.id}`;
  }
  expect([seen.size, cloud.size]).toEqual([10_000, 10_000]);
}, 60_000);
