import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@anyseat/base';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Ids, shapeOf } from './shape.ts';

/**
 * transcripts/ holds what a real OpenStack (Zed) answered, request by request, in order. Each request is sent to
 * minicloud, its ids translated, and the answer must have the same status, header names, content type and shape, and
 * (where it is a refusal) the same words.
 */
interface Transcript {
  note: string;
  request: { method: string; url: string; headers: Record<string, string>; body: unknown };
  response: { status: number; headers: Record<string, string>; body: unknown };
}

const HERE = join(import.meta.dirname, 'transcripts');

/** What minicloud deliberately answers otherwise: the field that is left out of the comparison, and why. */
const OTHERWISE: Record<string, { field: string; because: string }> = {
  '12-auth-malformed': {
    field: 'message',
    because: 'the sentence is followed by a print of the whole schema',
  },
  '43-console-auth-token-admin': {
    field: 'internal_access_path',
    because: 'FAKE is said by no real hypervisor',
  },
  '44-console-auth-token-hub-policy': { field: 'internal_access_path', because: 'as above' },
  '71-console-after-rebuild-old-token': { field: 'internal_access_path', because: 'as above' },
  '101-hypervisors-admin': { field: 'uptime', because: 'only the libvirt host of the lab had one' },
};

/** Who spoke, where it was not the broker; tokens are blanked in the transcripts. */
const SPEAKER = new Map<number, 'admin' | 'tinyuser'>();
for (const n of [27, 43, 45, 46, 67, 69, 71, 74, 101, 102, 109, 110, 113]) SPEAKER.set(n, 'admin');
for (const n of [47, 81, 82, 83, 84, 97]) SPEAKER.set(n, 'tinyuser');

/** Ids that are in requests before any answer has them. */
const GIVEN = {
  flavors: {
    'desk.small': [
      '4533cee0-70db-47cd-8abe-1c1a003c2158',
      '1fcd4093-849b-4dfd-ab97-2312397c2878',
      '9b9bba31-7cec-4d1c-9c96-ee24a3936987',
    ],
    'desk.huge': ['a34a8ddb-5f38-4ca1-b62e-573827e7bd35'],
    'desk.large': ['b85a0cab-b677-4d92-a1f5-06e21f842213'],
  },
  image: [
    '721c398b-5e2a-41ae-8416-be2bff2da358',
    '6a35eb45-0700-448f-bc67-f4c066392b94',
    '77777c9e-1d83-4f26-ad7b-b748ce6d5d89',
  ],
  network: [
    '85fe88c9-3b68-49da-9ef9-6cecb7a67acd',
    '519c1364-2af7-493b-9321-c06c1a291f9f',
    'f6f0d410-088c-4af7-9ec4-986d5b0b776e',
  ],
  project: '8fba9f8ae64c43e4b9ee23d5d53fdd03',
  credential: '350419baa03a4d43b0874925a63faeea',
} as const;

const PORT_PREFIX: Record<string, string> = {
  5000: '/identity',
  5001: '/identity',
  8774: '/compute',
  9292: '/image',
};
const NOT_COMPARED = new Set(['date', 'connection', 'content-length', 'keep-alive', 'transfer-encoding']);
const PASSWORD = 'labpw';

let ahead = 0;
let brokerSecret = '';
let minicloud: Minicloud;
const ids = new Ids();
const tokens = new Map<string, string>();

beforeAll(async () => {
  minicloud = await startMinicloud({
    clock: { ...systemClock, now: () => systemClock.now() + ahead },
    password: PASSWORD,
    hosts: { count: 4, zones: ['az1', 'virt'] },
    images: [{ name: 'memtest86', kernel: import.meta.filename, minDiskGb: 1 }],
    timings: { scheduleMs: 250, networkMs: 0, spawnMs: 0, deleteMs: 300, jitter: 0 },
  });
  await learnGiven();
});

afterAll(() => minicloud[Symbol.asyncDispose]());

const names = (folder: string) =>
  readdirSync(join(HERE, folder))
    .filter((file) => /^\d+-.*\.json$/.test(file))
    .map((file) => join(folder, file.replace('.json', '')))
    .sort((a, b) => numberOf(a) - numberOf(b));
const numberOf = (name: string) => Number(/(\d+)-/.exec(name)![1]);

