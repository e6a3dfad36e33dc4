import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { hurriedClock, startSmallCloud, versionDocument, type Reply } from './smallCloud.ts';

const look = { method: 'GET', path: '/servers', what: 'look' } as const;
const ok: Reply = { status: 200, body: { servers: [] } };
const isCompute = (path: string) => path.startsWith('/compute/v2.1/servers');

/** Answers of the compute service in turn; the last one for ever. */
const inTurn = (...replies: (Reply | 'reset' | 'hang')[]) => {
  let n = 0;
  return (s: { path: string }) =>
    isCompute(s.path) ? replies[Math.min(n++, replies.length - 1)] : undefined;
};

test('a call asks for its microversion, and for the newest that is offered where that will do', async () => {
  await using cloud = await startSmallCloud(inTurn(ok));
  const { compute } = cloud.session();
  await compute.call({ ...look, version: { want: '2.90', least: '2.69' } });
  await compute.call({ ...look, version: { want: '2.99', least: '2.6' } });
  await compute.call(look);
  expect(cloud.seen.filter((s) => isCompute(s.path)).map((s) => s.headers['openstack-api-version'])).toEqual([
    'compute 2.90',
    'compute 2.93',
    undefined,
  ]);
  expect(cloud.count('GET', '/compute/v2.1/')).toBe(4);
});

test('a cloud that is too old for a call is told in words, and the call is not made', async () => {
  await using cloud = await startSmallCloud(inTurn(ok));
  const version = { want: '2.99', least: '2.99', because: 'learn the TLS port of a console' };
  await expect(cloud.session().compute.call({ ...look, version })).rejects.toMatchObject({
    code: 'cloud-settings',
    retry: 'terminal',
    message:
      'this cloud is too old: its compute service offers microversion 2.93 at most, and 2.99 is needed to learn the TLS port of a console',
  });
  expect(cloud.count('GET', '/compute/v2.1/servers')).toBe(0);
});

test('versions are asked for anew when the cloud went back to an older one meanwhile', async () => {
  let max = '2.93';
  await using cloud = await startSmallCloud((s) => {
    if (s.path === '/compute/v2.1/') return { status: 200, body: versionDocument(max) };
    if (!isCompute(s.path)) return undefined;
    if (s.headers['openstack-api-version'] === `compute ${max}`) return ok;
    return {
      status: 406,
      body: { computeFault: { code: 406, message: 'Version is not supported by the API.' } },
    };
  });
  const { compute } = cloud.session();
  const call = { ...look, version: { want: '2.93', least: '2.69' } };
  await compute.call(call);
  max = '2.88';
  await compute.call(call);
  expect(cloud.seen.filter((s) => isCompute(s.path)).map((s) => s.headers['openstack-api-version'])).toEqual([
    'compute 2.93',
    'compute 2.93',
    'compute 2.88',
  ]);
});

test.each([
  ['cut short', '{"version": {"id": "v2.1", "sta'],
  ['another page', '<html>busy</html>'],
])('a version document that is %s is not kept: the next call asks again', async (_, body) => {
  let isBent = true;
  await using cloud = await startSmallCloud((s) =>
    isBent && s.path === '/compute/v2.1/' ? { status: 200, body } : inTurn(ok)(s),
  );
  const { compute } = cloud.session({ deadlineMs: 200 });
  const call = { ...look, version: { want: '2.93', least: '2.69' } };
  await expect(compute.call(call)).rejects.toMatchObject({ code: 'cloud-unreachable', retry: 'transient' });
  isBent = false;
  expect(await compute.call({ ...call, deadlineMs: 20_000 })).toMatchObject(ok);
});

