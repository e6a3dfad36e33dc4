import { expect, test } from 'vitest';
import { Inside } from '../inside.fixture.ts';

interface Rows {
  [name: string]: { id: string; name: string; [other: string]: unknown }[];
}

test('ports are found by what they are, cut to the fields asked for, and paged', async () => {
  using inside = new Inside();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push(await inside.running({ name: `d${i}` }));
  const get = async (query: string) => (await inside.get<Rows>(`/network/v2.0/ports${query}`))['ports']!;
  const first = await get(`?device_id=${ids[0]}&fields=id&fields=device_id&fields=status`);
  expect(first).toEqual([{ id: first[0]!.id, device_id: ids[0], status: 'ACTIVE' }]);
  expect((await get(`?device_id=${ids[0]}&device_id=${ids[1]}`)).length).toBe(2);
  const pages: number[] = [];
  for (let query = '?limit=2'; ;) {
    const page = await get(query);
    pages.push(page.length);
    if (page.length === 0) break;
    query = `?limit=2&marker=${page.at(-1)!.id}`;
  }
  expect(pages).toEqual([2, 1, 0]);
});

test('ports of others are nobody’s business, and an administrator’s', async () => {
  using inside = new Inside();
  await inside.running({ name: 'a' });
  const port = [...inside.open.cloud.ports.all()][0]!;
  const statuses = await Promise.all(
    ['hub', 'tinyuser', 'admin'].map(
      async (as) => (await inside.ask(`GET /network/v2.0/ports/${port.id}`, undefined, as)).status,
    ),
  );
  expect(statuses).toEqual([200, 404, 200]);
});

test.each([
  [{ network_id: 'x' }, 404, 'NetworkNotFound'],
  [{ network_id: '', tags: ['a'] }, 400, 'HTTPBadRequest'],
  [{ address: '10.99.0.1' }, 400, 'InvalidIpForSubnet'],
  [{ address: '10.77.0.2' }, 409, 'IpAddressAlreadyAllocated'],
])('a port of %j is refused', async (wanted, status, type) => {
  using inside = new Inside();
  await inside.running({ name: 'a' });
  const { address, ...rest } = wanted as { address?: string };
  const network_id = inside.open.installation.networks[0]!.id;
  const port = { network_id, ...rest, ...(address && { fixed_ips: [{ ip_address: address }] }) };
  const answer = await inside.ask('POST /network/v2.0/ports', { port });
  const error = (JSON.parse(answer.body) as { NeutronError: { type: string } }).NeutronError;
  expect([answer.status, error.type]).toEqual([status, type]);
});

test('images are found by name, by several names, by status and tag, newest first or as asked', async () => {
  using inside = new Inside({
    images: [{ name: 'b', tags: ['vdi', 'x'] }, { name: 'a', tags: ['vdi'] }, { name: 'c, d' }],
  });
  const get = async (query: string) =>
    (await inside.get<Rows>(`/image/v2/images${query}`))['images']!.map((i) => i.name);
  expect([
    await get('?name=a'),
    await get('?name=in:"c,%20d",b&sort=name:asc'),
    await get('?tag=vdi&tag=x'),
    await get('?status=active&limit=1'),
    await get('?status=deactivated'),
  ]).toEqual([['a'], ['b', 'c, d'], ['b'], ['c, d'], []]);
  const missing = await inside.ask('GET /image/v2/images/nope');
  expect([
    missing.status,
    missing.headers['Content-Type'],
    missing.body.includes('Failed to find image nope'),
  ]).toEqual([404, 'text/html; charset=UTF-8', true]);
});

test('Placement says what there is, what is used and what would fit, to administrators', async () => {
  using inside = new Inside({
    hosts: { count: 2, vcpus: 4, cpuRatio: 2, memoryMb: 4608, memoryRatio: 1, diskGb: 10 },
  });
  await inside.running({ name: 'a' });
  const { resource_providers: hosts } = await inside.get<{
    resource_providers: { uuid: string; name: string }[];
  }>('/placement/resource_providers', 'admin');
  const { uuid } = hosts[0]!;
  const { inventories } = await inside.get<{ inventories: Record<string, object> }>(
    `/placement/resource_providers/${uuid}/inventories`,
    'admin',
  );
  const { usages } = await inside.get<{ usages: object }>(
    `/placement/resource_providers/${uuid}/usages`,
    'admin',
  );
  const fit = async (resources: string) =>
    (
      await inside.get<{ allocation_requests: unknown[] }>(
        `/placement/allocation_candidates?resources=${resources}`,
        'admin',
      )
    ).allocation_requests.length;
  expect([hosts.map((h) => h.name), inventories['VCPU'], usages]).toEqual([
    ['compute1', 'compute2'],
    { total: 4, reserved: 0, min_unit: 1, max_unit: 4, step_size: 1, allocation_ratio: 2 },
    { VCPU: 1, MEMORY_MB: 512, DISK_GB: 1 },
  ]);
  expect([
    await fit('VCPU:1,MEMORY_MB:4096'),
    await fit('VCPU:1,MEMORY_MB:3584'),
    await fit('DISK_GB:11'),
  ]).toEqual([1, 2, 0]);
  expect((await inside.ask('GET /placement/resource_providers')).status).toBe(403);
});

test('compute services and hypervisors are told to administrators, by number before 2.53, page by page', async () => {
  using inside = new Inside({ hosts: { count: 3 } });
  inside.open.faults.set('hosts-down', { hosts: ['compute2'] });
  const services = async (version: string) =>
    (
      await inside.get<{ services: { host: string; id: unknown; state: string }[] }>(
        '/compute/v2.1/os-services?binary=nova-compute',
        'admin',
        version,
      )
    ).services.map((s) => [s.host, typeof s.id, s.state]);
  expect(await services('2.90')).toEqual([
    ['compute1', 'string', 'up'],
    ['compute2', 'string', 'down'],
    ['compute3', 'string', 'up'],
  ]);
  expect((await services('2.52'))[0]).toEqual(['compute1', 'number', 'up']);
  const names: string[][] = [];
  for (let marker = ''; ;) {
    const { hypervisors } = await inside.get<{ hypervisors: { id: string; hypervisor_hostname: string }[] }>(
      `/compute/v2.1/os-hypervisors?limit=2${marker}`,
      'admin',
    );
    names.push(hypervisors.map((h) => h.hypervisor_hostname));
    if (hypervisors.length === 0) break;
    marker = `&marker=${hypervisors.at(-1)!.id}`;
  }
  expect(names).toEqual([['compute1', 'compute2'], ['compute3'], []]);
});
