import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  EXIT_CONFIG,
  exampleConfig,
  Lifetime,
  messageOf,
  openLog,
  SECOND,
  systemClock,
  toFault,
  type Log,
} from '@anyseat/base';
import manifest from '../../package.json' with { type: 'json' };
import { ChromiumShell } from '../shell/chromium/chromiumShell.ts';
import { ElectronShell } from '../shell/electron/electronShell.ts';
import { BridgeServer } from './bridge/bridgeServer.ts';
import { OwnBox } from './commands/ownBox.ts';
import { agentConfig, environment, loadAgentConfig, type AgentConfig } from './config.ts';
import { Core } from './core.ts';
import { FirstPage } from './firstPage.ts';
import { askMachine } from './health/askMachine.ts';
import { KernelHealth } from './health/health.ts';
import { hearMenuKey } from './input/menuKey.ts';
import { openInput } from './input/openInput.ts';
import { holdBox } from './oneInstance.ts';
import { proofOf } from './update/proof.ts';
import { Slots } from './update/slots.ts';
import { Updates } from './update/updates.ts';
import { letGo } from './viewer/letGo.ts';
import { LineWatch } from './viewer/lineWatch.ts';
import { RemoteViewer } from './viewer/remoteViewer.ts';
import { X11Front } from './viewer/x11Front.ts';

const USAGE = `usage: anyseat-agent --config FILE
       anyseat-agent --example     an example of FILE, with every setting
       anyseat-agent --version
       anyseat-agent robot …       a round without a person, for monitoring
       anyseat-agent fleet …       thousands of headless agents, for load

The agent of a thin client: the login page, the link to the hub and the viewer.
It ends with 78 when its settings are wrong.
`;
const EXIT_USAGE = 64;
const nothing: Disposable = { [Symbol.dispose]: () => undefined };
const dist = (name: string) => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

if (import.meta.main) await main();

async function main(): Promise<void> {
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'robot')
    process.exit(await (await import('./robot/command.ts')).robot(rest, manifest.version));
  if (command === 'fleet')
    process.exit(await (await import('./fleet/command.ts')).fleet(rest, manifest.version));
  const options = readArguments();
  if (options.version) return print(manifest.version);
  if (options.example) return print(exampleConfig(agentConfig, 'Settings of an Anyseat agent: agent.yaml'));
  if (options.config === undefined) return end(USAGE, EXIT_USAGE);
  let config: AgentConfig;
  try {
    config = loadAgentConfig(options.config);
  } catch (error) {
    return end(messageOf(error), EXIT_CONFIG);
  }
  const log = openLog({ name: 'agent', level: config.log.level });
  try {
    await using lifetime = new Lifetime();
    await openAgent(config, options, log, lifetime);
    log.info({ signal: await toldToStop(log) }, 'the agent stops');
  } catch (error) {
    const { code, message, retry } = toFault(error);
    log.error({ code, err: error }, message);
    return end(`anyseat-agent: ${message}`, retry === 'terminal' ? EXIT_CONFIG : 1);
  }
  process.exit(0);
}