test.each([
  ['has no compute service', 'compote', '/compute/v2.1'],
  ['leads to another page', 'compute', '/elsewhere'],
])('a catalog that %s is not kept for the life of its token', async (_, type, path) => {
  let isBent = true;
  await using cloud = await startSmallCloud((s) => {
    if (s.path !== '/v3/auth/tokens' || !isBent) return inTurn(ok)(s);
    const catalog = [{ type, endpoints: [{ interface: 'public', region: 'One', url: cloud.url + path }] }];
    const [issued_at, expires_at] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
    const token = { issued_at, expires_at, project: { id: 'p1' }, user: { id: 'u1' }, catalog };
    return { status: 201, headers: { 'x-subject-token': 'bent' }, body: { token } };
  });
  const { compute } = cloud.session();
  const call = { ...look, version: { want: '2.93', least: '2.69' } };
  await expect(compute.call(call)).rejects.toMatchObject({ code: 'cloud-settings' });
  isBent = false;
  expect(await compute.call(call)).toMatchObject(ok);
});

test('an address of the catalog with the project behind it is not where versions are asked for', async () => {
  await using cloud = await startSmallCloud((s) => (s.path.endsWith('/servers') ? ok : undefined));
  const { compute } = openWith(cloud, { compute: `${cloud.url}/compute/v2.1/p1` });
  await compute.call({ ...look, version: { want: '2.90', least: '2.69' } });
  expect(cloud.seen.map((s) => `${s.method} ${s.path}`)).toEqual([
    'POST /v3/auth/tokens',
    'GET /compute/v2.1/',
    'GET /compute/v2.1/p1/servers',
  ]);
});

test.each([
  ['a broken connection', 'reset' as const],
  ['502', { status: 502, body: '<html><h1>Bad Gateway</h1></html>' }],
  ['503', { status: 503 }],
  ['504', { status: 504, body: 'stream timeout' }],
  ['429', { status: 429 }],
])('a GET and a DELETE are repeated after %s', async (_, trouble) => {
  await using cloud = await startSmallCloud(inTurn(trouble, trouble, ok, trouble, ok));
  const { compute } = cloud.session({ clock: hurriedClock() });
  await compute.call(look);
  await compute.call({ method: 'DELETE', path: '/servers/1', what: 'remove' });
  expect([cloud.count('GET', '/compute/v2.1/servers'), cloud.count('DELETE', '/')]).toEqual([3, 2]);
});

test.each([
  ['a broken connection', 'reset' as const, 'cloud-unreachable'],
  ['500', { status: 500, body: { computeFault: { code: 500, message: 'Oh.' } } }, 'cloud-unreachable'],
  ['502', { status: 502, body: '<html></html>' }, 'cloud-unreachable'],
  ['503', { status: 503, headers: { 'retry-after': '7' } }, 'cloud-busy'],
])('an order is never sent twice after %s', async (_, trouble, code) => {
  await using cloud = await startSmallCloud(inTurn(trouble));
  const { compute } = cloud.session({ clock: hurriedClock() });
  const order = { method: 'POST', path: '/servers', what: 'create', body: {}, once: true } as const;
  await expect(compute.call(order)).rejects.toMatchObject({
    code,
    retry: 'transient',
    fields: { sent: true },
  });
  expect(cloud.count('POST', '/compute')).toBe(1);
});

test('an order that is put off (429) is sent again when the cloud said', async () => {
  await using cloud = await startSmallCloud(
    inTurn({ status: 429, headers: { 'retry-after': '9' } }, { status: 202, body: {} }),
  );
  const clock = hurriedClock();
  await cloud
    .session({ clock })
    .compute.call({ method: 'POST', path: '/servers', what: 'create', body: {}, once: true });
  expect([cloud.count('POST', '/compute'), clock.waits]).toEqual([2, [9000]]);
});

test('a wait that the deadline does not leave room for is not begun', async () => {
  await using cloud = await startSmallCloud(inTurn({ status: 429, headers: { 'retry-after': '60' } }));
  await expect(cloud.session().compute.call({ ...look, deadlineMs: 5000 })).rejects.toMatchObject({
    code: 'cloud-busy',
    fields: { retryAfterMs: 60_000, status: 429 },
  });
  expect(cloud.count('GET', '/compute/v2.1/servers')).toBe(1);
});

