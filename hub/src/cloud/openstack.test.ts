import { expect, test } from 'vitest';
import { openLog, silentLog, systemClock, toFault, type Clock } from '@anyseat/base';
import { poolSpec } from '@anyseat/protocol';
import {
  hurriedClock,
  startSmallCloud,
  versionDocument,
  type Reply,
  type Seen,
  type SmallCloud,
} from '../../../packages/openstack/src/smallCloud.ts';
import type { Cloud, ServerOrder, SpiceSettings } from './cloud.ts';
import { openCloud } from './openstack.ts';

const spice: SpiceSettings = { tls: 'prefer', ca: undefined, hostSubject: undefined, password: undefined };
const ok = (body: unknown): Reply => ({ status: 200, body });

const open = (
  small: SmallCloud,
  more: { clock?: Clock; spice?: SpiceSettings; told?: string[] } = {},
): Promise<Cloud> =>
  openCloud({
    name: 'small',
    member: small.credentials(),
    spice: more.spice ?? spice,
    clock: more.clock ?? hurriedClock(),
    log: more.told
      ? openLog({
          name: 'test',
          destination: { write: (line) => void more.told!.push((JSON.parse(line) as { msg: string }).msg) },
        })
      : silentLog,
  });

const order: ServerOrder = {
  name: 'as-1',
  hostName: 'seat-1',
  spec: poolSpec.parse({
    title: 'x',
    image: 'win',
    flavor: 'big',
    networks: ['desks'],
    floor: 0,
    ceiling: 1,
  }),
  metadata: {},
  tags: ['t'],
  userData: undefined,
};

/** Images, flavors and networks by these names, and answers to orders in turn. */
function shop(images: () => { id: string; name: string; status: string }[], ...orders: Reply[]) {
  return (s: Seen): Reply | undefined => {
    if (s.path.startsWith('/image/v2/images')) return ok({ images: images() });
    if (s.path.startsWith('/compute/v2.1/flavors')) return ok({ flavors: [{ id: 'f1', name: 'big' }] });
    if (s.path.startsWith('/network/v2.0/networks')) return ok({ networks: [{ id: 'n1', name: 'desks' }] });
    if (s.method === 'POST' && s.path === '/compute/v2.1/servers') return orders.shift();
    return undefined;
  };
}

const win = (id: string) => ({ id, name: 'win', status: 'active' });
const made = (id: string): Reply => ({ status: 202, body: { server: { id } } });
const noImage: Reply = {
  status: 400,
  body: { badRequest: { code: 400, message: 'Can not find requested image' } },
};
const ordered = (small: SmallCloud) =>
  small.seen
    .filter((s) => s.method === 'POST' && s.path.endsWith('/servers'))
    .map((s) => (s.body as { server: { imageRef: string } }).server.imageRef);

test('names are looked up once for orders that come together', async () => {
  await using small = await startSmallCloud(shop(() => [win('i1')], made('a'), made('b'), made('c')));
  await using cloud = await open(small);
  await Promise.all([cloud.create(order), cloud.create(order), cloud.create(order)]);
  expect({
    images: small.count('GET', '/image'),
    flavors: small.count('GET', '/compute/v2.1/flavors'),
    networks: small.count('GET', '/network'),
    ordered: ordered(small),
  }).toEqual({ images: 1, flavors: 1, networks: 1, ordered: ['i1', 'i1', 'i1'] });
});

test('an image that was replaced under its name is used, after the cloud refused the old one', async () => {
  let image = 'i1';
  await using small = await startSmallCloud(shop(() => [win(image)], made('a'), noImage, made('b')));
  await using cloud = await open(small);
  await cloud.create(order);
  image = 'i2';
  expect(await cloud.create(order)).toEqual({ id: 'b' });
  expect(ordered(small)).toEqual(['i1', 'i1', 'i2']);
});

test('an order that the cloud refuses is sent once where the names mean what they meant', async () => {
  await using small = await startSmallCloud(shop(() => [win('i1')], noImage, made('a')));
  await using cloud = await open(small);
  await expect(cloud.create(order)).rejects.toMatchObject({
    code: 'cloud-refused-order',
    retry: 'terminal',
    message: 'compute: could not create a server: 400: Can not find requested image',
  });
  expect(ordered(small)).toEqual(['i1']);
});

test('a name that two images have is told with both, and no order is made', async () => {
  await using small = await startSmallCloud(shop(() => [win('i1'), win('i2')], made('a')));
  await using cloud = await open(small);
  await expect(cloud.create(order)).rejects.toMatchObject({
    code: 'cloud-refused-order',
    retry: 'terminal',
    message: '2 of the images are named win (i1, i2): name one by its id',
  });
  expect(ordered(small)).toEqual([]);
});

