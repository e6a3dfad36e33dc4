import { isIP } from 'node:net';
import { z } from 'zod';
import { loadConfig } from '@anyseat/base';
import { TC_PATH, tcCommandNames } from '@anyseat/protocol';
import { languages } from '@anyseat/words';

const address = z
  .url({ protocol: /^wss?$/, error: 'an address such as wss://hub.example:8443' })
  .refine((url) => !url.startsWith('ws:') || isLoopback(url), {
    error: 'plain ws:// is for this machine itself only; write wss://',
  })
  .transform(withPath);

/** Where a hub is and how it is known: the same for an agent, a robot and a fleet. */
export const hubSettings = z
  .strictObject({
    url: address
      .describe(
        'Where the hub listens for agents. An IPv6 address stands in brackets: wss://[2001:db8::1]:8443.',
      )
      .meta({ example: 'wss://hub.example:8443' }),
    fallbacks: z
      .array(address)
      .max(7, 'seven are enough')
      .default([])
      .describe(
        'Other addresses of it, or other hubs with the same store, in order: tried when the one before does not answer within five\n' +
          'seconds. From one of these the agent goes back to the first some minutes after that answers again.',
      ),
    proxy: z
      .url({ protocol: /^http$/, error: 'an address such as http://proxy.example:3128' })
      .refine((url) => URL.parse(url)?.username === '' && URL.parse(url)?.password === '', {
        error: 'no password here: write user:password into a file, and name it as proxyLoginFile',
      })
      .optional()
      .describe('An HTTP proxy on the way to it, which is asked for a tunnel (CONNECT) and sees only TLS.')
      .meta({ example: 'http://proxy.example:3128' }),
    proxyLoginFile: z
      .string()
      .min(1)
      .optional()
      .describe('Holds user:password for the proxy, where it wants one.')
      .meta({ example: '/etc/anyseat-agent/proxy-login' }),
    pingSeconds: z
      .int()
      .min(5)
      .max(60)
      .default(15)
      .describe(
        'The hub is asked for a word this often, so that no firewall forgets a quiet connection; after twice as long without one\n' +
          'the connection is dead.',
      ),
    pins: z
      .array(z.string().regex(/^sha256\/[A-Za-z0-9+/]{43}=$/, 'a pin is sha256/ and 44 characters of base64'))
      .default([])
      .describe(
        'SHA-256 of the public keys (SPKI) that the hub may show. With pins nothing else is asked of its certificate,\n' +
          'and the hub can hand out the next ones. Give two: the one in use and the next.',
      ),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        'PEM of the authority that signs the hub’s certificate; checked with the host name.\n' +
          'Without pins and without this the authorities of the system are trusted.',
      )
      .meta({ example: '/etc/anyseat-agent/hub-ca.pem' }),
    tokenFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A one-time enrolment token, used until the hub knows this box; without one an operator approves the fingerprint.',
      )
      .meta({ example: '/etc/anyseat-agent/token' }),
  })
  .describe('The hub.');

const viewer = z
  .strictObject({
    command: z.string().min(1).default('remote-viewer').describe('The program that shows a desktop.'),
    mode: z
      .enum(['kiosk', 'window'])
      .default('kiosk')
      .describe('kiosk: the whole screen, no way out but the agent’s. It wants a window manager.'),
    connectSeconds: z
      .number()
      .min(1)
      .max(15)
      .default(12)
      .describe('After this long without a picture the viewer is stopped and the person told.'),
  })
  .prefault({})
  .describe('How a desktop is shown.');

const shell = z
  .strictObject({
    kind: z
      .enum(['chromium', 'electron', 'none'])
      .default('chromium')
      .describe(
        'What shows the login page. none: the page is served on loopback and its address is printed.',
      ),
    mode: z
      .enum(['kiosk', 'window'])
      .default('kiosk')
      .describe('kiosk: the whole screen. window: a window, for trying it out.'),
    command: z
      .string()
      .min(1)
      .optional()
      .describe('The program, where it is not the usual one (chromium, or the electron package’s own).')
      .meta({ example: 'chromium' }),
    arguments: z.array(z.string()).default([]).describe('More arguments for it.'),
  })
  .prefault({})
  .describe('What stands around the login page.');

/** How an agent runs: `agent.yaml`. What people see and may do is decided at the hub, never here. */
/** A program and its arguments. */
const program = z.array(z.string().min(1)).min(1);

export const agentConfig = z.strictObject({
  hub: hubSettings,
  stateDir: z
    .string()
    .min(1)
    .default('/var/lib/anyseat-agent')
    .describe('The key of this box and what it learnt of its hub. Lasting; mode 0700.'),
  runDir: z
    .string()
    .min(1)
    .default('/run/anyseat-agent')
    .describe(
      'What must not outlive a power-off: the proof of a running session, the browser’s profile. Memory-backed; mode 0700.',
    ),
  viewer,
  shell,
  page: z
    .strictObject({
      port: z
        .int()
        .min(0)
        .max(65535)
        .default(0)
        .describe('Port on 127.0.0.1 for the login page; 0 takes any.'),
    })
    .prefault({})
    .describe('The login page.'),
  input: z
    .strictObject({
      by: z
        .enum(['xinput', 'uiohook', 'nothing'])
        .default('xinput')
        .describe(
          'What counts keys, clicks and movements, never which key. uiohook: for an X server without XInput 2.\n' +
            'nothing: nobody is counted, and nobody is ever found idle.',
        ),
    })
    .prefault({})
    .describe('Whether somebody is at work, while a desktop is on the screen.'),
  commands: z
    .strictObject({
      refuse: z
        .array(z.enum(tcCommandNames))
        .default([])
        .describe(`What operators may not do to this box: any of ${tcCommandNames.join(', ')}.`),
      askBeforeScreenshot: z
        .boolean()
        .default(true)
        .describe('Whoever is logged in here is asked before an operator gets a picture of the screen.'),
      reboot: program.default(['systemctl', 'reboot']),
      shutDown: program.default(['systemctl', 'poweroff']),
      logs: program
        .default(['journalctl', '--no-pager', '--lines=5000', '--output=short-iso', '--unit=anyseat-agent'])
        .describe('Says the log of this box on standard output.'),
    })
    .prefault({})
    .describe('What operators may do to this box, and by which programs.'),
  language: z
    .enum(languages)
    .default('zh-CN')
    .describe('The language of the page until somebody switches it.'),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('How much is logged.'),
    })
    .prefault({})
    .describe('The log, on standard error as JSON lines.'),
});

export type AgentConfig = z.output<typeof agentConfig>;

/** @throws ConfigFault with all that is wrong with the file. */
export function loadAgentConfig(file: string): AgentConfig {
  return loadConfig(file, agentConfig);
}

/**
 * The environment that the agent's children get: its own. The only reader of `process.env`, besides the heading of
 * `main.ts`; settings of the agent come from the file alone.
 */
export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...more };
}

function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The path is the protocol's; whoever writes one (a proxy's) keeps it. */
function withPath(url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname === '/' || parsed.pathname === '') parsed.pathname = TC_PATH;
  return parsed.href;
}

/** The way to a hub, as its settings have it, in the words of the link. */
export const wayTo = ({
  url,
  fallbacks,
  proxy,
  proxyLoginFile,
  caFile,
  pingSeconds,
}: AgentConfig['hub']) => ({
  url,
  fallbacks,
  trust: { caFile, ...(proxy === undefined ? {} : { proxy: { url: proxy, loginFile: proxyLoginFile } }) },
  times: { pingEveryMs: pingSeconds * 1000, deadAfterMs: (2 * pingSeconds - 1) * 1000 },
});
