import type { Command } from 'commander';
import type { ActAnswer } from '@anyseat/protocol';
import { shownLines } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';

export function addSeatLabel(seat: Command, cli: Cli): void {
  const command = seat
    .command('label')
    .summary('say what stands on the desk of a seat')
    .description(
      'Change the label of a seat. Its page shows it at once; its name, and all that belongs to it, stays.',
    )
    .argument('<seat>')
    .argument('<label>', 'as people read it')
    .action(async (name: string, label: string) => {
      const answer = await cli.hub().post<ActAnswer>(`/seats/${encodeURIComponent(name)}/label`, { label });
      cli.show(answer, (say) => say(shownLines(answer.text)));
    });
  examples(command, [['anyseat seat label nt-1-001 "Window 7"', 'the desks were numbered anew']]);
}
