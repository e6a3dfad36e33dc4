import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { imageById, imagesNamed } from '../glance/images.ts';
import { findNetworks } from '../neutron/networks.ts';
import { portsOf } from '../neutron/ports.ts';
import { startSmallCloud, type Reply, type Seen } from '../smallCloud.ts';
import { consoleOutput, forceDeleteServer, rebootServer, rebuildServer, startServer } from './actions.ts';
import { lookUpConsole, openConsole, tokenIn } from './consoles.ts';
import { listFlavors } from './flavors.ts';
import { listComputeServices, listHypervisors, listZones } from './hosts.ts';
import { listInstanceActions } from './instanceActions.ts';
import { showLimits } from './limits.ts';
import { addTag, tagsOf } from './tags.ts';

/** The answer that a real OpenStack (Zed) gave. */
function recorded(name: string): Reply {
  const file = new URL(`../../../../test/contracts/transcripts/${name}.json`, import.meta.url);
  const { response } = JSON.parse(readFileSync(file, 'utf8')) as {
    response: { status: number; body: unknown };
  };
  return { status: response.status, body: response.body };
}

/** A cloud that answers every service call by this reply. */
const answering = (reply: Reply) =>
  startSmallCloud((s) => (/^\/(compute\/v2.1|network|image)\/./.test(s.path) ? reply : undefined));
const last = (cloud: { seen: Seen[] }) => {
  const { method, path, body, headers } = cloud.seen.at(-1)!;
  return `${method} ${path} ${String(headers['openstack-api-version'] ?? '-')} ${JSON.stringify(body ?? null)}`;
};

test('flavors, limits, zones, services and hypervisors are read as a real cloud gave them', async () => {
  const get = async <T>(
    name: string,
    call: (session: ReturnType<Awaited<ReturnType<typeof answering>>['session']>) => Promise<T>,
  ) => {
    await using cloud = await answering(recorded(name));
    return await call(cloud.session());
  };
  expect({
    flavors: (await get('19-flavors-detail', (s) => listFlavors(s.compute))).map((f) => f.name),
    limits: await get('84-tiny-limits', (s) => showLimits(s.compute)),
    zones: await get('22-az', (s) => listZones(s.compute)),
    services: (await get('102-services-admin', (s) => listComputeServices(s.compute))).map(
      (s) => `${s.binary} ${s.host} ${s.status} ${s.up}`,
    ),
    hypervisors: (await get('101-hypervisors-admin', (s) => listHypervisors(s.compute))).map(
      (h) => `${h.hostname} ${h.up} ${h.enabled} ${h.type}`,
    ),
    tags: await get('40-server-tags-get', (s) => tagsOf(s.compute, 'a')),
    actions: await get('41-server-actions-list', (s) => listInstanceActions(s.compute, 'a')),
    images: (await get('21-images', (s) => imagesNamed(s.image, 'memtest86'))).map((i) => i.id),
  }).toEqual({
    flavors: ['desk.small', 'desk.huge', 'desk.large'],
    limits: {
      servers: { most: 1, used: 1 },
      cores: { most: 4, used: 1 },
      memoryMb: { most: 2048, used: 512 },
      metadataEntries: 128,
    },
    zones: [
      { name: 'az1', available: true },
      { name: 'virt', available: true },
    ],
    services: [
      'nova-scheduler vm enabled true',
      'nova-conductor vm enabled true',
      'nova-compute lab1 enabled true',
      'nova-compute lab2 enabled true',
      'nova-compute virt1 enabled true',
    ],
    hypervisors: ['lab1 true true fake', 'lab2 true true fake', 'vm true true QEMU'],
    tags: ['pool-a', 'vdi-hub'],
    actions: [
      {
        action: 'create',
        requestId: 'req-455a1e11-c0b3-4121-9737-337d78f226e2',
        startedAt: Date.parse('2026-11-23T07:17:32Z'),
        message: undefined,
      },
    ],
    images: ['193cfbec-694d-4658-9eaf-7c66f21d6166'],
  });
});

test('a console is opened and its token looked up, each at the version that tells what is wanted', async () => {
  const replies: Record<string, Reply> = {
    'remote-consoles': recorded('42-remote-console-spice'),
    'os-console-auth-tokens': recorded('virt/03-console-auth-token'),
  };
  await using cloud = await startSmallCloud(
    (s) => replies[Object.keys(replies).find((part) => s.path.includes(part)) ?? ''],
  );
  const { compute } = cloud.session();
  const token = await openConsole(compute, 'a', 'spice-html5');
  expect([token, last(cloud)]).toEqual([
    'cb2fe893-bda4-4ed9-bd5f-657bd3d68ebc',
    'POST /compute/v2.1/servers/a/remote-consoles compute 2.90 {"remote_console":{"protocol":"spice","type":"spice-html5"}}',
  ]);
  expect(await lookUpConsole(compute, token, 'spice-html5')).toEqual({
    serverId: '74a10c9e-2cbf-4c9f-ad82-82582cef0088',
    host: '127.0.0.1',
    port: 5900,
    tlsPort: undefined,
  });
  await expect(openConsole(compute, 'a', 'spice-direct')).rejects.toMatchObject({ code: 'cloud-settings' });
});

