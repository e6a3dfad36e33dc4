import { writeFileSync } from 'node:fs';
import { Fault, messageOf } from '@anyseat/base';
import { InvalidArgumentError, type Command } from 'commander';
import type { ActAnswer, LogsAnswer, ScreenshotAnswer } from '@anyseat/protocol';
import { shownLines } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';

const WHICH = 'its fingerprint, or the seat where it stands';
const path = (tc: string, act: string) => `/tcs/${encodeURIComponent(tc)}/${act}`;

export function addTcMessage(tc: Command, cli: Cli): void {
  const command = tc
    .command('message')
    .summary('show a message at a seat')
    .description('Show a message above whatever is on the screen, until somebody there has taken note of it.')
    .argument('<tc>', WHICH)
    .argument('<text>', 'what they are to read, as it is')
    .option('--wait <seconds>', 'wait so long for somebody to read it, 50 at most', seconds, 0)
    .action(async (name: string, text: string, { wait }: { wait: number }) => {
      await act(cli, path(name, 'message'), { text, waitSeconds: wait });
    });
  examples(command, [
    ['anyseat tc message nt-1-001 "Fire drill at 15:00." --wait 30', 'says whether it was read'],
    ['anyseat audit --subject tc_…', 'who was told what, and when it was read'],
  ]);
}

export function addTcLock(tc: Command, cli: Cli): void {
  const command = tc
    .command('lock')
    .summary('lock a seat')
    .description('Take the desktop off the screen; the person logs in again to go back to it.')
    .argument('<tc>', WHICH)
    .action((name: string) => act(cli, path(name, 'lock'), {}));
  examples(command, [['anyseat tc lock nt-1-001', 'somebody went away and left it open']]);
}

export function addTcLogOff(tc: Command, cli: Cli): void {
  const command = tc
    .command('logoff')
    .summary('log off whoever is at a seat')
    .description('End the session of whoever is logged in there. What was not saved is lost.')
    .argument('<tc>', WHICH)
    .action((name: string) => act(cli, path(name, 'logoff'), {}));
  examples(command, [['anyseat tc logoff nt-1-001', 'the seat is free for the next person']]);
}

export function addTcRestart(tc: Command, cli: Cli): void {
  const command = tc
    .command('restart')
    .summary('start the agent of a thin client anew')
    .description('Start the agent anew. Whoever works there is back on their desktop in a few seconds.')
    .argument('<tc>', WHICH)
    .action((name: string) => act(cli, path(name, 'power'), { do: 'restartAgent' }));
  examples(command, [['anyseat tc restart K7F2-9QWM-3XTD-0V8N', 'its settings have changed']]);
}

export const addTcReboot = (tc: Command, cli: Cli): void =>
  addPower(tc, cli, { name: 'reboot', does: 'reboot', summary: 'reboot a thin client' });

export const addTcShutDown = (tc: Command, cli: Cli): void =>
  addPower(tc, cli, { name: 'shutdown', does: 'shutDown', summary: 'shut a thin client down' });

function addPower(tc: Command, cli: Cli, what: { name: string; does: string; summary: string }): void {
  const command = tc
    .command(what.name)
    .summary(what.summary)
    .description(
      `${what.summary[0]!.toUpperCase()}${what.summary.slice(1)}. Refused while somebody is logged in there.`,
    )
    .argument('<tc>', WHICH)
    .option('--anyway', 'with somebody logged in, too: their desktop waits as after a lost picture')
    .action((name: string, { anyway }: { anyway?: true }) =>
      act(cli, path(name, 'power'), { do: what.does, anyway: anyway === true }),
    );
  examples(command, [[`anyseat tc ${what.name} nt-1-001`, 'when nobody is there']]);
}

export function addTcWake(tc: Command, cli: Cli): void {
  const command = tc
    .command('wake')
    .summary('switch a thin client on')
    .description('Have a neighbour, connected at the same site, send the magic packet (Wake-on-LAN).')
    .argument('<tc>', WHICH)
    .action((name: string) => act(cli, path(name, 'wake'), {}));
  examples(command, [['anyseat tc wake nt-1-001', 'before the shift']]);
}

export function addTcLogs(tc: Command, cli: Cli): void {
  const command = tc
    .command('logs')
    .summary('read the log of a thin client')
    .description('The last lines of its agent’s log, as many as fit into one frame: a thousand or so.')
    .argument('<tc>', WHICH)
    .option('--lines <count>', 'at most so many', count, 1000)
    .action(async (name: string, { lines }: { lines: number }) => {
      const answer = await cli.hub().post<LogsAnswer>(path(name, 'logs'), { lines });
      cli.show(answer, (say) => {
        for (const line of answer.text.trimEnd().split('\n')) say(shownLines(line));
      });
    });
  examples(command, [['anyseat tc logs nt-1-001 --lines 50', 'why its viewer ended']]);
}

export function addTcScreenshot(tc: Command, cli: Cli): void {
  const command = tc
    .command('screenshot')
    .summary('fetch a picture of the screen of a thin client')
    .description(
      'Whoever is logged in there is asked first, and has half a minute; where nobody is, the login page is fetched. PNG.',
    )
    .argument('<tc>', WHICH)
    .requiredOption('--out <file>', 'where to write it; a file that is there stays')
    .action(async (name: string, { out }: { out: string }) => {
      const answer = await cli.hub().post<ScreenshotAnswer>(path(name, 'screenshot'), {});
      const picture = Buffer.from(answer.png, 'base64');
      writeNewFile(out, picture);
      cli.show({ file: out, bytes: picture.length }, (say) => say(`${out}: ${picture.length} bytes.`));
    });
  examples(command, [['anyseat tc screenshot nt-1-001 --out seat.png', 'what they see']]);
}

/** Readable for its owner alone: it is somebody's work. */
function writeNewFile(file: string, content: Buffer): void {
  try {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new Fault('file-unwritable', 'refused', `${file} cannot be written: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function act(cli: Cli, to: string, body: object): Promise<void> {
  const answer = await cli.hub().post<ActAnswer>(to, body);
  cli.show(answer, (say) => say(shownLines(answer.text)));
}

function seconds(said: string): number {
  const value = Number(said);
  if (!Number.isInteger(value) || value < 0 || value > 50)
    throw new InvalidArgumentError('Whole seconds, 50 at most.');
  return value;
}

function count(said: string): number {
  const value = Number(said);
  if (!Number.isInteger(value) || value < 1 || value > 5000)
    throw new InvalidArgumentError('A whole number, 5000 at most.');
  return value;
}