test('every transcript is replayed', () => {
  expect(names('').length).toBe(115);
});

for (const name of [...names(''), ...names('virt'), ...names('neutron-down'), ...names('neutron-500')]) {
  const recorded = JSON.parse(readFileSync(join(HERE, `${name}.json`), 'utf8')) as Transcript;
  test(`${name} is answered as OpenStack answered it`, async () => {
    await prepare(name);
    const answer = await send(name, recorded);
    ids.learn(recorded.response.body, answer.body);
    expect(comparable(name, answer)).toEqual(comparable(name, recorded.response));
  });
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

function comparable(name: string, { status, headers, body }: Answer) {
  const left = OTHERWISE[name]?.field;
  const lower = Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value] as const);
  const compared = lower.filter(([key]) => !NOT_COMPARED.has(key));
  const rest = without(body, left);
  return {
    status,
    headers: compared.map(([key]) => key).sort(),
    contentType: status === 204 ? undefined : lower.find(([key]) => key === 'content-type')?.[1],
    shape: shapeOf(rest),
    refusal: status >= 400 ? words(rest) : undefined,
  };
}

/** A refusal's words, the ids in them left out. */
const words = (body: unknown): string =>
  ids.translate(JSON.stringify(sorted(body))).replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID');

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([k, v]) => [k, sorted(v)]),
      )
    : value;

function without(value: unknown, field: string | undefined): unknown {
  if (field === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => without(item, field));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== field)
      .map(([name, inner]) => [name, without(inner, field)]),
  );
}

async function send(name: string, { request }: Transcript): Promise<Answer> {
  const speaker = /^\d/.test(name) ? (SPEAKER.get(numberOf(name)) ?? 'broker') : 'broker';
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(request.headers)) {
    if (/^(x-.*token|openstack-api-version|accept|content-type)$/i.test(key)) headers[key] = value;
  }
  if (headers['X-Auth-Token'] === 'TOKEN')
    headers['X-Auth-Token'] = tokens.get(tokenFor(name)) ?? (await tokenOf(speaker));
  if (headers['X-Subject-Token'])
    headers['X-Subject-Token'] = tokens.get(subjectOf(name)) ?? (await tokenOf('broker'));
  const text = typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
  const response = await fetch(here(request.url), {
    method: request.method,
    headers,
    redirect: 'manual',
    ...(request.body !== null && { body: asOurs(text) }),
  });
  const body = await response.text();
  const subject = response.headers.get('x-subject-token');
  if (subject && request.method === 'POST') tokens.set(name, subject);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: body === '' ? null : JSON.parse(body),
  };
}

/** Requests that used a token made by a transcript before them. */
const tokenFor = (name: string): string =>
  ({
    '16-short-token-still-valid': '15-auth-short-lived',
    '111-nova-expired-token-401': '15-auth-short-lived',
    '112-keystone-expired-token-401': '15-auth-short-lived',
    '13-token-validate': '06-auth-appcred',
    '114-token-revoke': '05-auth-password',
    '115-nova-revoked-token': '05-auth-password',
  })[name] ?? '';
const subjectOf = (name: string): string =>
  ({
    '113-keystone-validate-expired-404': '15-auth-short-lived',
    '13-token-validate': '06-auth-appcred',
    '114-token-revoke': '05-auth-password',
  })[name] ?? '';

function here(url: string): string {
  const { port, pathname, search } = new URL(url);
  return ids.translate(`${minicloud.url}${PORT_PREFIX[port]}${pathname}${search}`);
}

/** The lab's user `hub` had the role vdi_broker: minicloud's user of that role is `broker`. */
const asOurs = (text: string): string =>
  ids
    .translate(text)
    .replaceAll('"name":"hub"', '"name":"broker"')
    .replaceAll('lab-app-secret', brokerSecret);

