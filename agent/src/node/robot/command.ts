import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  EXIT_CONFIG,
  exampleConfig,
  messageOf,
  openLog,
  SECOND,
  systemClock,
  toFault,
  type Clock,
  type Log,
} from '@anyseat/base';
import { environment } from '../config.ts';
import { holdBox } from '../oneInstance.ts';
import { RemoteViewer } from '../viewer/remoteViewer.ts';
import { X11Front } from '../viewer/x11Front.ts';
import { openOwnDisplay } from './ownDisplay.ts';
import { exitCodes, lineOf } from './report.ts';
import { runRound } from './round.ts';
import { loadScenario, scenario as scenarioSchema, type Scenario } from './scenario.ts';
import type { Screen } from './screen.ts';
import { openX11Screen } from './x11Screen.ts';

const USAGE = `usage: anyseat-agent robot --scenario FILE
       anyseat-agent robot --example     an example of FILE, with every setting
Logs in as a person would, proves that the desktop answers a key, logs off, and times every stage.
One line of JSON on standard output, a sentence on standard error. It ends with
0 all well · 1 well, but slow · 2 a stage failed · 3 the robot itself could not work · 64 called wrongly · 78 wrong settings.
`;
const EXIT_USAGE = 64;
/** Of its stage's bound: the viewer's own word of why it did not connect says more than that it is late. */
const VIEWER_GIVES_UP_AFTER = 0.95;

/** `anyseat-agent robot …`; resolves with the exit code. */
export async function robot(args: readonly string[], version: string): Promise<number> {
  let values: { scenario?: string | undefined; example?: boolean | undefined };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { scenario: { type: 'string' }, example: { type: 'boolean' } },
    }));
  } catch (error) {
    return say(`${messageOf(error)}\n${USAGE}`, EXIT_USAGE);
  }
  if (values.example) {
    process.stdout.write(exampleConfig(scenarioSchema, 'A round of an Anyseat robot: scenario.yaml'));
    return 0;
  }
  if (values.scenario === undefined) return say(USAGE, EXIT_USAGE);
  let scenario: Scenario;
  let password: string;
  try {
    scenario = loadScenario(values.scenario);
    password = passwordOf(scenario);
  } catch (error) {
    return say(messageOf(error), EXIT_CONFIG);
  }
  const log = openLog({ name: 'robot', level: scenario.log.level });
  try {
    await using _held = await holdBox(scenario.stateDir);
    return await oneRound(scenario, { password, log, version });
  } catch (error) {
    const { message, retry } = toFault(error);
    return say(message, retry === 'terminal' ? EXIT_CONFIG : exitCodes.unknown);
  }
}

async function oneRound(
  scenario: Scenario,
  { password, log, version }: { password: string; log: Log; version: string },
): Promise<number> {
  const clock = systemClock;
  const own = environmentOf(scenario);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  const report = await runRound(scenario, {
    clock,
    log,
    version,
    password,
    stop: stop.signal,
    openScreen: (signal) => openScreen(scenario, own, clock, signal),
    viewerOn: ({ display }) => {
      const there = { ...own, DISPLAY: display };
      return new RemoteViewer({
        command: scenario.viewer.command,
        mode: 'kiosk',
        connectMs: scenario.bounds.viewer * VIEWER_GIVES_UP_AFTER * SECOND,
        runDir: scenario.runDir,
        environment: there,
        front: new X11Front({ environment: there, clock, log }),
        clock,
        log,
      });
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, onSignal);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return say(lineOf(report), exitCodes[report.result]);
}

/** Of a screen that is there, or of one of its own, which is gone with it. */
async function openScreen(
  { screen }: Scenario,
  own: NodeJS.ProcessEnv,
  clock: Clock,
  signal: AbortSignal,
): Promise<Screen> {
  if (screen.display !== undefined) return openX11Screen(screen.display);
  await using opened = new AsyncDisposableStack();
  const { display } = opened.use(await openOwnDisplay(screen, own, clock, signal));
  const shown = opened.use(await openX11Screen(display));
  const kept = opened.move();
  return { ...shown, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** @throws Error when it cannot be read, or is empty */
function passwordOf({ password: from }: Scenario): string {
  const text = 'file' in from ? readFileSync(from.file, 'utf8') : environment()[from.environment];
  const password = text?.replace(/\r?\n$/, '') ?? '';
  const where = 'file' in from ? from.file : `the variable ${from.environment}`;
  if (password === '') throw new Error(`there is no password in ${where}`);
  return password;
}

/** What the robot's programs get: a password that came by a variable is not for them. */
function environmentOf({ password: from }: Scenario): NodeJS.ProcessEnv {
  const own = environment();
  if ('environment' in from) delete own[from.environment];
  return own;
}

function say(text: string, code: number): number {
  process.stderr.write(`${text.trimEnd()}\n`);
  return code;
}