/** The only place that puts the parts of an agent together. All of it lives as long as `lifetime`. */
async function openAgent(
  config: AgentConfig,
  options: Arguments,
  log: Log,
  lifetime: Lifetime,
): Promise<void> {
  const { viewer, shell, runDir } = config;
  const clock = systemClock;
  lifetime.own(await holdBox(config.stateDir));
  const page = new FirstPage(shell.kind !== 'none', clock);
  const proof = proofOf(shell.kind !== 'none', () => {
    if (!options.trial) return;
    process.send?.({ proved: true });
    updates?.proved();
  });
  const end = () => process.kill(process.pid, 'SIGTERM');
  const { 'update-home': home, 'release-keys': keys } = options;
  const updates =
    home === undefined || keys === undefined
      ? undefined
      : lifetime.own(
          new Updates({
            slots: new Slots(home, keys),
            running: manifest.version,
            onTrial: options.trial === true,
            dial: (signal) => core.dialHub(signal),
            isFree: () => core.isFree,
            end,
            clock,
            log,
          }),
        );
  const front = new X11Front({ environment: environment(), clock, log });
  let face: ChromiumShell | ElectronShell | undefined;
  const input = openInput(config.input.by, { environment: environment(), clock, log });
  const core: Core = lifetime.own(
    new Core({
      config,
      pageUp: page.up,
      bringPage: () => {
        if (face?.pid === undefined) return nothing;
        const above = new DisposableStack();
        above.use(
          letGo({ environment: environment(), clock, log, onOwnKeys: (count) => input?.ownKeys?.(count) }),
        );
        above.use(front.keep(face.pid, 'above'));
        return above;
      },
      viewer: new RemoteViewer({
        command: viewer.command,
        mode: viewer.mode,
        connectMs: viewer.connectSeconds * SECOND,
        runDir,
        environment: environment(),
        front,
        watch: new LineWatch({
          hub: { ping: () => core.hubLine.ping(), heardAt: () => core.hubLine.heardAt() },
          clock,
          log,
        }),
        clock,
        log,
      }),
      menuKey: (onMenu) => hearMenuKey({ environment: environment(), log }, onMenu),
      box: new OwnBox({
        commands: config.commands,
        environment: environment(),
        clock,
        end,
      }),
      refuse: config.commands.refuse,
      asksFirst: config.commands.askBeforeScreenshot,
      updates,
      onReached: () => proof.hub(),
      input,
      health: new KernelHealth({
        folder: config.stateDir,
        viewerCommand: viewer.command,
        agentPid: process.pid,
        machine: () => askMachine(environment()),
      }),
      clock,
      log,
      version: manifest.version,
    }),
  );
  let chromium: ChromiumShell | undefined;
  const bridge = lifetime.own(
    await BridgeServer.open({
      core,
      port: config.page.port,
      pageDir: dist('page'),
      runDir,
      log,
      onPages: (count) => {
        chromium?.pages(count);
        page.count(count);
        if (count > 0) proof.page();
      },
    }),
  );
  const around = { ...shell, runDir, environment: environment(), clock, log };
  if (shell.kind === 'electron') {
    face = lifetime.own(
      new ElectronShell({
        ...around,
        core,
        mainFile: dist('electron/main.js'),
        onPageUp: () => {
          page.count(1);
          proof.page();
        },
      }),
    );
  }
  if (shell.kind === 'chromium') {
    const command = shell.command ?? 'chromium';
    chromium = lifetime.own(new ChromiumShell({ ...around, command, address: () => bridge.onceAddress() }));
    face = chromium;
  }
  log.info({ page: bridge.lastingAddress, shell: shell.kind }, 'the login page is served');
}

interface Arguments {
  config?: string;
  example?: boolean;
  version?: boolean;
  /** Of an agent that was started by `launch`. */
  'update-home'?: string;
  'release-keys'?: string;
  trial?: boolean;
}

function readArguments(): Arguments {
  try {
    return parseArgs({
      options: {
        config: { type: 'string' },
        example: { type: 'boolean' },
        version: { type: 'boolean' },
        'update-home': { type: 'string' },
        'release-keys': { type: 'string' },
        trial: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return end(`${messageOf(error)}\n${USAGE}`, EXIT_USAGE);
  }
}

/** Resolves with the first signal to stop. A fault that nobody caught ends the agent; systemd starts it again. */
function toldToStop(log: Log): Promise<NodeJS.Signals> {
  const onBug = (error: unknown) => {
    log.fatal({ err: error }, 'a bug ends the agent');
    process.exit(1);
  };
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, resolve);
  });
}

function print(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}

function end(text: string, code: number): never {
  process.stderr.write(`${text.trimEnd()}\n`);
  process.exit(code);
}