async function tokenOf(user: string): Promise<string> {
  const project = user === 'tinyuser' ? 'tiny' : 'desktops';
  const domain = { id: 'default' };
  const response = await fetch(`${minicloud.authUrl}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: user, domain, password: PASSWORD } } },
        scope: { project: { name: project, domain } },
      },
    }),
  });
  expect(response.status).toBe(201);
  return response.headers.get('x-subject-token')!;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  user = 'broker',
): Promise<Record<string, unknown>> {
  const response = await fetch(`${minicloud.url}${path}`, {
    method,
    headers: { 'X-Auth-Token': await tokenOf(user), 'OpenStack-API-Version': 'compute 2.90' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  const text = await response.text();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function learnGiven(): Promise<void> {
  const { clouds } = JSON.parse(minicloud.cloudsYaml()) as {
    clouds: Record<
      string,
      { auth: { application_credential_id: string; application_credential_secret: string } }
    >;
  };
  const { auth } = clouds['minicloud-broker-app']!;
  brokerSecret = auth.application_credential_secret;
  ids.set(GIVEN.credential, auth.application_credential_id);
  const { flavors } = (await call('GET', '/compute/v2.1/flavors')) as {
    flavors: { id: string; name: keyof typeof GIVEN.flavors }[];
  };
  for (const { id, name } of flavors) for (const recorded of GIVEN.flavors[name]) ids.set(recorded, id);
  const { images } = (await call('GET', '/image/v2/images?name=desk-image')) as {
    images: { id: string; owner: string }[];
  };
  for (const recorded of GIVEN.image) ids.set(recorded, images[0]!.id);
  ids.set(GIVEN.project, images[0]!.owner);
  const { networks } = (await call('GET', '/network/v2.0/networks')) as { networks: { id: string }[] };
  for (const recorded of GIVEN.network) ids.set(recorded, networks[0]!.id);
}

/** What happened in the lab between the recorded requests. */
async function prepare(name: string): Promise<void> {
  const settle = '25 55 59 60 61 62 63 64 65 66 67 70 71 73 76 105 virt/01 neutron-500/02'.split(' ');
  if (settle.some((start) => name.startsWith(`${start}-`))) await allSettled();
  const wired = (server: object) => ({
    server: {
      imageRef: ours(GIVEN.image[0]),
      flavorRef: ours(GIVEN.flavors['desk.small'][0]),
      networks: [{ uuid: ours(GIVEN.network[0]) }],
      ...server,
    },
  });
  const make = async (server: object, user = 'broker') =>
    ((await call('POST', '/compute/v2.1/servers', wired(server), user)) as { server: { id: string } }).server
      .id;
  switch (name) {
    case '28-servers-list':
      // Times are kept to the second, and the order of a listing hangs on them.
      ahead += 1000;
      for (const n of [2, 3]) await make({ name: `tr-desk-${n}`, tags: ['vdi-hub', 'pool-b'] });
      return allSettled();
    case '78-server-get-spawning':
      ids.set(
        '64361db8-9b4e-449c-8c2c-987b9aa32975',
        await make({ name: 'tr-slow', metadata: { lab_delay: '3' } }),
      );
      return until(() => minicloud.servers().some((s) => s.name === 'tr-slow' && s.taskState === 'spawning'));
    case '81-create-quota-instances-403':
      await make({ name: 'tr-tiny-1' }, 'tinyuser');
      return allSettled();
    case '108-server-get-deleted-404':
      return until(() => minicloud.servers().every((s) => s.name !== 'tr-desk-1'));
    case '111-nova-expired-token-401':
      ahead += 3_601_000;
      return;
    case '114-token-revoke':
      tokens.set('05-auth-password', await tokenOf('broker'));
      return;
    case 'virt/01-server-get':
      ids.set('74a10c9e-2cbf-4c9f-ad82-82582cef0088', await make({ name: 'vmt', description: 'vmt' }));
      return allSettled();
    case 'neutron-down/01-servers-brief':
      ids.set('c3e8b4e8-25e1-4c18-9653-7700e9c88527', await make({ name: 'bench-1' }));
      await allSettled();
      minicloud.faults.set('neutron-down', {});
      return;
    case 'neutron-500/01-server-create':
      minicloud.faults.clearAll();
      minicloud.faults.set('ports-fail', {});
      return;
  }
}

const ours = (recorded: string): string => ids.translate(recorded);

const allSettled = () =>
  until(() => minicloud.servers().every((s) => s.taskState === null || s.name === 'tr-slow'));

async function until(condition: () => boolean): Promise<void> {
  const end = systemClock.monotonic() + 20_000;
  while (!condition()) {
    if (systemClock.monotonic() > end) throw new Error('it did not come to pass');
    await systemClock.sleep(20);
  }
}
