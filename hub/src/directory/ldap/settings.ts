import { FilterParser } from 'ldapts';
import { z } from 'zod';
import { parseDn } from '../../domain/distinguishedName.ts';

const dn = z.string().refine((text) => text !== '' && parseDn(text) !== undefined, {
  error: 'is not a distinguished name (RFC 4514), as in ou=people,dc=call,dc=example',
});

const filter = z
  .string()
  .refine(isFilter, { error: 'is not an LDAP filter (RFC 4515), as in (objectClass=person)' });

const attribute = z.string().regex(/^[a-z][a-z0-9-]*$/i, { error: 'is not the name of an attribute' });

const tag = attribute.refine((name) => !/passw|(unicode|nt|lm|dbcs)pwd/i.test(name), {
  error: 'is a password, and nobody shall see one',
});

const server = z.string().refine(isServer, {
  error: 'is not the address of a server: ldaps://host, ldap://host:port, and nothing after it',
});

/** How long a directory may take, in milliseconds. What a person waits for is the sum that `answerMs` says. */
const limits = z.strictObject({
  connectMs: z.int().min(100).max(30_000).default(2000).meta({
    description:
      'Longest time to reach a server (TCP, TLS, the service account), all servers that are tried together.',
  }),
  answerMs: z.int().min(500).max(60_000).default(5000).meta({
    description: 'Longest time until a login is answered; a server that hangs costs no more than this.',
  }),
});

const pool = z.strictObject({
  search: z.int().min(1).max(100).default(4).meta({
    description: 'Connections of the service account to each server.',
  }),
  bind: z.int().min(1).max(200).default(8).meta({
    description:
      'Connections to each server on which passwords are checked: about twice the cores of the server.',
  }),
  waiting: z.int().min(1).max(100_000).default(2000).meta({
    description: 'Logins that may wait for a connection; more are told at once that the directory is busy.',
  }),
});

const groups = z.strictObject({
  how: z
    .enum(['auto', 'memberOf', 'search', 'inChain', 'none'])
    .default('auto')
    .meta({
      description:
        "Where a person's groups come from. memberOf: an attribute of the person. search: the groups that name the person.\n" +
        "inChain: one search by Active Directory's rule 1.2.840.113556.1.4.1941, which spares the memory of cacheSeconds and\n" +
        'costs a domain controller ten times as much. auto: memberOf on Active Directory, and elsewhere where anybody has it;\n' +
        'else search.',
    }),
  base: dn.optional().meta({
    description: 'Where groups are looked for; without it, the whole directory.',
    example: 'ou=groups,dc=call,dc=example',
  }),
  nested: z.boolean().default(true).meta({
    description: 'Whether a member of a group is a member of the groups that hold it.',
  }),
  memberAttributes: z.array(attribute).min(1).default(['member', 'uniqueMember', 'memberUid']).meta({
    description:
      'Attributes of a group that name its members: by DN, memberUid by login name. Ones that no server knows cost nothing.',
  }),
  cacheSeconds: z.int().min(0).max(3600).default(15).meta({
    description:
      'How long it is remembered which groups hold a group (never who is a member). 0 asks at every login.',
  }),
});

