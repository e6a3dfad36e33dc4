import { spawn } from 'node:child_process';
import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { ended, systemClock } from '@anyseat/base';
import { bareLink, proveIdentity } from '@anyseat/spice';
import { beforeEach, expect, test } from 'vitest';
import { makeCertificates } from '../../spice/src/certificates.fixture.ts';
import { startMinicloud, type Minicloud } from './startMinicloud.ts';

const missing = ['/usr/bin/qemu-system-x86_64', '/usr/bin/setpriv'].find((file) => !existsSync(file));

beforeEach((ctx) => {
  if (missing !== undefined) ctx.skip(`${missing} is not installed`);
});

/** Small, so that several fit beside everything else on a small machine. */
const TINY = { flavors: [{ name: 'tiny', vcpus: 1, memoryMb: 32, diskGb: 1 }] };

/** Nova and Keystone as a client sees them. */
class Client {
  readonly #url: string;
  readonly #password: string;
  #token = '';

  constructor(url: string, password = 'minicloud') {
    this.#url = url;
    this.#password = password;
  }

  async ask(method: string, path: string, body?: object, version = '2.90'): Promise<unknown> {
    if (this.#token === '') await this.#login();
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'X-Auth-Token': this.#token, 'OpenStack-API-Version': `compute ${version}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async create(name: string, image = 'desk-image'): Promise<string> {
    const { flavors } = (await this.ask('GET', '/compute/v2.1/flavors')) as {
      flavors: { id: string; name: string }[];
    };
    const { images } = (await this.ask('GET', `/image/v2/images?name=${image}`)) as {
      images: { id: string }[];
    };
    const flavorRef = flavors.find((flavor) => flavor.name === 'tiny')!.id;
    const order = { server: { name, flavorRef, imageRef: images[0]!.id, networks: 'none' } };
    const { server } = (await this.ask('POST', '/compute/v2.1/servers', order)) as { server: { id: string } };
    return server.id;
  }

  async status(id: string): Promise<string> {
    const { server } = (await this.ask('GET', `/compute/v2.1/servers/${id}`)) as {
      server: { status: string; 'OS-EXT-STS:task_state': string | null; fault?: { message: string } };
    };
    return server.fault?.message ?? (server['OS-EXT-STS:task_state'] === null ? server.status : 'busy');
  }

  act = (id: string, body: object) => this.ask('POST', `/compute/v2.1/servers/${id}/action`, body);

  /** Where its screen is, as a hub finds out. */
  async screen(id: string): Promise<{ host: string; port: number }> {
    const body = { remote_console: { protocol: 'spice', type: 'spice-html5' } };
    const opened = (await this.ask('POST', `/compute/v2.1/servers/${id}/remote-consoles`, body)) as {
      remote_console: { url: string };
    };
    const token = opened.remote_console.url.split('token=')[1];
    const looked = (await this.ask('GET', `/compute/v2.1/os-console-auth-tokens/${token}`)) as {
      console: { host: string; port: number };
    };
    return { host: looked.console.host, port: looked.console.port };
  }

  async direct(id: string): Promise<{ host: string; port: number | null; tls_port: number }> {
    const body = { remote_console: { protocol: 'spice', type: 'spice-direct' } };
    const path = `/compute/v2.1/servers/${id}/remote-consoles`;
    const opened = (await this.ask('POST', path, body, '2.99')) as { remote_console: { url: string } };
    const token = opened.remote_console.url.split('token=')[1];
    const looked = await this.ask('GET', `/compute/v2.1/os-console-auth-tokens/${token}`, undefined, '2.99');
    return (looked as { console: { host: string; port: number | null; tls_port: number } }).console;
  }

  async #login(): Promise<void> {
    const domain = { id: 'default' };
    const user = { name: 'broker', domain, password: this.#password };
    const answer = await fetch(`${this.#url}/identity/v3/auth/tokens`, {
      method: 'POST',
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user } },
          scope: { project: { name: 'desktops', domain } },
        },
      }),
    });
    this.#token = answer.headers.get('x-subject-token') ?? '';
  }
}

