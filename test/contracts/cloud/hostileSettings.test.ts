import * as fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigFault } from '@anyseat/base';
import { readCredentials } from '@anyseat/openstack';

/** Any clouds.yaml, secure.yaml and environment: credentials, or problems in sentences. */

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'clouds-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const leaf = fc.oneof(
  fc.string({ maxLength: 10 }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(
    null,
    'http://k:5000',
    'v3applicationcredential',
    'password',
    '/no/such/file',
    'public',
    '__proto__',
  ),
);
const name = fc.constantFrom(
  'clouds', 'a', 'b', 'auth', 'auth_url', 'auth-type', 'auth_type', 'username', 'password', 'project_name', 'user_domain_name',
  'project_domain_name', 'application_credential_id', 'application_credential_secret', 'region_name', 'regions', 'name',
  'values', 'interface', 'verify', 'cacert', 'compute_endpoint_override', 'profile', '__proto__', 'constructor',
); // prettier-ignore
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 6 }),
  ),
}));
const yaml = fc.oneof(
  // JSON is YAML.
  tree.map((value) => JSON.stringify(value)),
  tree.map((value) => JSON.stringify({ clouds: { a: value } })),
  tree.map((value) => JSON.stringify({ clouds: { a: { auth: value } } })),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    'clouds: &x { a: *x }',
    'clouds: { a: &y { auth: *y, regions: [*y] } }',
    '{',
    '\t',
    '!!js/function x',
  ),
);
const env = fc.dictionary(
  fc.constantFrom(
    'OS_CLOUD',
    'OS_AUTH_URL',
    'OS_USERNAME',
    'OS_PASSWORD',
    'OS_CACERT',
    'OS_REGION_NAME',
    'OS_AUTH_TYPE',
  ),
  fc.string({ maxLength: 10 }),
);

test('whatever the files say, it ends in credentials or in problems', () => {
  fc.assert(
    fc.property(yaml, yaml, env, fc.constantFrom(undefined, 'a', 'nope'), (clouds, secure, env, cloud) => {
      writeFileSync(join(folder, 'clouds.yaml'), clouds);
      writeFileSync(join(folder, 'secure.yaml'), secure);
      try {
        const read = readCredentials(cloud, { env, cwd: folder, home: folder, site: folder });
        expect(URL.canParse(read.authUrl)).toBe(true);
      } catch (error) {
        if (!(error instanceof ConfigFault)) throw error;
        expect(error.problems.length).toBeGreaterThan(0);
        for (const problem of error.problems) expect(problem.text).not.toContain('undefined');
      }
    }),
    { numRuns: 1500 },
  );
});
