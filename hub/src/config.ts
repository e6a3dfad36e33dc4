import { z } from 'zod';
import { operatorRoles } from '@anyseat/protocol';
import { alertSettings } from './channels/settings.ts';
import { fileSettings } from './directory/file.ts';
import { ldapSettings } from './directory/ldap/settings.ts';

const port = z.int().min(0).max(65535);

const tls = z.union([
  z.literal('self-signed'),
  z.literal('off'),
  z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }),
]);

const spice = z.strictObject({
  tls: z
    .enum(['require', 'prefer', 'never'])
    .default('prefer')
    .describe('require: no grant without a TLS port. Nova tells it from 2025.1 on (spice-direct).'),
  caFile: z.string().optional().describe('PEM of the authority that signed the hosts’ certificates.'),
  hostSubject: z
    .string()
    .optional()
    .describe('The subject of every host’s certificate, where the host’s name is not in it.'),
  passwordFile: z
    .string()
    .optional()
    .describe('The host-wide ticket (qemu.conf spice_password), if there is one.'),
});

const cloud = z.strictObject({
  cloud: z.string().min(1).describe('Name in clouds.yaml; may do what a member may: create, start, remove.'),
  adminCloud: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Name in clouds.yaml of a credential that may look up consoles and hosts. Without it no desktop can be shown on most clouds.',
    ),
  cloudsFile: z.string().optional().describe('Instead of the usual search path of clouds.yaml.'),
  spice: spice.prefault({}),
});

const tries = (usual: number) => z.int().min(1).max(100_000).default(usual);

/** Settings of one hub process. What operators decide day by day are resources, not settings. */
export const hubSettings = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(64)
    .default('hub')
    .describe('What this hub is called in logs and on the console.'),
  stateDir: z
    .string()
    .min(1)
    .default('/var/lib/anyseat')
    .describe('The store and the hub’s own key live here.'),
  listen: z
    .strictObject({
      host: z.string().default('::').describe('Where agents connect.'),
      port: port.default(8443),
      tls: tls
        .default('self-signed')
        .describe(
          'self-signed: a key of the hub’s own, which agents pin. Or certFile and keyFile. off: loopback only.',
        ),
    })
    .prefault({}),
  operator: z
    .strictObject({
      socket: z
        .string()
        .default('/run/anyseat/hub.sock')
        .describe('For the anyseat command; its owner and root only.'),
      watch: z
        .strictObject({ host: z.enum(['127.0.0.1', '::1']).default('127.0.0.1'), port: port.default(9640) })
        .prefault({})
        .describe('/healthz and /metrics, on loopback.'),
      console: z
        .union([
          z.literal('off'),
          z.strictObject({
            host: z.enum(['127.0.0.1', '::1']).default('127.0.0.1'),
            port: port.default(9641),
            origins: z
              .array(
                z
                  .string()
                  .regex(/^https:\/\/[a-z0-9.-]+(:\d{1,5})?$/, 'such as https://console.call.example')
                  .refine((text) => URL.canParse(text), 'no address'),
              )
              .default([])
              .describe('Where a reverse proxy with TLS serves it; the first stands in links.'),
            roles: z
              .array(
                z.strictObject({
                  group: z.string().min(1),
                  role: z.enum(operatorRoles),
                  sites: z.array(z.string().min(1)).min(1).optional(),
                }),
              )
              .default([])
              .describe(
                'Who comes in by their own password: members of these groups of the directories, with that role, at those sites or at all. A full name (cn=…,dc=…) is that very group; a plain one is any group called so, in any directory.',
              )
              .meta({ example: [{ group: 'service-desk', role: 'help', sites: ['nantong'] }] }),
          }),
        ])
        .prefault({})
        .describe(
          'The operators’ page, on loopback: reached there, by an SSH tunnel, or through a reverse proxy. off: none.',
        ),
    })
    .prefault({}),
  clouds: z
    .record(z.string().min(1), cloud)
    .default({})
    .describe('The clouds that pools name; “default” is the one of pools that name none.')
    .meta({ example: { default: { cloud: 'desktops', adminCloud: 'desktops-admin' } } }),
  directories: z
    .array(z.discriminatedUnion('type', [fileSettings, ldapSettings]))
    .default([])
    .describe('Asked in this order; the first that knows the name answers.'),
  people: z
    .strictObject({
      recheckSeconds: z
        .int()
        .min(5)
        .max(86_400)
        .default(600)
        .describe('How often the directory is asked what has become of each person at work.'),
      userTries: tries(4).describe(
        'Wrong passwords in five minutes after which a name has to wait; fewer where a directory says that it locks an account sooner.',
      ),
      tcTries: tries(20).describe('The same for a thin client.'),
      siteTries: tries(200).describe('The same for a site, whose names and boxes then get fewer tries each.'),
    })
    .prefault({}),
  boots: z
    .strictObject({
      most: z.int().min(1).max(10_000).default(50).describe('Desktops on their way at once, in all pools.'),
      perHost: z
        .int()
        .min(1)
        .max(100)
        .default(4)
        .describe('On one compute host, to begin with; more or fewer as boots there are quick or slow.'),
      perHostMost: z.int().min(1).max(100).default(10).describe('What no host is ever given.'),
    })
    .prefault({}),
  moves: z
    .strictObject({
      atOnce: z
        .int()
        .min(1)
        .max(1000)
        .default(5)
        .describe(
          'How many people at once are between two desktops because hosts are drained, from the warning to the picture.',
        ),
      warnMinutes: z
        .number()
        .min(0)
        .max(60)
        .default(2)
        .describe('So long before, they are told on the screen.'),
      operatorsPerMinute: z
        .int()
        .min(1)
        .max(1000)
        .default(30)
        .describe(
          'How many desktops operators swap within a minute, all together: a script that errs is stopped.',
        ),
    })
    .prefault({})
    .describe('Desktops that are taken from people at an operator’s word.'),
  standingLinks: z
    .strictObject({
      most: z
        .int()
        .min(0)
        .max(100_000)
        .default(2000)
        .describe(
          'Links that stand to ready desktops, so that a grant’s proof is one question. 0: none; every grant links anew.',
        ),
      perSecond: z
        .int()
        .min(1)
        .max(10_000)
        .default(20)
        .describe('So many are made a second; each measures the line with 250 kB.'),
    })
    .prefault({}),
  alerts: alertSettings,
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export type HubSettings = z.output<typeof hubSettings>;