async function until<T>(look: () => Promise<T> | T, wanted: (value: T) => boolean): Promise<T> {
  const end = systemClock.monotonic() + 20_000;
  for (;;) {
    const value = await look();
    if (wanted(value)) return value;
    if (systemClock.monotonic() > end) throw new Error(`still ${JSON.stringify(value)}`);
    await systemClock.sleep(20);
  }
}

const reaches = (client: Client, id: string, status: string) =>
  until(
    () => client.status(id),
    (s) => s === status,
  );

const isAlive = (pid: number): boolean => {
  // A zombie has no command line.
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};

test('a server is a QEMU process whose screen says who it is; stop, start, crash and delete are its process’s', async () => {
  await using cloud: Minicloud = await startMinicloud({
    ...TINY,
    hypervisor: 'qemu',
    qemu: { shutdownMs: 100 },
  });
  const client = new Client(cloud.url);
  const id = await client.create('desk, one');
  await reaches(client, id, 'ACTIVE');
  expect(await proveIdentity(await client.screen(id))).toEqual({
    outcome: 'proved',
    name: 'desk, one',
    uuid: id,
  });
  const guest = cloud.guest(id)!;
  await until(
    () => guest.events().map(({ event }) => event),
    (events) => events.includes('SPICE_INITIALIZED'),
  );
  expect(await guest.queryStatus()).toMatchObject({ status: 'running' });
  expect(readFileSync(`/proc/${guest.pid}/cmdline`, 'utf8')).toContain('accel=tcg');

  await client.act(id, { 'os-stop': null });
  await reaches(client, id, 'SHUTOFF');
  expect([isAlive(guest.pid!), cloud.guest(id)]).toEqual([false, undefined]);
  // As Nova with libvirt does: it trips over the port that is none.
  await expect(client.screen(id)).rejects.toThrow(/^500 .*ValueError/);

  await client.act(id, { 'os-start': null });
  await reaches(client, id, 'ACTIVE');
  const again = cloud.guest(id)!;
  expect(await bareLink(await client.screen(id))).toEqual({ outcome: 'answered' });

  again.kill();
  await reaches(client, id, 'SHUTOFF');
  await client.act(id, { reboot: { type: 'HARD' } });
  await reaches(client, id, 'ACTIVE');
  const last = cloud.guest(id)!;
  await client.ask('DELETE', `/compute/v2.1/servers/${id}`);
  await until(
    () => cloud.servers().length,
    (n) => n === 0,
  );
  expect(isAlive(last.pid!)).toBe(false);
}, 60_000);

test('a guest that cannot be started is an ERROR that was tried on every host', async () => {
  await using cloud = await startMinicloud({ ...TINY, hypervisor: 'qemu', qemu: { cpu: 'no-such-cpu' } });
  const client = new Client(cloud.url);
  const id = await client.create('a');
  const words = await until(
    () => client.status(id),
    (s) => s !== 'busy',
  );
  expect(words).toMatch(/^Exceeded maximum number of retries/);
}, 60_000);

test('a guest has a disk of its own over its image’s, kept when it is stopped, fresh when it is rebuilt, gone with it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'minicloud-disk-'));
  try {
    const disk = join(dir, 'base.raw');
    writeFileSync(disk, Buffer.alloc(1 << 20));
    const stateDir = join(dir, 'state');
    await using cloud = await startMinicloud({
      ...TINY,
      stateDir,
      hypervisor: 'qemu',
      qemu: { shutdownMs: 0 },
      images: [{ name: 'disk', disk: relative('.', disk) }],
    });
    const client = new Client(cloud.url);
    const id = await client.create('a', 'disk');
    await reaches(client, id, 'ACTIVE');
    const own = join(stateDir, 'disks', `${id}.qcow2`);
    const first = statSync(own).ino;
    await client.act(id, { 'os-stop': null });
    await reaches(client, id, 'SHUTOFF');
    await client.act(id, { 'os-start': null });
    await reaches(client, id, 'ACTIVE');
    expect(statSync(own).ino).toBe(first);
    expect(readFileSync(own).includes(disk)).toBe(true);
    const { images } = (await client.ask('GET', '/image/v2/images?name=disk')) as {
      images: { id: string }[];
    };
    // Holds the file's number, so that the next file cannot have it.
    linkSync(own, join(dir, 'held'));
    await client.act(id, { rebuild: { imageRef: images[0]!.id } });
    await reaches(client, id, 'ACTIVE');
    expect(statSync(own).ino).not.toBe(first);
    await client.ask('DELETE', `/compute/v2.1/servers/${id}`);
    await until(
      () => cloud.servers().length,
      (n) => n === 0,
    );
    expect(existsSync(own)).toBe(false);
  } finally {
    rmSync(dir, { recursive: true });
  }
}, 60_000);

