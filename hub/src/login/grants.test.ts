import { expect, test } from 'vitest';
import { Fault, silentLog, systemClock } from '@anyseat/base';
import { SpiceServer } from '@anyseat/spice';
import type { Cloud, CloudEndpoint } from '../cloud/cloud.ts';
import type { CloudServer } from '../domain/cloudServer.ts';
import type { Desktop, Endpoint } from '../domain/desktop.ts';
import type { Claim } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { prepareGrant, prepareRestarted } from './grants.ts';

/** Another desktop answers at the address that is remembered, as on a host that has given its port to the next one. */
async function anothers(): Promise<AsyncDisposable & { port: number }> {
  const server = new SpiceServer({
    identify: () => ({ name: 'another', uuid: '11111111-1111-4111-8111-111111111111' }),
  });
  const { port } = await server.listen({ host: '127.0.0.1' });
  return Object.assign(server, { port });
}

const serverId = '22222222-2222-4222-8222-222222222222';

interface Around {
  claim: Claim | 'restarted';
  endpoint: () => Promise<CloudEndpoint>;
  left?: boolean;
  unconfirmedSince?: number;
  /** What the cloud has of the server, if it is there. */
  metadata?: Record<string, string>;
  server?: CloudServer['state'] | 'untold';
  desktop?: Partial<Desktop>;
  /** What was written of its address. */
  written?: (Endpoint | undefined)[];
}

/** A grant of a desktop that was last found at this port, while the cloud says this of its display. */
function prepare(
  port: number,
  { claim, endpoint, left, unconfirmedSince, metadata, written, server, desktop: more }: Around,
) {
  const desktop = {
    id: 'dt_1',
    cloud: 'c',
    serverId,
    state: 'leased',
    attempt: 1,
    endpoint: { host: '127.0.0.1', port, resolvedAt: 1, left },
    unconfirmedSince,
    ...more,
  } as unknown as Desktop;
  const cloud = {
    spice: { tls: 'prefer', ca: undefined, hostSubject: undefined, password: undefined },
    endpoint,
    server: () =>
      server === 'untold'
        ? isAway()
        : Promise.resolve(metadata ? { state: server ?? 'running', metadata } : ('gone' as const)),
  } as unknown as Cloud;
  const recordDesktop = (_id: string, event: { endpoint?: Endpoint }) =>
    Promise.resolve(void written?.push(event.endpoint));
  const deps = {
    store: { recordDesktop } as unknown as Store,
    clouds: new Map([['c', cloud]]),
    standing: { take: () => Promise.resolve(false) },
    clock: systemClock,
    log: silentLog,
  };
  return claim === 'restarted' ? prepareRestarted(desktop, deps) : prepareGrant(desktop, claim, deps);
}

const hasNone = () => Promise.reject(new Fault('cloud-no-console', 'transient', 'there is no such server'));
const isAway = () => Promise.reject(new Fault('cloud-unreachable', 'transient', 'nobody answers'));

test('when the cloud says that a held desktop has no display, whoever answers where it was is another', async () => {
  await using other = await anothers();
  expect(await prepare(other.port, { claim: 'held', endpoint: hasNone })).toMatchObject({
    ok: false,
    verdict: 'broken',
  });
});

test('while the cloud says nothing, a held desktop is where it was last proved', async () => {
  await using other = await anothers();
  expect(await prepare(other.port, { claim: 'held', endpoint: isAway })).toMatchObject({ ok: true });
});

// It died, and the next one on its host has its address: seed 20143 of the simulation.
test('while the cloud says nothing, a desktop whose viewer ended has to prove that it is where it was', async () => {
  await using other = await anothers();
  const left = { claim: 'held', endpoint: isAway, left: true } as const;
  expect(await prepare(other.port, left)).toMatchObject({ ok: false, code: 'wrong-desktop' });
});

