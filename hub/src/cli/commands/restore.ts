import type { FileAnswer, StatusAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';
import { count, size } from '../formats.ts';
import { absolute } from '../readText.ts';

export function addRestore(cli: Cli): void {
  const command = cli.program
    .command('restore')
    .summary('put a backup in place of the store')
    .description(
      'Put a backup in place of the store. The hub checks it, stops and starts anew with it; what was there is kept ' +
        'beside it. People who work keep working. When the hub is not running: anyseat-hub --config FILE --restore FILE.',
    )
    .argument('<file>', 'what anyseat backup wrote')
    .option('--yes', 'do not ask')
    .action(async (file: string, { yes = false }: { yes?: boolean }) => {
      const path = absolute(file, cli.terminal);
      if (!yes) await ask(path, cli);
      const answer = await cli.hub().post<FileAnswer>('/restore', { file: path });
      cli.show(answer, (say) => {
        say(`${answer.file} (${size(answer.bytes)}): ${answer.text}.`);
        say('See how it comes up: anyseat status');
      });
    });
  examples(command, [
    ['anyseat restore /var/backups/anyseat/hub.db', 'asks before it does'],
    ['anyseat restore --yes /var/backups/anyseat/hub.db', 'from a script'],
  ]);
}

/** @throws Stop unless the person at the terminal says yes, knowing what is at stake */
async function ask(file: string, cli: Cli): Promise<void> {
  const status = await cli.hub().get<StatusAnswer>('/status');
  const live = Object.values(status.sessions).reduce((all, n) => all + n, 0);
  cli.terminal.err(`Everything that hub “${status.hub.name}” knows is replaced by ${file}:`);
  cli.terminal.err(
    `${count(status.seats, 'seat')}, ${count(status.tcs.enrolled, 'thin client')}, ${count(live, 'live session')}. The hub starts anew.`,
  );
  const said = await cli.terminal.ask('Go on? Type yes: ');
  if (said === undefined)
    throw new Stop(exitCode.usage, 'nobody is here to be asked; --yes goes on without asking');
  if (said.trim().toLowerCase() !== 'yes') throw new Stop(exitCode.refused, 'nothing was done');
}
