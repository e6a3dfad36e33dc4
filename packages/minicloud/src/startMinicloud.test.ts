import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@anyseat/base';
import { bareLink, proveIdentity } from '@anyseat/spice';
import { expect, test } from 'vitest';
import { makeCertificates } from '../../spice/src/certificates.fixture.ts';
import { lockDirectory } from './lockDirectory.ts';
import { startMinicloud, type Minicloud } from './startMinicloud.ts';

const QUICK = { timings: { scheduleMs: 0, networkMs: 0, spawnMs: 0, powerOffMs: 0, deleteMs: 0, jitter: 0 } };

async function token(cloud: Minicloud): Promise<string> {
  const { clouds } = JSON.parse(cloud.cloudsYaml()) as {
    clouds: Record<
      string,
      { auth: { application_credential_id: string; application_credential_secret: string } }
    >;
  };
  const { application_credential_id: id, application_credential_secret: secret } =
    clouds['minicloud-app']!.auth;
  const identity = { methods: ['application_credential'], application_credential: { id, secret } };
  const answer = await fetch(`${cloud.authUrl}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({ auth: { identity } }),
  });
  return answer.headers.get('x-subject-token')!;
}

async function ask(cloud: Minicloud, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${cloud.url}${path}`, {
    method,
    headers: { 'X-Auth-Token': await token(cloud), 'OpenStack-API-Version': 'compute 2.90' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

async function running(cloud: Minicloud, name: string) {
  const { flavors } = (await ask(cloud, 'GET', '/compute/v2.1/flavors')) as {
    flavors: { id: string; name: string }[];
  };
  const { images } = (await ask(cloud, 'GET', '/image/v2/images')) as { images: { id: string }[] };
  const flavorRef = flavors.find((flavor) => flavor.name === 'desk.small')!.id;
  const order = { server: { name, flavorRef, imageRef: images[0]!.id, networks: 'auto' } };
  const { server } = (await ask(cloud, 'POST', '/compute/v2.1/servers', order)) as { server: { id: string } };
  await until(() => look(cloud, server.id)?.status === 'ACTIVE');
  return look(cloud, server.id)!;
}

const look = (cloud: Minicloud, id: string) => cloud.servers().find((server) => server.id === id);

const screenOf = ({ display }: { display: { host: string; port: number | null } | undefined }) => ({
  host: display!.host,
  port: display!.port!,
});

async function until(condition: () => boolean): Promise<void> {
  const end = systemClock.monotonic() + 5000;
  while (!condition()) {
    if (systemClock.monotonic() > end) throw new Error('it did not come to pass');
    await systemClock.sleep(10);
  }
}

test('every running server has a screen at an address of its own that says who it is; a stopped one has none', async () => {
  await using cloud = await startMinicloud(QUICK);
  const [a, b] = [await running(cloud, 'desk-a'), await running(cloud, 'desk-b')];
  expect(await Promise.all([a, b].map((server) => proveIdentity(screenOf(server))))).toEqual([
    { outcome: 'proved', name: 'desk-a', uuid: a.id },
    { outcome: 'proved', name: 'desk-b', uuid: b.id },
  ]);
  expect(a.display!.port).toBe(b.display!.port);
  await ask(cloud, 'POST', `/compute/v2.1/servers/${a.id}/action`, { 'os-stop': null });
  await until(() => look(cloud, a.id)?.status === 'SHUTOFF');
  expect((await bareLink(screenOf(a))).outcome).not.toBe('answered');
  expect(await bareLink(screenOf(b))).toEqual({ outcome: 'answered' });
  // A desktop that starts now gets the address that was given up: whoever remembers it is in for a surprise.
  const c = await running(cloud, 'desk-c');
  expect(await proveIdentity(screenOf(a))).toMatchObject({ uuid: c.id });
});

test('a screen asks for the ticket when there is one, and nobody is at an address without a guest', async () => {
  await using cloud = await startMinicloud({ ...QUICK, spice: { ticket: 'open sesame' } });
  const server = await running(cloud, 'a');
  const screen = screenOf(server);
  expect([
    (await proveIdentity({ ...screen, password: 'open sesame' })).outcome,
    (await proveIdentity({ ...screen, password: 'wrong' })).outcome,
    (await bareLink({ ...screen, host: '127.0.0.1' })).outcome === 'answered',
  ]).toEqual(['proved', 'refused-ticket', false]);
});

test('with certificates a screen speaks TLS too, at a port that 2025.1 tells', async (ctx) => {
  using certificates = makeCertificates();
  if (!certificates) {
    ctx.skip('openssl is not installed');
    return;
  }
  const { ca, subject: hostSubject, directory: x509Dir } = certificates;
  await using cloud = await startMinicloud({ ...QUICK, spice: { x509Dir } });
  const { id, display } = await running(cloud, 'a');
  const { host, port, tlsPort } = display!;
  const secure = { host, tlsPort: tlsPort!, ca, hostSubject };
  expect(await proveIdentity(secure)).toMatchObject({ outcome: 'proved', uuid: id });
  expect(await proveIdentity({ host, port: port! })).toMatchObject({ outcome: 'proved', uuid: id });
});

test('a port that somebody has is told in a sentence', async () => {
  await using first = await startMinicloud(QUICK);
  const port = Number(new URL(first.url).port);
  await expect(startMinicloud({ ...QUICK, port })).rejects.toThrow(`port ${port} cannot be had`);
});

test('a guest that crashes makes its server SHUTOFF', async () => {
  await using cloud = await startMinicloud(QUICK);
  const server = await running(cloud, 'a');
  cloud.guest(server.id)!.kill();
  expect([look(cloud, server.id)?.status, cloud.guest(server.id)]).toEqual(['SHUTOFF', undefined]);
});

test('hung calls and open connections do not keep it from ending', async () => {
  const cloud = await startMinicloud(QUICK);
  const { port } = new URL(cloud.url);
  const idle = connect(Number(port), '127.0.0.1');
  const closed = new Promise((resolve) => idle.on('close', resolve));
  await new Promise((resolve) => idle.once('connect', resolve));
  cloud.faults.set('hang', {});
  const hung = fetch(cloud.authUrl).then(
    () => 'answered',
    () => 'cut off',
  );
  await until(() => cloud.faults.list().length === 1);
  await systemClock.sleep(50);
  await cloud[Symbol.asyncDispose]();
  idle.destroy();
  await closed;
  expect(await hung).toBe('cut off');
});

test('a connection that is to be reset is reset', async () => {
  await using cloud = await startMinicloud(QUICK);
  cloud.faults.set('reset', {}, { count: 1 });
  const error = await fetch(cloud.authUrl).catch(
    (e: unknown) => (e as { cause: { code: string } }).cause.code,
  );
  expect(error).toBe('ECONNRESET');
});

test('two processes do not write one state, and a dead one’s lock holds nobody off', () => {
  const dir = mkdtempSync(join(tmpdir(), 'minicloud-lock-'));
  try {
    // The process that started us lives, and is not us.
    const parent = lockAs(dir, process.ppid);
    expect(() => lockDirectory(dir)).toThrow(`is in use by process ${process.ppid}`);
    parent('1');
    const lock = lockDirectory(dir);
    lock[Symbol.dispose]();
  } finally {
    rmSync(dir, { recursive: true });
  }
});

/** Writes another process's lock; what it returns makes that process one that ended long ago. */
function lockAs(dir: string, pid: number): (startedAt: string) => void {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const write = (startedAt: string) => writeFileSync(join(dir, 'lock'), `${pid} ${startedAt}`);
  write(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!);
  return write;
}
