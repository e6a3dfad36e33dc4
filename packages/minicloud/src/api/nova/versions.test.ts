import { expect, test } from 'vitest';
import { Inside, type Shown } from '../../inside.fixture.ts';

const has = (server: Shown, names: readonly string[]) => names.map((name) => name in server);

test('what a server shows grows with the microversion, and with the caller’s role', async () => {
  using inside = new Inside({ face: '2025.1' });
  const id = await inside.running({ name: 'a' });
  const names = [
    'locked',
    'tags',
    'locked_reason',
    'OS-EXT-SRV-ATTR:host',
    'host_status',
    'pinned_availability_zone',
    'scheduler_hints',
  ];
  const rows = [];
  for (const [as, version] of [
    ['hub', '2.1'],
    ['hub', '2.26'],
    ['hub', '2.73'],
    ['admin', '2.90'],
    ['hub', '2.100'],
  ] as const) {
    rows.push(has(await inside.show(id, as, version), names));
  }
  expect(rows).toEqual([
    [false, false, false, false, false, false, false],
    [true, true, false, false, false, false, false],
    [true, true, true, false, false, false, false],
    [true, true, true, true, true, false, false],
    [true, true, true, false, false, true, true],
  ]);
});

test.each([
  { face: 'zed', version: '2.93', status: 200 },
  { face: 'zed', version: '2.94', status: 406 },
  { face: '2025.1', version: '2.100', status: 200 },
  { face: '2025.1', version: '2.101', status: 406 },
  { face: 'zed', version: '2.0', status: 406 },
  { face: 'zed', version: 'latest', status: 200 },
] as const)('$face answers microversion $version with $status', async ({ face, version, status }) => {
  using inside = new Inside({ face });
  const answer = await inside.ask('GET /compute/v2.1/servers', undefined, 'hub', version);
  expect([answer.status, answer.headers['Openstack-Api-Version']]).toEqual([
    status,
    `compute ${version === 'latest' ? '2.93' : version}`,
  ]);
});

/** As a hub does it: a token for the screen, then where that is. */
async function consoleOf(inside: Inside, id: string, type: string, version: string, query = '') {
  const body = { remote_console: { protocol: 'spice', type } };
  const opened = await inside.ask(`POST /compute/v2.1/servers/${id}/remote-consoles`, body, 'hub', version);
  if (opened.status !== 200) return opened.status;
  const { url } = (JSON.parse(opened.body) as { remote_console: { url: string } }).remote_console;
  const path = `GET /compute/v2.1/os-console-auth-tokens/${url.split('token=')[1]}${query}`;
  const looked = await inside.ask(path, undefined, 'admin', version);
  return looked.status === 200 ? (JSON.parse(looked.body) as { console: object }).console : looked.status;
}

test('2025.1 tells the TLS port of a direct console from 2.99 on, and of no other', async () => {
  using inside = new Inside({ face: '2025.1' });
  inside.fake.ports = { port: 5900, tlsPort: 5901 };
  const id = await inside.running({ name: 'a' });
  const where = { instance_uuid: id, host: '127.1.0.1', port: 5900, internal_access_path: null };
  expect([
    await consoleOf(inside, id, 'spice-direct', '2.99'),
    await consoleOf(inside, id, 'spice-html5', '2.99'),
    await consoleOf(inside, id, 'spice-html5', '2.98'),
    await consoleOf(inside, id, 'spice-direct', '2.98'),
    await consoleOf(inside, id, 'spice-direct', '2.99', '?x=1'),
  ]).toEqual([{ ...where, tls_port: 5901 }, where, where, 400, 400]);
});

test('Zed knows no direct console, and tells no TLS port though there is one', async () => {
  using inside = new Inside({ face: 'zed' });
  inside.fake.ports = { port: 5900, tlsPort: 5901 };
  const id = await inside.running({ name: 'a' });
  expect([
    await consoleOf(inside, id, 'spice-direct', '2.93'),
    await consoleOf(inside, id, 'spice-html5', '2.93'),
  ]).toEqual([400, { instance_uuid: id, host: '127.1.0.1', port: 5900, internal_access_path: null }]);
});

test('a console token says where the screen was when it was asked for, for ten minutes and while the server is', async () => {
  using inside = new Inside();
  const [a] = [await inside.running({ name: 'a' }), await inside.running({ name: 'b' })];
  const body = { remote_console: { protocol: 'spice', type: 'spice-html5' } };
  const open = async () => {
    const answer = await inside.ask(`POST /compute/v2.1/servers/${a}/remote-consoles`, body);
    return (JSON.parse(answer.body) as { remote_console: { url: string } }).remote_console.url.split(
      'token=',
    )[1]!;
  };
  const look = async (token: string) =>
    (await inside.ask(`GET /compute/v2.1/os-console-auth-tokens/${token}`, undefined, 'broker')).body;
  const [token] = [await open()];
  const before = await look(token);
  // Its address goes to the next one that starts.
  await inside.act(a, { 'os-stop': null });
  await inside.clock.pass(5000);
  const c = await inside.running({ name: 'c' });
  expect([await look(token), inside.fake.display(c)?.host]).toEqual([before, '127.1.0.1']);
  await inside.clock.pass(600_000);
  expect(await look(token)).toContain('Token not found');
});

test('a plain member may not look up consoles', async () => {
  using inside = new Inside();
  expect(await inside.refusal('GET /compute/v2.1/os-console-auth-tokens/x')).toBe(
    "403 forbidden: Policy doesn't allow os_compute_api:os-console-auth-tokens to be performed.",
  );
});