test('an order to an address where nobody listens was surely not sent, and says so', async () => {
  await using cloud = await startSmallCloud();
  const { compute } = openWith(cloud, { compute: 'http://127.0.0.1:1/v2.1' });
  const order = { method: 'POST', path: '/servers', what: 'create', body: {}, once: true } as const;
  await expect(compute.call(order)).rejects.toMatchObject({
    code: 'cloud-unreachable',
    retry: 'transient',
    fields: { service: 'compute', what: 'create', sent: false, errno: 'ECONNREFUSED' },
  });
});

test('a socket that accepts and never answers ends at the deadline, and the order may have been taken', async () => {
  const sockets = new Set<Socket>();
  const mute = createTcpServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  await using cloud = await startSmallCloud();
  const { compute } = openWith(cloud, {
    compute: `http://127.0.0.1:${(mute.address() as AddressInfo).port}/v2.1`,
  });
  const order = {
    method: 'POST',
    path: '/servers',
    what: 'create',
    body: {},
    once: true,
    deadlineMs: 150,
  } as const;
  await expect(compute.call(order)).rejects.toMatchObject({
    code: 'cloud-unreachable',
    fields: { sent: true, late: true },
    message: 'compute: no answer in time to: create',
  });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => mute.close(resolve));
});

test('a body that comes in drops, and for ever, ends at the deadline too', async () => {
  const drip = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"serv'));
  });
  await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve));
  await using cloud = await startSmallCloud();
  const { compute } = openWith(cloud, {
    compute: `http://127.0.0.1:${(drip.address() as AddressInfo).port}/v2.1`,
  });
  await expect(compute.call({ ...look, deadlineMs: 150 })).rejects.toMatchObject({ fields: { late: true } });
  await new Promise((resolve) => drip.close(resolve));
});

test('a caller that gives up gets its own reason; of an order on its way it is said that it may have been taken', async () => {
  await using cloud = await startSmallCloud(inTurn('hang'));
  const { compute } = cloud.session();
  const stop = new AbortController();
  const waiting = compute.call(look, stop.signal);
  const order = compute.call(
    { method: 'POST', path: '/servers', what: 'create', body: {}, once: true },
    stop.signal,
  );
  const both = Promise.allSettled([waiting, order]);
  await expect.poll(() => cloud.count('POST', '/compute') + cloud.count('GET', '/compute')).toBe(2);
  stop.abort(new Error('shutting down'));
  const [first, second] = await both;
  expect(first).toMatchObject({ status: 'rejected', reason: { message: 'shutting down' } });
  expect(second).toMatchObject({
    reason: { code: 'cloud-unreachable', fields: { sent: true, late: false } },
  });
});

test('an order goes over a connection of its own, the rest over kept ones', async () => {
  await using cloud = await startSmallCloud(inTurn(ok));
  const { compute } = cloud.session();
  await compute.call(look);
  await compute.call(look);
  await compute.call({ method: 'POST', path: '/servers', what: 'create', body: {}, once: true });
  expect(cloud.seen.filter((s) => isCompute(s.path)).map((s) => s.headers.connection)).toEqual([
    'keep-alive',
    'keep-alive',
    'close',
  ]);
});

test('a redirect to another host is not followed: no token goes there', async () => {
  await using other = await startSmallCloud();
  await using cloud = await startSmallCloud((s) =>
    isCompute(s.path) ? { status: 302, headers: { location: `${other.url}/servers` } } : undefined,
  );
  await expect(cloud.session().compute.call(look)).rejects.toMatchObject({
    code: 'cloud-settings',
    retry: 'terminal',
  });
  expect(other.seen).toEqual([]);
});

test('a redirect within the host is followed for looking, and not in a circle', async () => {
  await using cloud = await startSmallCloud((s) => {
    if (s.path === '/compute/v2.1/servers')
      return { status: 301, headers: { location: '/compute/v2.1/servers/' } };
    if (s.path === '/compute/v2.1/servers/') return ok;
    if (s.path.endsWith('/circle')) return { status: 302, headers: { location: '/compute/v2.1/circle' } };
    return undefined;
  });
  const { compute } = cloud.session({ clock: hurriedClock() });
  await expect(compute.call(look)).resolves.toMatchObject({ status: 200, body: { servers: [] } });
  await expect(compute.call({ ...look, path: '/circle' })).rejects.toThrow('redirects in a circle');
});

