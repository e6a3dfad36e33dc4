import { z } from 'zod';
import { severities } from '../domain/alert/alertRules.ts';

const secretFile = z.string().min(1).optional();
const port = (usual: number) => z.int().min(1).max(65535).default(usual);
const least = z.enum(severities).default('warning').describe('What is less grave is not sent.');

const webhook = z.strictObject({
  type: z.literal('webhook'),
  url: z
    .string()
    .refine(
      isWebAddress,
      'an address such as https://chat.call.example/hooks/anyseat, without user and password',
    )
    .describe('Gets each alert as JSON, by POST.'),
  secretFile: secretFile.describe('Its content signs each letter (HMAC-SHA256, X-Anyseat-Signature).'),
  caFile: z.string().optional().describe('PEM of the authority that signed its certificate.'),
  least,
});

const email = z.strictObject({
  type: z.literal('email'),
  host: z.string().min(1).describe('The mail server (SMTP).'),
  port: port(587),
  tls: z
    .enum(['starttls', 'always', 'never'])
    .default('starttls')
    .describe('starttls: it has to offer it. always: TLS from the start (port 465). never: plain.'),
  caFile: z.string().optional(),
  user: z.string().min(1).optional(),
  passwordFile: secretFile,
  from: z.string().refine(isMailAddress, 'a mail address such as anyseat@call.example'),
  to: z.array(z.string().refine(isMailAddress, 'a mail address such as ops@call.example')).min(1),
  language: z.enum(['zh-CN', 'en']).default('en'),
  least,
});

const syslog = z.strictObject({
  type: z.literal('syslog'),
  host: z.string().min(1).default('127.0.0.1'),
  port: port(514),
  protocol: z
    .enum(['udp', 'tcp'])
    .default('udp')
    .describe('RFC 5424, in datagrams or with counted octets (RFC 6587).'),
  facility: z
    .enum(['user', 'daemon', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'])
    .default('daemon'),
  language: z.enum(['zh-CN', 'en']).default('en'),
  least,
});

const channel = z
  .discriminatedUnion('type', [webhook, email, syslog], { error: 'has to be webhook, email or syslog' })
  .superRefine((own, context) => {
    if (own.type !== 'email') return;
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if ((own.user === undefined) !== (own.passwordFile === undefined))
      wrong(
        own.user === undefined ? 'user' : 'passwordFile',
        'user and passwordFile belong together: write both, or none',
      );
    if (own.tls === 'never' && own.passwordFile !== undefined)
      wrong('tls', 'with tls: never the password would travel in the clear: starttls or always, or no user');
  });

const NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/;

/** Where alerts go, and from when on something is one. */
export const alertSettings = z
  .strictObject({
    channels: z
      .record(z.string().regex(NAME, 'lower-case letters, digits, dots and dashes, 63 at most'), channel)
      .default({})
      .describe(
        'Where alerts go: webhook, email, syslog; any number of each. They are tried by “anyseat alert test”.',
      )
      .meta({
        example: {
          ops: {
            type: 'webhook',
            url: 'https://chat.call.example/hooks/anyseat',
            secretFile: '/etc/anyseat/hook.key',
          },
          mail: {
            type: 'email',
            host: 'smtp.call.example',
            from: 'anyseat@call.example',
            to: ['ops@call.example'],
          },
          log: { type: 'syslog', host: '127.0.0.1' },
        },
      }),
    patience: z
      .number()
      .min(0)
      .max(20)
      .default(1)
      .describe(
        'How long something has to be wrong before it is told: 2 is twice as long as usual, 0 at once.',
      ),
    hostMemory: z
      .number()
      .min(0.1)
      .max(100)
      .default(1.2)
      .describe('From when on a host has promised too much memory, in times what it has.'),
    hostCpu: z.number().min(0.1).max(100).default(2).describe('The same for its CPUs.'),
    quotaPercent: z
      .number()
      .min(1)
      .max(100)
      .default(90)
      .describe('From when on a quota of a cloud counts as nearly used up.'),
  })
  .prefault({});

export type ChannelSettings = z.output<typeof channel>;
export type SettingsOf<Type extends ChannelSettings['type']> = Extract<ChannelSettings, { type: Type }>;

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

function isMailAddress(text: string): boolean {
  return /^[^\s<>,;@]+@[^\s<>,;@]+$/.test(text);
}
