import { Command, CommanderError } from 'commander';
import { messageOf } from '@anyseat/base';
import { shownLines } from './cellText.ts';
import type { Cli } from './cli.ts';
import { addAlertAck, addAlertSilence, addAlertTest } from './commands/alert.ts';
import { addApply } from './commands/apply.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import {
  addBindingEnd,
  addBindingExpire,
  addBindingImport,
  addBindingMove,
  addBindingRebind,
} from './commands/binding.ts';
import { addCompletion } from './commands/completion.ts';
import { addConsoleEnd, addConsoleLink, addConsoleList } from './commands/console.ts';
import { addDesktopLog, addDesktopRelease } from './commands/desktopLog.ts';
import { addDesktopRetire } from './commands/desktopRetire.ts';
import { addDiff } from './commands/diff.ts';
import { addExplain } from './commands/explain.ts';
import { addGet } from './commands/get.ts';
import { addHostDrain, addHostResume } from './commands/hostDrain.ts';
import { addPeople } from './commands/people.ts';
import { addPoolClose, addPoolOpen } from './commands/poolClose.ts';
import { addProblemAccept } from './commands/problemAccept.ts';
import { addRestore } from './commands/restore.ts';
import { addHistory } from './commands/history.ts';
import { addRevert } from './commands/revert.ts';
import { addRosterExport, addRosterImport } from './commands/roster.ts';
import { addSeatLabel } from './commands/seatLabel.ts';
import { addSessionEnd } from './commands/sessionEnd.ts';
import { addSwap } from './commands/swap.ts';
import { addSessionRejudge } from './commands/sessionRejudge.ts';
import { addStatus } from './commands/status.ts';
import {
  addTcLock,
  addTcLogOff,
  addTcLogs,
  addTcMessage,
  addTcReboot,
  addTcRestart,
  addTcScreenshot,
  addTcShutDown,
  addTcWake,
} from './commands/tcActs.ts';
import { addTcApprove } from './commands/tcApprove.ts';
import { addTcPlace } from './commands/tcPlace.ts';
import { addTcRetire } from './commands/tcRetire.ts';
import { addTcTag } from './commands/tcTag.ts';
import { addTcToken } from './commands/tcToken.ts';
import { addUpdate } from './commands/update.ts';
import { addWhatif } from './commands/whatif.ts';
import { exitCode, Stop, type ExitCode } from './exitCodes.ts';
import { HubApi } from './hubApi.ts';
import { CLONE_SOCKET, socketPath, SYSTEM_SOCKET } from './socketPath.ts';
import type { Terminal } from './terminal.ts';

/** Of this command; the hub says its own in `anyseat status`. */
export const VERSION = '0.1.0';

const EPILOGUE = `
Exit codes:
  0   done
  1   the hub refused, or a file could not be read; the reason is on standard error
  2   no hub answers
  3   anyseat diff found differences
  64  the command was not typed as it must be
  70  a fault of this program

The hub's socket is --socket, else $ANYSEAT_SOCKET, else ${CLONE_SOCKET} below the current
directory if it is there, else ${SYSTEM_SOCKET}.
Colour is for terminals only, and never with NO_COLOR. COLUMNS says how wide a table may be.
A password for a users file is hashed by hub/src/directory/hashPasswordCommand.ts, which needs no hub.`;

/** Reads one command line, carries it out and resolves with the exit code. Never throws, never shows a stack. */
export async function anyseat(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = new Command('anyseat');
  const wantsJson = () => program.opts<{ json?: true }>().json === true;
  const cli: Cli = {
    program,
    terminal,
    hub: () => new HubApi(socketPath(program.opts<{ socket?: string }>().socket, terminal)),
    show: (answer, toPeople) => {
      if (wantsJson()) terminal.out(JSON.stringify(answer, undefined, 2));
      else toPeople((line) => terminal.out(line));
    },
    endWith: (other) => {
      code = other;
    },
  };
  describeProgram(program, terminal);
  addCommands(cli);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return usageCode(error);
    if (!(error instanceof Stop)) {
      terminal.err(`anyseat: a fault of this program: ${shownLines(messageOf(error))}`);
      return exitCode.fault;
    }
    if (error.answer !== undefined && wantsJson()) terminal.out(JSON.stringify(error.answer, undefined, 2));
    for (const problem of error.problems) terminal.err(shownLines(problem));
    terminal.err(`anyseat: ${shownLines(error.message)}`);
    return error.code;
  }
}