test('what was missing is looked for again by the next order', async () => {
  let images: ReturnType<typeof win>[] = [];
  await using small = await startSmallCloud(shop(() => images, made('a')));
  await using cloud = await open(small);
  await expect(cloud.create(order)).rejects.toMatchObject({ code: 'cloud-refused-order' });
  images = [win('i1')];
  expect(await cloud.create(order)).toEqual({ id: 'a' });
});

/** A Nova with this plain listing and this one in detail; every page after the first is empty. */
const listings = (plain: unknown, detail: unknown[]) => (s: Seen) => {
  if (s.path === '/compute/v2.1/servers') return ok(plain);
  if (s.path.startsWith('/compute/v2.1/servers/detail'))
    return ok({ servers: s.path.includes('marker=') ? [] : detail });
  if (s.path === '/compute/v2.1/os-services')
    return { status: 403, body: { forbidden: { code: 403, message: "Policy doesn't allow it." } } };
  return undefined;
};
const server = (id: string, ...tags: string[]) => ({
  id,
  status: 'ACTIVE',
  tags,
  hostId: 'h',
  'OS-EXT-STS:power_state': 1,
});
const idsOf = async (listing: ReturnType<Cloud['list']>) => {
  const { servers, complete } = await listing;
  return { ids: servers.map((one) => one.id), complete };
};

test('a listing is complete when every cell answers, and has only what carries the tag', async () => {
  await using small = await startSmallCloud(
    listings({ servers: [{ id: 'a', name: 'x' }] }, [server('a', 'mine'), server('b', 'other')]),
  );
  await using cloud = await open(small);
  expect(await idsOf(cloud.list('mine'))).toEqual({ ids: ['a'], complete: true });
});

test('a listing is not complete while a cell is down, and the log says so once, and once when it is over', async () => {
  let plain: unknown = { servers: [{ id: 'z', status: 'UNKNOWN' }] };
  await using small = await startSmallCloud((s) => listings(plain, [server('a', 'mine')])(s));
  const told: string[] = [];
  await using cloud = await open(small, { told });
  expect(await idsOf(cloud.list('mine'))).toEqual({ ids: ['a'], complete: false });
  expect(await idsOf(cloud.list('mine'))).toEqual({ ids: ['a'], complete: false });
  plain = { servers: [] };
  expect(await idsOf(cloud.list('mine'))).toEqual({ ids: ['a'], complete: true });
  expect(told).toEqual(['listings are not complete', 'listings are complete again']);
});

test('a cell that goes down between the pages makes the listing incomplete', async () => {
  await using small: SmallCloud = await startSmallCloud((s) => {
    const paged = small.count('GET', '/compute/v2.1/servers/detail') > 0;
    return listings({ servers: paged ? [{ id: 'z', status: 'UNKNOWN' }] : [] }, [])(s);
  });
  await using cloud = await open(small);
  expect(await idsOf(cloud.list('mine'))).toEqual({ ids: [], complete: false });
});

test('when the cells cannot be looked at for an error of Nova, the listing is had all the same, not complete', async () => {
  await using small = await startSmallCloud((s) =>
    s.path === '/compute/v2.1/servers'
      ? {
          status: 500,
          body: { computeFault: { code: 500, message: "Unexpected API Error. <class 'TypeError'>" } },
        }
      : listings({}, [server('a', 'mine')])(s),
  );
  await using cloud = await open(small);
  expect(await idsOf(cloud.list('mine'))).toEqual({ ids: ['a'], complete: false });
});

test('in a project of more than a page, seen by a member alone, no listing is complete', async () => {
  await using small = await startSmallCloud(
    listings({ servers: [{ id: 'a' }], servers_links: [{ rel: 'next', href: 'x' }] }, [server('a', 'mine')]),
  );
  await using cloud = await open(small);
  expect(await idsOf(cloud.list('mine'))).toEqual({ ids: ['a'], complete: false });
});

test('whoever asks for the same listing while it is under way gets the same', async () => {
  await using small = await startSmallCloud(listings({ servers: [] }, [server('a', 'mine')]));
  await using cloud = await open(small);
  const [first, second] = await Promise.all([cloud.list('mine'), cloud.list('mine')]);
  expect(first).toBe(second);
  expect(await cloud.list('mine')).not.toBe(first);
});

