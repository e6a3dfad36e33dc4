import { expect, test } from 'vitest';
import { systemClock, type Clock } from '@anyseat/base';
import { startSmallCloud } from '../smallCloud.ts';

const servers = { status: 200, body: { servers: [] } };
const look = { method: 'GET', path: '/servers', what: 'look' } as const;
const unauthorized = {
  status: 401,
  body: {
    error: {
      code: 401,
      title: 'Unauthorized',
      message: 'The request you have made requires authentication.',
    },
  },
};

/** The real clock, and a hand to turn it on. */
function turnedClock(): Clock & { turn(ms: number): void } {
  let ahead = 0;
  return {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + ahead,
    turn: (ms) => void (ahead += ms),
  };
}

test('twenty calls at once ask for one token', async () => {
  await using cloud = await startSmallCloud((s) =>
    s.path === '/compute/v2.1/servers' ? servers : undefined,
  );
  const { compute } = cloud.session();
  await Promise.all(Array.from({ length: 20 }, () => compute.call(look)));
  expect([cloud.count('POST', '/v3/auth/tokens'), cloud.count('GET', '/compute/v2.1/servers')]).toEqual([
    1, 20,
  ]);
});

test('an application credential is sent without a scope', async () => {
  await using cloud = await startSmallCloud((s) =>
    s.path === '/compute/v2.1/servers' ? servers : undefined,
  );
  await cloud.session().compute.call(look);
  expect(cloud.seen[0]?.body).toEqual({
    auth: {
      identity: {
        methods: ['application_credential'],
        application_credential: { id: 'a', secret: 'very-secret' },
      },
    },
  });
});

test('calls refused together share one new token, and each is replayed once, a POST too', async () => {
  let refused = 0;
  await using cloud = await startSmallCloud((s) => {
    if (!s.path.startsWith('/compute/v2.1/s')) return undefined;
    if (s.headers['x-auth-token'] === 'token-1') {
      refused++;
      return unauthorized;
    }
    return servers;
  });
  const { compute } = cloud.session();
  await Promise.all([
    ...Array.from({ length: 6 }, () => compute.call(look)),
    compute.call({ method: 'POST', path: '/servers', what: 'create', body: {}, once: true }),
  ]);
  expect({ refused, tokens: cloud.count('POST', '/v3'), posts: cloud.count('POST', '/compute') }).toEqual({
    refused: refused,
    tokens: 2,
    posts: 2,
  });
  expect(refused).toBeGreaterThan(1);
});

test('a service that takes no token at all is asked twice, and then it is a matter of credentials', async () => {
  await using cloud = await startSmallCloud((s) =>
    s.path.startsWith('/compute') ? unauthorized : undefined,
  );
  await expect(cloud.session().compute.call(look)).rejects.toMatchObject({
    code: 'cloud-credentials',
    retry: 'terminal',
    fields: { service: 'compute', status: 401, requestId: 'req-of-the-cloud' },
  });
  expect(cloud.count('GET', '/compute/v2.1/servers')).toBe(2);
});

test('after a refusal Keystone is left alone for a minute, so that no account is locked by our retries', async () => {
  await using cloud = await startSmallCloud((s) => (s.path.startsWith('/v3') ? unauthorized : undefined));
  const clock = turnedClock();
  const { compute } = cloud.session({ clock });
  for (let i = 0; i < 5; i++)
    await expect(compute.call(look)).rejects.toMatchObject({ code: 'cloud-credentials', retry: 'terminal' });
  expect(cloud.count('POST', '/v3')).toBe(1);
  clock.turn(61_000);
  await expect(compute.call(look)).rejects.toMatchObject({ code: 'cloud-credentials' });
  expect(cloud.count('POST', '/v3')).toBe(2);
});

test('an unknown application credential (404) is a matter of credentials, not of a missing thing', async () => {
  await using cloud = await startSmallCloud((s) =>
    s.path.startsWith('/v3')
      ? {
          status: 404,
          body: {
            error: { code: 404, message: 'Could not find Application Credential: a.', title: 'Not Found' },
          },
        }
      : undefined,
  );
  await expect(cloud.session().compute.call(look)).rejects.toMatchObject({
    code: 'cloud-credentials',
    message: 'identity: could not get a token: 404: Could not find Application Credential: a.',
  });
});

test('a token with less than 300 s to live is replaced beside the work', async () => {
  await using cloud = await startSmallCloud((s) => (s.path.startsWith('/compute') ? servers : undefined));
  const clock = turnedClock();
  const { compute } = cloud.session({ clock });
  const tokenOfCall = async () => {
    await compute.call(look);
    return cloud.seen.findLast((s) => s.path.startsWith('/compute'))?.headers['x-auth-token'];
  };
  expect(await tokenOfCall()).toBe('token-1');
  clock.turn(3_299_000);
  expect(await tokenOfCall()).toBe('token-1');
  clock.turn(2_000);
  expect(await tokenOfCall()).toBe('token-1');
  await expect.poll(() => cloud.count('POST', '/v3')).toBe(2);
  await expect.poll(tokenOfCall).toBe('token-2');
});

test('while Keystone is away, a token that still lives is used, and one that is nearly over is not', async () => {
  let away = false;
  await using cloud = await startSmallCloud((s) => {
    if (s.path.startsWith('/compute')) return servers;
    return away ? { status: 503, body: '<html><title>503 Service Unavailable</title></html>' } : undefined;
  });
  const clock = {
    ...turnedClock(),
    sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(0, signal),
  };
  const { compute } = cloud.session({ clock });
  await compute.call(look);
  away = true;
  clock.turn(3_400_000);
  await compute.call(look);
  clock.turn(180_000);
  await expect(compute.call(look)).rejects.toMatchObject({
    code: 'cloud-busy',
    retry: 'transient',
    message: 'identity: could not get a token: 503: 503 Service Unavailable',
    fields: { service: 'identity', sent: false },
  });
});

test('a Keystone that gives tokens of five seconds is not asked for one by every call', async () => {
  await using cloud = await startSmallCloud((s) => (s.path.startsWith('/compute') ? servers : undefined));
  cloud.tokenSeconds = 5;
  const { compute } = cloud.session();
  for (let i = 0; i < 5; i++) await compute.call(look);
  expect(cloud.count('POST', '/v3')).toBe(1);
});

test('a caller that gives up while the token is on its way does not take it from the others', async () => {
  await using cloud = await startSmallCloud((s) => (s.path.startsWith('/compute') ? servers : undefined));
  const { compute } = cloud.session();
  const hasty = compute.call(look, AbortSignal.abort(new Error('the person left')));
  const patient = compute.call(look);
  await expect(hasty).rejects.toThrow('the person left');
  await expect(patient).resolves.toMatchObject({ status: 200 });
});