/** One LDAP directory. What is left out is found out from the server. */
export const ldapSettings = z
  .strictObject({
    type: z.literal('ldap').meta({ description: 'An LDAP server or Active Directory.', example: 'ldap' }),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, {
        error: 'is not a name: small letters, digits and hyphens, 32 at most',
      })
      .meta({
        description: "Part of every person's lasting id: never change it once somebody has logged in.",
        example: 'call',
      }),
    servers: z
      .array(server)
      .max(16)
      .optional()
      .meta({
        description: 'Servers with the same content, the preferred one first.',
        example: ['ldaps://dc1.call.example', 'ldaps://dc2.call.example'],
      }),
    domain: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, { error: 'is not the name of a domain, such as call.example' })
      .optional()
      .meta({
        description:
          'Active Directory: instead of servers, the domain controllers that DNS names for this domain. By ldaps:// on the\n' +
          'usual port, or with startTls on the port in DNS.',
        example: 'call.example',
      }),
    site: z
      .string()
      .regex(/^[\p{L}\p{N}_-]{1,63}$/u, { error: 'is not the name of an Active Directory site' })
      .optional()
      .meta({
        description: 'Active Directory site whose domain controllers are preferred.',
        example: 'Nantong',
      }),
    dnsServers: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({
        description: "DNS servers to ask for the domain; without it, the machine's.",
        example: ['192.0.2.53'],
      }),
    startTls: z
      .boolean()
      .default(false)
      .meta({ description: 'On ldap:// servers, turn to TLS before anything else.' }),
    caFile: z.string().optional().meta({
      description: "PEM file of the authorities that may vouch for the servers; without it, the system's.",
      example: '/etc/anyseat/directory-ca.pem',
    }),
    serverName: z.string().optional().meta({
      description: 'The name that must stand in the certificate, where it is not the one in the address.',
      example: 'dc.call.example',
    }),
    allowPlain: z.boolean().default(false).meta({
      description:
        'Let passwords cross the network unencrypted (ldap:// without startTls). For laboratories.',
    }),
    kind: z.enum(['auto', 'openldap', 'active-directory']).default('auto').meta({
      description: 'What the servers are; auto asks them.',
    }),
    bindDn: z.string().min(1).optional().meta({
      description:
        'Service account that finds people: a distinguished name, or on Active Directory user@domain.',
      example: 'cn=anyseat,ou=services,dc=call,dc=example',
    }),
    passwordFile: z.string().optional().meta({
      description:
        "File that holds the service account's password and nothing else; read again at each connection.",
      example: '/etc/anyseat/directory-password',
    }),
    bindPattern: z.string().optional().meta({
      description:
        'Instead of a service account: how a login name becomes the name that binds. Nobody can then be looked up without a password.',
      example: '{user}@call.example',
    }),
    userBase: dn.meta({
      description: 'Where people are looked for, this entry and all below it.',
      example: 'ou=people,dc=call,dc=example',
    }),
    userFilter: filter.optional().meta({
      description: 'Who counts as a person; without it, what is usual for the kind of directory.',
      example: '(objectClass=inetOrgPerson)',
    }),
    loginAttributes: z
      .array(attribute)
      .min(1)
      .optional()
      .meta({
        description:
          'Attributes that a login name may stand in, the one to be shown first; without it, what is usual.',
        example: ['uid'],
      }),
    displayNameAttribute: attribute
      .default('displayName')
      .meta({ description: "A person's name as shown; where it is empty, cn." }),
    attributes: z.array(tag).default(['department', 'employeeType']).meta({
      description: 'Attributes of a person that allocators can match.',
    }),
    passwordPolicy: dn.optional().meta({
      description:
        'OpenLDAP: the policy of people who have none of their own, which says how long a lock lasts. Needed where there are several.',
      example: 'cn=default,ou=policies,dc=call,dc=example',
    }),
    groups: groups.prefault({}).meta({ description: 'How group membership is found.' }),
    pageSize: z
      .int()
      .min(10)
      .max(1000)
      .default(500)
      .meta({ description: 'Entries asked for at a time (Active Directory gives 1000 at most).' }),
    limits: limits.prefault({}).meta({ description: 'How long the directory may take.' }),
    pool: pool.prefault({}).meta({ description: 'How many connections are held.' }),
  })
  .superRefine((settings, context) => {
    const problem = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { bindDn, passwordFile, bindPattern, domain } = settings;
    const servers = settings.servers ?? [];
    if (servers.length === 0 && domain === undefined)
      problem('servers', 'is missing: addresses of servers, or else domain');
    if (servers.length > 0 && domain !== undefined) problem('domain', 'is of no use beside servers');
    for (const name of ['site', 'dnsServers'] as const)
      if (settings[name] !== undefined && domain === undefined) problem(name, 'is of no use without domain');
    if (bindPattern === undefined && bindDn === undefined)
      problem('bindDn', 'is missing: a service account (bindDn and passwordFile), or else bindPattern');
    if (bindPattern !== undefined && bindDn !== undefined)
      problem('bindPattern', 'is of no use beside bindDn');
    if (bindDn !== undefined && passwordFile === undefined)
      problem('passwordFile', 'is missing beside bindDn');
    if (bindPattern !== undefined && !bindPattern.includes('{user}'))
      problem('bindPattern', 'does not contain {user}');
    // The library takes a bare word like PLAIN for the name of a SASL mechanism.
    if (bindPattern !== undefined && !/@|=\{user\}/.test(bindPattern))
      problem('bindPattern', 'makes no name that binds: {user}@domain, or a distinguished name with ={user}');
    const plain = servers.findIndex((url) => /^ldap:/i.test(url));
    if (plain >= 0 && !settings.startTls && !settings.allowPlain)
      problem('servers', `${servers[plain]!} would send passwords unencrypted: use ldaps:// or startTls`);
  });

export type LdapSettings = z.output<typeof ldapSettings>;

function isFilter(text: string): boolean {
  try {
    FilterParser.parseString(text);
    return true;
  } catch {
    return false;
  }
}

function isServer(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    (url.protocol === 'ldap:' || url.protocol === 'ldaps:') &&
    url.hostname !== '' &&
    url.username === '' &&
    /^\/?$/.test(url.pathname + url.search + url.hash)
  );
}