test('a port that is not one yet is none, and a TLS port is given where the cloud tells it', async () => {
  const body = {
    console: { instance_uuid: 'a', host: 'h', port: -1, tls_port: 5901, internal_access_path: null },
  };
  await using cloud = await answering({ status: 200, body });
  expect(await lookUpConsole(cloud.session().compute, 't', 'spice-html5')).toEqual({
    serverId: 'a',
    host: 'h',
    port: undefined,
    tlsPort: 5901,
  });
});

test.each([
  ['http://127.0.0.1:6082/spice_auto.html?token=abc', 'abc'],
  ['https://h/x?path=%3Ftoken%3Dabc', 'abc'],
  ['https://h/x?token=', undefined],
  ['https://h/x', undefined],
  ['nonsense', undefined],
])('the token in %s is %s', (address, token) => {
  expect(tokenIn(address)).toBe(token);
});

test('actions are sent as Nova wants them', async () => {
  await using cloud = await answering({ status: 202 });
  const { compute } = cloud.session();
  const sent: string[] = [];
  for (const run of [
    () => startServer(compute, 'a'),
    () => rebootServer(compute, 'a', 'HARD'),
    () => rebuildServer(compute, 'a', { imageRef: 'i' }),
    () => forceDeleteServer(compute, 'a'),
    () => addTag(compute, 'a', 'x y'),
  ]) {
    await run();
    sent.push(last(cloud));
  }
  expect(sent).toEqual([
    'POST /compute/v2.1/servers/a/action compute 2.90 {"os-start":null}',
    'POST /compute/v2.1/servers/a/action compute 2.90 {"reboot":{"type":"HARD"}}',
    'POST /compute/v2.1/servers/a/action compute 2.93 {"rebuild":{"imageRef":"i"}}',
    'POST /compute/v2.1/servers/a/action compute 2.90 {"forceDelete":null}',
    'PUT /compute/v2.1/servers/a/tags/x%20y compute 2.90 null',
  ]);
});

test('console output is text, or nothing', async () => {
  await using cloud = await answering({ status: 200, body: { output: 'login:' } });
  expect(await consoleOutput(cloud.session().compute, 'a', 50)).toBe('login:');
});

test('images, networks and ports are asked for where the catalog says, with the version behind it', async () => {
  const reply: Reply = {
    status: 200,
    body: {
      images: [
        { id: 'i1', name: 'win', status: 'active' },
        { id: 'i2', name: 'window', status: 'active' },
      ],
      networks: [{ id: 'n1', name: 'desk-net' }],
      ports: [
        {
          id: 'p',
          status: 'ACTIVE',
          device_id: 's',
          device_owner: 'compute:az1',
          fixed_ips: [{ ip_address: '10.0.0.5' }],
        },
      ],
    },
  };
  await using cloud = await answering(reply);
  const { image, network } = cloud.session();
  expect(await imagesNamed(image, 'win')).toEqual([{ id: 'i1', name: 'win', status: 'active' }]);
  expect(last(cloud)).toBe('GET /image/v2/images?name=win&status=active&limit=100 - null');
  expect(await findNetworks(network, { name: 'desk-net' })).toEqual([{ id: 'n1', name: 'desk-net' }]);
  expect(last(cloud)).toBe('GET /network/v2.0/networks?name=desk-net&fields=id&fields=name - null');
  expect(await portsOf(network, 's')).toEqual([
    {
      id: 'p',
      name: '',
      status: 'ACTIVE',
      deviceId: 's',
      deviceOwner: 'compute:az1',
      addresses: ['10.0.0.5'],
    },
  ]);
});

test('an image that is not there is none, though Glance answers with a page', async () => {
  await using cloud = await answering({ status: 404, body: '<html><title>404 Not Found</title></html>' });
  expect(await imageById(cloud.session().image, 'i')).toBe(undefined);
});

test('an answer of another shape is told with the place that does not fit', async () => {
  await using cloud = await answering({ status: 200, body: { flavors: [{ id: 1, name: 'x' }] } });
  await expect(listFlavors(cloud.session().compute)).rejects.toMatchObject({
    code: 'cloud-unreachable',
    message:
      "compute: the answer is not OpenStack's (flavors.0.id: Invalid input: expected string, received number) to: list the flavors",
  });
});
