import { expect, test } from 'vitest';
import { Fault, silentLog, systemClock } from '@anyseat/base';
import { SpiceServer } from '@anyseat/spice';
import type { Cloud, CloudEndpoint } from '../cloud/cloud.ts';
import type { Desktop } from '../domain/desktop.ts';
import type { Claim } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { prepareGrant } from './grants.ts';

/** Another desktop answers at the address that is remembered, as on a host that has given its port to the next one. */
async function anothers(): Promise<AsyncDisposable & { port: number }> {
  const server = new SpiceServer({
    identify: () => ({ name: 'another', uuid: '11111111-1111-4111-8111-111111111111' }),
  });
  const { port } = await server.listen({ host: '127.0.0.1' });
  return Object.assign(server, { port });
}

const serverId = '22222222-2222-4222-8222-222222222222';

/** A grant of a desktop that was last found at this port, while the cloud says this of its display. */
function prepare(port: number, claim: Claim, endpoint: () => Promise<CloudEndpoint>) {
  const desktop = {
    id: 'dt_1',
    cloud: 'c',
    serverId,
    state: 'leased',
    endpoint: { host: '127.0.0.1', port, resolvedAt: 1 },
  } as unknown as Desktop;
  const cloud = {
    spice: { tls: 'prefer', ca: undefined, hostSubject: undefined, password: undefined },
    endpoint,
    server: () => Promise.resolve('gone' as const),
  } as unknown as Cloud;
  const store = {} as Store;
  return prepareGrant(desktop, claim, {
    store,
    clouds: new Map([['c', cloud]]),
    standing: { take: () => Promise.resolve(false) },
    clock: systemClock,
    log: silentLog,
  });
}

const hasNone = () => Promise.reject(new Fault('cloud-no-console', 'transient', 'there is no such server'));
const isAway = () => Promise.reject(new Fault('cloud-unreachable', 'transient', 'nobody answers'));

test('when the cloud says that a held desktop has no display, whoever answers where it was is another', async () => {
  await using other = await anothers();
  expect(await prepare(other.port, 'held', hasNone)).toMatchObject({ ok: false, verdict: 'broken' });
});

test('while the cloud says nothing, a held desktop is where it was last proved', async () => {
  await using other = await anothers();
  expect(await prepare(other.port, 'held', isAway)).toMatchObject({ ok: true });
});

test('a desktop that nobody held is not granted where another one answers', async () => {
  await using other = await anothers();
  expect(await prepare(other.port, 'new', isAway)).toMatchObject({
    ok: false,
    verdict: 'broken',
    code: 'wrong-desktop',
  });
});