/** Consoles of a Nova this new, with these answers by kind. */
const consoles = (max: string, direct: Reply) => (s: Seen) => {
  if (s.path === '/compute/v2.1/') return ok(versionDocument(max));
  if (s.path.endsWith('/remote-consoles')) {
    const { type } = (s.body as { remote_console: { type: string } }).remote_console;
    if (type === 'spice-direct' && direct.status !== 200) return direct;
    return ok({ remote_console: { protocol: 'spice', type, url: `http://h/?token=${type}` } });
  }
  const base = { instance_uuid: 'a', host: '10.0.0.9', port: 5901 };
  if (s.path.endsWith('/os-console-auth-tokens/spice-direct')) return direct;
  if (s.path.endsWith('/os-console-auth-tokens/spice-html5')) return ok({ console: base });
  return undefined;
};
const direct = ok({ console: { instance_uuid: 'a', host: '10.0.0.9', port: 5901, tls_port: 5902 } });

test.each([
  ['a new cloud tells the TLS port', '2.100', 'prefer', direct, 5902],
  ['an old one does not', '2.93', 'prefer', direct, undefined],
  ['it is not asked for when nobody wants it', '2.100', 'never', direct, undefined],
  [
    'a new one that refuses direct consoles gives the plain port',
    '2.100',
    'prefer',
    { status: 400, body: { badRequest: { code: 400, message: 'Unavailable console type spice-direct.' } } },
    undefined,
  ],
] as const)('%s', async (_, max, tls, reply, tlsPort) => {
  await using small = await startSmallCloud(consoles(max, reply));
  await using cloud = await open(small, { spice: { ...spice, tls } });
  expect(await cloud.endpoint('a')).toEqual({ host: '10.0.0.9', port: 5901, tlsPort });
});

test('the console of another server is never given', async () => {
  await using small = await startSmallCloud(consoles('2.93', direct));
  await using cloud = await open(small);
  await expect(cloud.endpoint('b')).rejects.toMatchObject({ code: 'cloud-no-console', retry: 'transient' });
});

test('a host without SPICE is a matter of settings', async () => {
  await using small = await startSmallCloud((s) =>
    s.path.endsWith('/remote-consoles')
      ? { status: 400, body: { badRequest: { code: 400, message: 'Unavailable console type spice-html5.' } } }
      : undefined,
  );
  await using cloud = await open(small);
  await expect(cloud.endpoint('a')).rejects.toMatchObject({ code: 'cloud-settings', retry: 'terminal' });
});

test('a server that waits in SOFT_DELETED is removed by force the next time', async () => {
  await using small = await startSmallCloud((s) => {
    if (s.method === 'DELETE') return { status: 204 };
    if (s.method === 'POST' && s.path.endsWith('/action')) return { status: 202 };
    if (s.path === '/compute/v2.1/servers/a') return ok({ server: { id: 'a', status: 'SOFT_DELETED' } });
    return undefined;
  });
  await using cloud = await open(small);
  await cloud.remove('a');
  expect(await cloud.server('a')).toMatchObject({ state: 'leaving', words: 'SOFT_DELETED' });
  await cloud.remove('a');
  expect(
    small.seen
      .filter((s) => s.method !== 'GET' && s.path.startsWith('/compute'))
      .map((s) => [s.method, s.body]),
  ).toEqual([
    ['DELETE', undefined],
    ['POST', { forceDelete: null }],
  ]);
});

test.each([
  ['of a server that no host has', 409, 'Instance a is not ready', undefined],
  [
    'of a hypervisor that keeps none',
    501,
    'Unable to get console log, functionality not implemented',
    undefined,
  ],
  ['of a server that is gone', 404, 'Instance a could not be found.', undefined],
  ['while the compute host does not answer', 500, 'MessagingTimeout', 'cloud-unreachable'],
])('a console log %s', async (_, code, message, fault) => {
  const name = { 404: 'itemNotFound', 409: 'conflictingRequest' }[code] ?? 'computeFault';
  await using small = await startSmallCloud((s) =>
    s.path.endsWith('/action') ? { status: code, body: { [name]: { code, message } } } : undefined,
  );
  await using cloud = await open(small);
  const end = await cloud.consoleLog('a', 50).catch((error: unknown) => toFault(error).code);
  expect(end).toBe(fault);
});

test('a cloud that is closed answers nobody, and what was under way ends', async () => {
  await using small = await startSmallCloud((s) =>
    s.path.startsWith('/compute/v2.1/servers') ? 'hang' : undefined,
  );
  const cloud = await open(small, { clock: systemClock });
  const listing = cloud.list('mine').catch((error: unknown) => error);
  await expect.poll(() => small.count('GET', '/compute/v2.1/servers')).toBe(1);
  await cloud[Symbol.asyncDispose]();
  expect(await listing).toMatchObject({ message: 'the cloud is closed' });
  await expect(cloud.server('a')).rejects.toThrow();
});
