import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  ended,
  messageOf,
  openLog,
  SECOND,
  spawnTied,
  stopChild,
  systemClock,
  type Log,
} from '@anyseat/base';
import manifest from '../../package.json' with { type: 'json' };
import { environment } from '../node/config.ts';
import { choose, keep, rollBack, type Choice } from '../node/update/choose.ts';
import { Slots } from '../node/update/slots.ts';

const USAGE = `usage: launch --home FOLDER --keys FOLDER [--packaged FOLDER] [--healthy-seconds N] -- ARGUMENTS OF THE AGENT
`;
/** A slow box starts Chromium in ten seconds; a hub that starts anew is back by then. */
const HEALTHY_SECONDS = 120;

/**
 * What a seat is started by, from the package and never from a release: it chooses the release that runs. One that is settled
 * takes the place of this process (execve), which costs nothing. One on trial is a child: it has to say that its page is on the
 * screen and the hub has answered, within a time; if not it is ended, and what ran before runs again. Ends as the agent does.
 */
async function launch(): Promise<number> {
  const { values, positionals } = readArguments();
  const log = openLog({ name: 'launch' });
  const { home, keys } = values;
  const slots = slotsIn(home, keys, log);
  if (!slots) return run(join(values.packaged, 'main.js'), positionals);
  const args = ['--update-home', home, '--release-keys', keys, ...positionals];
  let choice = choose(slots, manifest.version);
  if (choice.why !== undefined) log.warn({ why: choice.why, runs: choice.version }, 'not the latest release');
  if (choice.trial) {
    const tried = await tryOut(choice, args, slots, Number(values['healthy-seconds']) * SECOND, log);
    if ('code' in tried) return tried.code;
    choice = rollBack(slots, manifest.version, tried.failed);
    log.warn({ why: choice.why, runs: choice.version }, 'a release was taken back');
  }
  return run(programOf(choice, slots, values.packaged), args);
}

/** In our place. */
function run(program: string, args: readonly string[]): never {
  return process.execve!(process.execPath, [process.execPath, program, ...args], environment());
}

/** Without a place for releases the one of the package runs: a disk that is broken is no reason for a dead screen. */
function slotsIn(home: string, keys: string, log: Log): Slots | undefined {
  try {
    return new Slots(home, keys);
  } catch (error) {
    log.error({ why: messageOf(error) }, 'there is no place for releases; the one of the package runs');
    return undefined;
  }
}

const programOf = ({ slot }: Choice, slots: Slots, packaged: string): string =>
  slot === undefined ? join(packaged, 'main.js') : join(slots.folder(slot), 'program', 'main.js');

/** Resolves with the code that the agent ended with, or with why it did not prove itself; it runs no more in any case. */
async function tryOut(
  choice: Choice,
  args: readonly string[],
  slots: Slots,
  withinMs: number,
  log: Log,
): Promise<{ code: number } | { failed: string }> {
  const { version } = choice;
  log.info({ version }, 'a release is tried');
  const child = spawnTied(process.execPath, [programOf(choice, slots, ''), ...args, '--trial'], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  let told = false;
  const pass = (signal: NodeJS.Signals) => {
    told = true;
    child.kill(signal);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, pass);
  const over = ended(child);
  const healthy = new Promise<true>((resolve) => child.once('message', () => resolve(true)));
  const late = new AbortController();
  const within = systemClock.sleep(withinMs, late.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  );
  const first = await Promise.race([healthy, over, within]);
  late.abort();
  if (first === 'late') {
    await stopChild(child, 5 * SECOND);
    return { failed: `its page or the hub was not there after ${withinMs / SECOND} s` };
  }
  if (first !== true) {
    if (told) return { code: first.code ?? 1 };
    return { failed: `it ended by itself (${first.signal ?? first.code})` };
  }
  try {
    keep(slots);
    log.info({ version }, 'the release has proved itself');
  } catch (error) {
    log.error({ why: messageOf(error) }, 'it is not written down that the release has proved itself');
  }
  child.disconnect();
  return { code: (await over).code ?? 1 };
}

function readArguments(): {
  values: { home: string; keys: string; packaged: string; 'healthy-seconds': string };
  positionals: string[];
} {
  try {
    const { values, positionals } = parseArgs({
      options: {
        home: { type: 'string' },
        keys: { type: 'string' },
        packaged: { type: 'string', default: dirname(fileURLToPath(import.meta.url)) },
        'healthy-seconds': { type: 'string', default: String(HEALTHY_SECONDS) },
      },
      allowPositionals: true,
    });
    const { home, keys } = values;
    if (home === undefined || keys === undefined) throw new Error('--home and --keys are needed');
    return { values: { ...values, home, keys }, positionals };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}`);
    return process.exit(64);
  }
}

if (import.meta.main) process.exit(await launch());