/** The program with all its commands, for the completion and the tests. */
export function addCommands(cli: Cli): void {
  const { program } = cli;
  program.commandsGroup('Looking:');
  addStatus(cli);
  addGet(cli);
  addPeople(cli);
  addExplain(cli);
  addAudit(cli);
  program.commandsGroup('Sites, seats, pools, allocators and rosters:');
  addApply(cli);
  addDiff(cli);
  addWhatif(cli);
  addUpdate(cli);
  addHistory(cli);
  addRevert(cli);
  const roster = program
    .command('roster')
    .summary('bring shift plans')
    .description('Shift plans: who is expected when, and so how many desktops are ready before.')
    .helpCommand(false);
  addRosterImport(roster, cli);
  addRosterExport(roster, cli);
  program.commandsGroup('Thin clients, sessions and desktops:');
  const group = (name: string, summary: string, description: string) =>
    program.command(name).summary(summary).description(description).helpCommand(false);
  const tc = group(
    'tc',
    'let thin clients in, place, tell, lock and reboot them',
    'Let thin clients (TCs) in, place them at seats, tell and ask them things, retire them.',
  );
  addTcApprove(tc, cli);
  addTcPlace(tc, cli);
  addTcTag(tc, cli);
  addTcRetire(tc, cli);
  addTcToken(tc, cli);
  addTcMessage(tc, cli);
  addTcLock(tc, cli);
  addTcLogOff(tc, cli);
  addTcRestart(tc, cli);
  addTcReboot(tc, cli);
  addTcShutDown(tc, cli);
  addTcWake(tc, cli);
  addTcLogs(tc, cli);
  addTcScreenshot(tc, cli);
  addSeatLabel(group('seat', 'name seats', 'What can be done to a seat.'), cli);
  const binding = group(
    'binding',
    'prepare, move and end bindings',
    'Which desktop belongs to which user, seat or thin client.',
  );
  addBindingImport(binding, cli);
  addBindingEnd(binding, cli);
  addBindingExpire(binding, cli);
  addBindingRebind(binding, cli);
  addBindingMove(binding, cli);
  const session = group('session', 'end sessions', 'What can be done to the sessions of people.');
  addSessionEnd(session, cli);
  addSessionRejudge(session, cli);
  addSwap(cli);
  const desktop = group(
    'desktop',
    'retire desktops, look at broken ones',
    'What can be done to one desktop.',
  );
  addDesktopLog(desktop, cli);
  addDesktopRelease(desktop, cli);
  addDesktopRetire(desktop, cli);
  program.commandsGroup('Hosts, pools and what goes wrong:');
  const host = group('host', 'drain hosts', 'What can be done to a compute host.');
  addHostDrain(host, cli);
  addHostResume(host, cli);
  const pool = group('pool', 'close pools', 'What can be done to a pool.');
  addPoolClose(pool, cli);
  addPoolOpen(pool, cli);
  addProblemAccept(
    group('problem', 'say yes to what waits for it', 'What can be done about a problem.'),
    cli,
  );
  const alert = group('alert', 'look after alerts, test them', 'What can be done about an alert.');
  addAlertAck(alert, cli);
  addAlertSilence(alert, cli);
  addAlertTest(alert, cli);
  program.commandsGroup('The page for operators:');
  const console = group('console', 'let people into the console', 'Who may open the operators’ page.');
  addConsoleLink(console, cli);
  addConsoleList(console, cli);
  addConsoleEnd(console, cli);
  program.commandsGroup('The store:');
  addBackup(cli);
  addRestore(cli);
  program.commandsGroup('This command:').helpCommand('help [command]', 'what a command does, with examples');
  addCompletion(cli);
}

function describeProgram(program: Command, terminal: Terminal): void {
  program
    .description('Watches and manages an Anyseat hub, over its Unix socket on this machine.')
    .version(VERSION, '-V, --version', 'this command’s version')
    .option('--socket <path>', 'the hub’s Unix socket')
    .option('--json', 'answer with what the hub said, as JSON')
    .helpOption('-h, --help', 'what a command does, with examples')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      getOutHelpWidth: () => Math.min(terminal.width, 110),
      getErrHelpWidth: () => Math.min(terminal.width, 110),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(`anyseat: ${shownLines(text).replace(/^error: /, '')}`),
    })
    .showHelpAfterError('Its --help says how it is typed.')
    .addHelpText('after', EPILOGUE)
    .exitOverride();
}

/** Help that was asked for is an answer; help that is shown because nothing was asked is not. */
function usageCode(error: CommanderError): ExitCode {
  const asked = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
  return asked || (error.code === 'commander.help' && error.exitCode === 0) ? exitCode.done : exitCode.usage;
}
