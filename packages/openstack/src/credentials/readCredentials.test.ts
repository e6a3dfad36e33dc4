import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ConfigFault } from '@anyseat/base';
import type { CloudCredentials } from './credentials.ts';
import { readCredentials } from './readCredentials.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A home and a working directory with these files. */
function place(files: Record<string, string>, env: Record<string, string> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'clouds-'));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return {
    root,
    where: {
      env: Object.fromEntries(Object.entries(env).map(([k, v]) => [k, v.replaceAll('ROOT', root)])),
      cwd: join(root, 'cwd'),
      home: join(root, 'home'),
      site: join(root, 'etc'),
    },
  };
}

/** Plain data, secrets said aloud. */
const told = (c: CloudCredentials) => ({
  ...c,
  auth:
    c.auth.kind === 'password'
      ? { ...c.auth, password: c.auth.password() }
      : { ...c.auth, secret: c.auth.secret() },
});

const problemsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigFault) return error.problems.map((p) => `${p.where}: ${p.path}: ${p.text}`);
    throw error;
  }
  return [];
};

const both = `clouds:
  lab:
    auth:
      auth_url: http://keystone:5000
      username: hub
      user_domain_name: Default
      project-name: 4711
      project_domain_id: default
    region_name: RegionOne
    interface: internal
    compute_endpoint_override: http://nova:8774/v2.1
    verify: "false"
  other: { auth: { auth_url: "http://elsewhere" } }
`;

test('a cloud of clouds.yaml is read, with its secret from secure.yaml laid over it', () => {
  const { where } = place({
    'home/.config/openstack/clouds.yaml': both,
    'home/.config/openstack/secure.yaml': 'clouds: { lab: { auth: { password: 12345 } } }',
  });
  expect(told(readCredentials('lab', where))).toEqual({
    cloud: 'lab',
    authUrl: 'http://keystone:5000',
    auth: {
      kind: 'password',
      user: { name: 'hub', domain: { name: 'Default' } },
      password: '12345',
      project: { name: '4711', domain: { id: 'default' } },
    },
    region: 'RegionOne',
    interfaces: ['internal'],
    endpoints: { compute: 'http://nova:8774/v2.1' },
    tls: { verify: false, ca: undefined, cert: undefined, key: undefined },
  });
});

test('an application credential by id sends no user, and by name says whose it is', () => {
  const { where } = place({
    'cwd/clouds.yaml': `clouds:
  byId: { auth_type: v3applicationcredential, auth: { auth_url: "http://k", application_credential_id: a1, application_credential_secret: s } }
  byName:
    auth: { auth_url: "http://k", application_credential_name: hub, application_credential_secret: s, username: u, user_domain_id: default }
`,
  });
  expect([told(readCredentials('byId', where)).auth, told(readCredentials('byName', where)).auth]).toEqual([
    { kind: 'applicationCredential', credential: { id: 'a1' }, secret: 's' },
    {
      kind: 'applicationCredential',
      credential: { name: 'hub', user: { name: 'u', domain: { id: 'default' } } },
      secret: 's',
    },
  ]);
});

test('the file in the working directory wins over the one at home, and OS_CLIENT_CONFIG_FILE over both', () => {
  const file = (url: string) =>
    `clouds: { c: { auth: { auth_url: "${url}", user_id: u, password: p, project_id: q } } }`;
  const files = {
    'cwd/clouds.yaml': file('http://cwd'),
    'home/.config/openstack/clouds.yaml': file('http://home'),
    'far/away.yaml': file('http://far'),
  };
  const near = place(files);
  const far = place(files, { OS_CLIENT_CONFIG_FILE: 'ROOT/far/away.yaml' });
  expect([readCredentials(undefined, near.where).authUrl, readCredentials('c', far.where).authUrl]).toEqual([
    'http://cwd',
    'http://far',
  ]);
});

test('OS_ variables alone make a cloud, and OS_CLOUD with OS_REGION_NAME chooses one of the file', () => {
  const alone = place(
    {},
    {
      OS_AUTH_URL: 'http://k/v3',
      OS_USERNAME: 'u',
      OS_PASSWORD: 'p',
      OS_TENANT_NAME: 'desks',
      OS_DOMAIN_NAME: 'Default',
      OS_INTERFACE: 'adminURL',
      OS_BLOCK_STORAGE_ENDPOINT_OVERRIDE: 'http://cinder',
    },
  );
  const chosen = place(
    {
      'cwd/clouds.yaml': both,
      'cwd/secure.yaml': 'clouds: { lab: { auth: { password: p } } }',
    },
    { OS_CLOUD: 'lab', OS_REGION_NAME: 'RegionTwo' },
  );
  expect(told(readCredentials(undefined, alone.where))).toEqual({
    cloud: 'envvars',
    authUrl: 'http://k/v3',
    auth: {
      kind: 'password',
      user: { name: 'u', domain: { name: 'Default' } },
      password: 'p',
      project: { name: 'desks', domain: { name: 'Default' } },
    },
    region: undefined,
    interfaces: ['admin'],
    endpoints: { 'block-storage': 'http://cinder' },
    tls: { verify: true, ca: undefined, cert: undefined, key: undefined },
  });
  expect(readCredentials(undefined, chosen.where)).toMatchObject({ cloud: 'lab', region: 'RegionTwo' });
});