test('an answer that is too large, or not JSON, is no answer', async () => {
  await using cloud = await startSmallCloud((s) => {
    if (s.path.endsWith('/large')) return { status: 200, body: { text: 'x'.repeat(5000) } };
    if (s.path.endsWith('/page'))
      return { status: 200, body: '<html>Please log in to the guest network</html>' };
    return undefined;
  });
  const { compute } = cloud.session({ clock: hurriedClock(), mostBytes: 2000 });
  await expect(compute.call({ ...look, path: '/large' })).rejects.toMatchObject({
    code: 'cloud-unreachable',
    message: 'compute: could not look: the answer is larger than 2000 bytes',
  });
  await expect(compute.call({ ...look, path: '/page' })).rejects.toMatchObject({
    code: 'cloud-unreachable',
    message: "compute: the answer is not OpenStack's (not JSON) to: look",
    fields: { garbled: true },
  });
});

test('no more calls are under way than the lane has room for, and those who wait for a person have their own', async () => {
  await using cloud = await startSmallCloud((s) => {
    if (s.path.endsWith('/slow')) return 'hang';
    return isCompute(s.path) ? ok : undefined;
  });
  const { compute } = cloud.session();
  const stop = new AbortController();
  const slow = Promise.allSettled(
    Array.from({ length: 12 }, () => compute.call({ ...look, path: '/slow' }, stop.signal)),
  );
  await expect.poll(() => cloud.count('GET', '/compute/v2.1/slow')).toBe(4);
  await expect(compute.call({ ...look, urgent: true })).resolves.toMatchObject({ status: 200 });
  expect(cloud.count('GET', '/compute/v2.1/slow')).toBe(4);
  stop.abort(new Error('enough'));
  expect((await slow).map((end) => end.status)).toEqual(Array(12).fill('rejected'));
  expect(cloud.count('GET', '/compute/v2.1/slow')).toBe(4);
});

test('no secret stands in a fault: neither the token nor the password nor what Nova repeats of the order', async () => {
  const userData = Buffer.from('#cloud-config password: hush').toString('base64');
  await using cloud = await startSmallCloud((s) =>
    isCompute(s.path)
      ? {
          status: 400,
          body: {
            badRequest: {
              code: 400,
              message: `Invalid input for field/attribute server. Value: {'name': 'a', 'user_data': '${userData}', 'x': 'very-secret ${String(s.headers['x-auth-token'])}'}. Additional properties are not allowed ('nonsense' was unexpected)`,
            },
          },
        }
      : undefined,
  );
  const fault: unknown = await cloud
    .session()
    .compute.call({ method: 'POST', path: '/servers', what: 'create', body: { user_data: userData } })
    .catch((error: unknown) => error);
  expect(fault).toMatchObject({
    message:
      "compute: could not create: 400: Invalid input for field/attribute server. Value: […]. Additional properties are not allowed ('nonsense' was unexpected)",
  });
  const all = JSON.stringify([fault, (fault as Error).stack]);
  for (const secret of [userData, 'very-secret', 'token-1']) expect(all).not.toContain(secret);
});

test('every call carries a request id of ours, and a fault has the cloud’s', async () => {
  await using cloud = await startSmallCloud((s) =>
    isCompute(s.path)
      ? { status: 500, body: { computeFault: { code: 500, message: 'Unexpected' } } }
      : undefined,
  );
  const fault: unknown = await cloud
    .session()
    .compute.call(look)
    .catch((error: unknown) => error);
  const sent = cloud.seen.at(-1)?.headers['x-openstack-request-id'];
  expect(sent).toMatch(/^req-[0-9a-f-]{36}$/);
  expect(fault).toMatchObject({ fields: { globalRequestId: sent, requestId: 'req-of-the-cloud' } });
});

function openWith(cloud: Awaited<ReturnType<typeof startSmallCloud>>, endpoints: Record<string, string>) {
  const credentials = cloud.credentials();
  cloud.credentials = () => ({ ...credentials, endpoints });
  return cloud.session({ clock: hurriedClock() });
}
