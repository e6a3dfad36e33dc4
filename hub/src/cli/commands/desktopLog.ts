import type { Command } from 'commander';
import type { ActAnswer, ConsoleLogAnswer } from '@anyseat/protocol';
import { shown, shownLines } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';
import { moment } from '../formats.ts';

export function addDesktopLog(desktop: Command, cli: Cli): void {
  const command = desktop
    .command('log')
    .summary('what a desktop wrote on its console')
    .description(
      'The last lines of a desktop’s serial console: as they were kept when it was swapped, else as the cloud has them now.',
    )
    .argument('<id>', 'its number, its server’s name or its id, as anyseat get desktops shows them')
    .action(async (id: string) => {
      const answer = await cli.hub().get<ConsoleLogAnswer>(`/desktops/${encodeURIComponent(id)}/log`);
      cli.show(answer, (say) => {
        const { keptAt, text } = answer;
        const when = keptAt === undefined ? 'now' : `kept ${moment(keptAt, cli.terminal.timeZone)}`;
        cli.terminal.err(`Console of ${shown(answer.desktop)}, ${when}:`);
        say(text === '' ? 'It wrote nothing.' : shownLines(text.trimEnd()));
      });
    });
  examples(command, [['anyseat desktop log office-12', 'why did it break?']]);
}

export function addDesktopRelease(desktop: Command, cli: Cli): void {
  const command = desktop
    .command('release')
    .summary('end the quarantine of a swapped desktop')
    .description(
      'End the quarantine of a swapped desktop. One that nobody has used is proved again and handed out; any other is removed, ' +
        'with all that is on it.',
    )
    .argument('<id>', 'its number, its server’s name or its id')
    .action(async (id: string) => {
      const answer = await cli.hub().post<ActAnswer>(`/desktops/${encodeURIComponent(id)}/release`, {});
      cli.show(answer, (say) => say(shown(answer.text)));
    });
  examples(command, [
    ['anyseat get desktops --state quarantined', 'which are kept?'],
    ['anyseat desktop release office-12', 'it has been looked at'],
  ]);
}