test('every problem is told at once, with its line', () => {
  const { root, where } = place({
    'cwd/clouds.yaml': `clouds:
  bad:
    auth:
      auth_url: ftp://k
      username: hub
    cacert: /no/such/file
    interface: sideways
`,
  });
  expect(problemsOf(() => readCredentials('bad', where))).toEqual([
    `${root}/cwd/clouds.yaml:4:17: clouds.bad.auth.auth_url: is not an http or https address`,
    `${root}/cwd/clouds.yaml:4:7: clouds.bad.auth.user_domain_name: is missing; on most clouds it is Default`,
    `${root}/cwd/clouds.yaml:4:7: clouds.bad.auth.password: is missing; or use an application credential`,
    `${root}/cwd/clouds.yaml:4:7: clouds.bad.auth.project_name: is missing, and so is project_id`,
    `${root}/cwd/clouds.yaml:7:16: clouds.bad.interface: sideways is none of public, internal, admin`,
    `${root}/cwd/clouds.yaml:6:13: clouds.bad.cacert: cannot be read: ENOENT: no such file or directory, open '/no/such/file'`,
  ]);
});

test('a region of a list brings its own settings, and one that is not in it is told', () => {
  const { root, where } = place({
    'cwd/clouds.yaml': `clouds:
  c:
    auth: { auth_url: "http://k", user_id: u, password: p, project_id: q }
    regions: [One, { name: Two, values: { interface: admin } }]
  d:
    auth: { auth_url: "http://k", user_id: u, password: p, project_id: q }
    region_name: Three
    regions: [One, { values: {} }]
`,
  });
  const chosen = place(
    { 'cwd/clouds.yaml': readFileSync(join(root, 'cwd/clouds.yaml'), 'utf8') },
    { OS_CLOUD: 'c', OS_REGION_NAME: 'Two' },
  );
  expect(readCredentials('c', where)).toMatchObject({ region: 'One', interfaces: ['public'] });
  expect(readCredentials(undefined, chosen.where)).toMatchObject({ region: 'Two', interfaces: ['admin'] });
  expect(problemsOf(() => readCredentials('d', where))).toEqual([
    `${root}/cwd/clouds.yaml:8:14: clouds.d.regions: has an entry without a name`,
    `${root}/cwd/clouds.yaml:7:18: clouds.d.region_name: Three is not among regions (One)`,
  ]);
});

test('what is missing in the environment is told by the name of the variable', () => {
  const { where } = place({}, { OS_AUTH_URL: 'http://k', OS_AUTH_TYPE: 'v3oidcpassword' });
  expect(problemsOf(() => readCredentials(undefined, where))).toEqual([
    'the environment: OS_AUTH_TYPE: v3oidcpassword is not supported; password, v3password and v3applicationcredential are',
  ]);
});

test('an unknown cloud, several clouds and no file at all are told in a sentence each', () => {
  const some = place({ 'cwd/clouds.yaml': both });
  const none = place({});
  expect([
    ...problemsOf(() => readCredentials('nope', some.where)),
    ...problemsOf(() => readCredentials(undefined, some.where)),
    ...problemsOf(() => readCredentials(undefined, none.where)),
  ]).toEqual([
    `${some.root}/cwd/clouds.yaml:2:3: clouds: has no cloud named nope; it has lab, other`,
    `${some.root}/cwd/clouds.yaml:2:3: clouds: has several clouds (lab, other): name one, or set OS_CLOUD`,
    `clouds.yaml: : no such file, and no OS_* variables; looked for ${none.root}/cwd/clouds.yaml, ${none.root}/home/.config/openstack/clouds.yaml, ${none.root}/etc/clouds.yaml`,
  ]);
});

test('a secret is not shown by printing or storing the credentials', () => {
  const { where } = place({
    'cwd/clouds.yaml':
      'clouds: { c: { auth: { auth_url: "http://k", user_id: u, password: hush-hush, project_id: q } } }',
  });
  const credentials = readCredentials('c', where);
  expect(JSON.stringify(credentials)).not.toContain('hush-hush');
  expect(String(Object.values(credentials.auth))).not.toContain('hush-hush');
});