test('a desktop that nobody held is not granted where another one answers', async () => {
  await using other = await anothers();
  expect(await prepare(other.port, { claim: 'new', endpoint: isAway })).toMatchObject({
    ok: false,
    verdict: 'broken',
    code: 'wrong-desktop',
  });
});

// Its host had no power, and gave the address to another when it came back: seed 403 of the simulation.
test('a held desktop that is not where the cloud says is nowhere, and is not looked for there again', async () => {
  const other = await anothers();
  await other[Symbol.asyncDispose]();
  const written: (Endpoint | undefined)[] = [];
  const endpoint = () => Promise.resolve({ host: '127.0.0.1', port: other.port, tlsPort: undefined });
  expect(await prepare(other.port, { claim: 'held', endpoint, written })).toMatchObject({ ok: false });
  expect(written).toEqual([undefined]);
});

test('where another desktop answers is not where this one is, and is not linked to again', async () => {
  await using other = await anothers();
  const written: (Endpoint | undefined)[] = [];
  await prepare(other.port, { claim: 'bound', endpoint: isAway, written });
  expect(written).toEqual([undefined]);
});

// Its owner had it open at another seat when a backup was restored: seed 197 of the simulation.
test('a bound desktop that is as it stood in a backup gets no full link', async () => {
  await using other = await anothers();
  const endpoint = () => Promise.resolve({ host: '127.0.0.1', port: other.port, tlsPort: undefined });
  const restarted = { claim: 'restarted', endpoint } as const;
  expect(await prepare(other.port, restarted)).toMatchObject({ ok: false, code: 'wrong-desktop' });
  expect(await prepare(other.port, { ...restarted, unconfirmedSince: 1 })).toMatchObject({ ok: true });
});

test('a desktop of a backup that was rebuilt since is not granted to whoever had it then', async () => {
  await using other = await anothers();
  const endpoint = () => Promise.resolve({ host: '127.0.0.1', port: other.port, tlsPort: undefined });
  const granted = (metadata: Record<string, string>) =>
    prepare(other.port, { claim: 'held', endpoint, unconfirmedSince: 1, metadata });
  expect(await granted({ 'anyseat.rebuild': '2' })).toMatchObject({ ok: false, code: 'restored' });
  expect(await granted({ 'anyseat.rebuild': '1' })).toMatchObject({ ok: true });
  expect(await granted({})).toMatchObject({ ok: true });
});

test.each([
  ['shuts down', 'busy', undefined, false],
  ['is off', 'stopped', undefined, false],
  ['runs', 'running', undefined, true],
  ['was not parked, and is migrated', 'busy', 1, true],
] as const)('a bound desktop that %s: whether it is granted', async (_, state, readyAt, ok) => {
  await using own = new SpiceServer({ identify: () => ({ name: 'own', uuid: serverId }) });
  const { port } = await own.listen({ host: '127.0.0.1' });
  const around = { endpoint: () => Promise.resolve({ host: '127.0.0.1', port, tlsPort: undefined }) };
  const bound = { ...around, metadata: {}, server: state, desktop: { state: 'bound', readyAt } } as const;
  for (const claim of ['bound', 'restarted'] as const)
    expect(await prepare(port, { ...bound, claim })).toMatchObject({ ok });
});

// Neutron was down: the display was told, and the server not; it had been made anew, and was another's. Seed 941 of the simulation.
test('one that a backup says they have is not granted while the cloud does not say whether it was made anew', async () => {
  await using other = await anothers();
  const endpoint = () => Promise.resolve({ host: '127.0.0.1', port: other.port, tlsPort: undefined });
  const granted = (unconfirmedSince?: number) =>
    prepare(other.port, {
      claim: 'held',
      endpoint,
      server: 'untold',
      ...(unconfirmedSince === undefined ? {} : { unconfirmedSince }),
    });
  expect(await granted(1)).toMatchObject({ ok: false, verdict: 'unknown', code: 'unreachable' });
  expect(await granted()).toMatchObject({ ok: true });
});