test('without the program it does not start, and says what to install', async () => {
  const started = startMinicloud({ hypervisor: 'qemu', qemu: { binary: '/no/such/qemu' } });
  await expect(started).rejects.toThrow('/no/such/qemu cannot be run; install qemu-system-x86');
});

test('a picture of the guest can be taken', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'minicloud-picture-'));
  try {
    await using cloud = await startMinicloud({ ...TINY, hypervisor: 'qemu' });
    const client = new Client(cloud.url);
    const id = await client.create('a');
    await reaches(client, id, 'ACTIVE');
    await cloud.guest(id)!.screendump(join(dir, 'a.png'));
    expect(readFileSync(join(dir, 'a.png')).subarray(1, 4).toString()).toBe('PNG');
    await cloud.guest(id)!.sendKey('ctrl', 'alt', 'delete');
    expect(await cloud.guest(id)!.querySpice()).toMatchObject({ enabled: true });
  } finally {
    rmSync(dir, { recursive: true });
  }
}, 60_000);

test('with certificates and a ticket a screen is reached by TLS and the ticket alone, at the port that 2025.1 tells', async (ctx) => {
  using certificates = makeCertificates();
  if (!certificates) {
    ctx.skip('openssl is not installed');
    return;
  }
  const { ca, directory: x509Dir } = certificates;
  await using cloud = await startMinicloud({
    ...TINY,
    face: '2025.1',
    hypervisor: 'qemu',
    spice: { x509Dir, tlsOnly: true, ticket: 'open sesame' },
  });
  const client = new Client(cloud.url);
  const id = await client.create('a');
  await reaches(client, id, 'ACTIVE');
  const direct = await client.direct(id);
  const screen = { host: direct.host, tlsPort: direct.tls_port, ca };
  expect(direct.port).toBe(null);
  expect(await proveIdentity({ ...screen, password: 'open sesame' })).toMatchObject({
    outcome: 'proved',
    uuid: id,
  });
  expect((await proveIdentity({ ...screen, password: 'wrong' })).outcome).toBe('refused-ticket');
}, 60_000);

/** A minicloud as a process of its own, on a state directory. */
async function process(state: string) {
  const main = join(import.meta.dirname, 'main.ts');
  const args = ['--hypervisor', 'qemu', '--state', state, '--flavor', 'tiny:1,32,1', '--log-level', 'warn'];
  const child = spawn(globalThis.process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const first = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`minicloud ended with ${code}`)));
  });
  return { child, client: new Client((JSON.parse(first) as { url: string }).url) };
}

test('guests die with a minicloud that is killed, and boot again with the next one on the same state', async () => {
  const state = mkdtempSync(join(tmpdir(), 'minicloud-state-'));
  try {
    const first = await process(state);
    const id = await first.client.create('desk');
    await reaches(first.client, id, 'ACTIVE');
    const screen = await first.client.screen(id);
    expect(await bareLink(screen)).toEqual({ outcome: 'answered' });
    first.child.kill('SIGKILL');
    await ended(first.child);
    await until(
      async () => (await bareLink(screen)).outcome,
      (outcome) => outcome === 'unreachable',
    );

    const second = await process(state);
    await until(
      () => second.client.screen(id).catch(() => undefined),
      (where) => where !== undefined,
    );
    expect(await second.client.status(id)).toBe('ACTIVE');
    expect(await proveIdentity(await second.client.screen(id))).toMatchObject({
      outcome: 'proved',
      uuid: id,
    });
    second.child.kill('SIGTERM');
    expect(await ended(second.child)).toEqual({ code: 0, signal: null });
  } finally {
    rmSync(state, { recursive: true });
  }
}, 60_000);
