import { checkConfig, ConfigFault, exampleConfig, parseYaml } from '@anyseat/base';
import { expect, test } from 'vitest';
import { ldapSettings } from './settings.ts';

const good = `
type: ldap
name: call
servers: [ldaps://dc1.call.example, "ldaps://dc2.call.example:3269/"]
bindDn: cn=anyseat,dc=call,dc=example
passwordFile: /etc/anyseat/directory-password
userBase: ou=people,dc=call,dc=example
`;

const problemsOf = (text: string): string[] => {
  try {
    checkConfig(ldapSettings, parseYaml(text, 'hub.yaml'), 'hub.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    return error.problems.map((p) => `${p.path}: ${p.text}`);
  }
};

test('six lines are enough', () => {
  expect(problemsOf(good)).toEqual([]);
});

test.each([
  [
    'userBase: people',
    'userBase: is not a distinguished name (RFC 4514), as in ou=people,dc=call,dc=example',
  ],
  ['userFilter: "(uid=*"', 'userFilter: is not an LDAP filter (RFC 4515), as in (objectClass=person)'],
  [
    'servers: ["http://dc1"]',
    'servers[0]: is not the address of a server: ldaps://host, ldap://host:port, and nothing after it',
  ],
  [
    'servers: ["ldaps://dc1/dc=call"]',
    'servers[0]: is not the address of a server: ldaps://host, ldap://host:port, and nothing after it',
  ],
  ['servers: []', expect.stringContaining('servers: ')],
  [
    'servers: ["ldap://dc1"]',
    'servers: ldap://dc1 would send passwords unencrypted: use ldaps:// or startTls',
  ],
  ['bindPattern: "{user}@call.example"', 'bindPattern: is of no use beside bindDn'],
  ['name: Call Centre', 'name: is not a name: small letters, digits and hyphens, 32 at most'],
  ['limits: { answerMs: 10 }', expect.stringContaining('limits.answerMs: ')],
  ['server: x', 'server: no such setting; did you mean “servers”?'],
  ['attributes: ["userPassword"]', 'attributes[0]: is a password, and nobody shall see one'],
  ['loginAttributes: ["u)(id"]', 'loginAttributes[0]: is not the name of an attribute'],
])('%s is a problem', (line, problem) => {
  const name = /^\w+/.exec(line)![0];
  const rest = good
    .split('\n')
    .filter((one) => !one.startsWith(`${name}:`))
    .join('\n');
  expect(problemsOf(`${rest}\n${line}\n`)).toEqual([problem]);
});

test('somebody must bind: a service account with its password, or a pattern that makes a name', () => {
  const without = good.replace(/bindDn.*\npasswordFile.*\n/, '');
  expect([
    problemsOf(without),
    problemsOf(`${without}bindDn: cn=a\n`),
    problemsOf(`${without}bindPattern: anna\n`),
    problemsOf(`${without}bindPattern: "{user}"\n`),
    problemsOf(`${without}bindPattern: "uid={user},dc=call"\n`),
  ]).toEqual([
    ['bindDn: is missing: a service account (bindDn and passwordFile), or else bindPattern'],
    ['passwordFile: is missing beside bindDn'],
    [
      'bindPattern: does not contain {user}',
      'bindPattern: makes no name that binds: {user}@domain, or a distinguished name with ={user}',
    ],
    ['bindPattern: makes no name that binds: {user}@domain, or a distinguished name with ={user}'],
    [],
  ]);
});

test('servers are named, or a domain whose DNS names them', () => {
  const without = good.replace(/servers.*\n/, '');
  expect([
    problemsOf(without),
    problemsOf(`${without}domain: call.example\nsite: Nantong\n`),
    problemsOf(`${without}domain: call\n`),
    problemsOf(`${good}domain: call.example\n`),
    problemsOf(`${good}site: Nantong\n`),
  ]).toEqual([
    ['servers: is missing: addresses of servers, or else domain'],
    [],
    ['domain: is not the name of a domain, such as call.example'],
    ['domain: is of no use beside servers'],
    ['site: is of no use without domain'],
  ]);
});

test('every setting is described in the example', () => {
  const example = exampleConfig(ldapSettings, 'An LDAP directory.');
  expect(example).toContain('servers: ["ldaps://dc1.call.example","ldaps://dc2.call.example"]');
  expect(Object.entries(ldapSettings.shape).filter(([, field]) => !field.meta()?.description)).toEqual([]);
});
