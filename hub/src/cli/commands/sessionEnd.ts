import type { Command } from 'commander';
import { examples, type Cli } from '../cli.ts';

export function addSessionEnd(session: Command, cli: Cli): void {
  const command = session
    .command('end')
    .summary('end a session')
    .description(
      'End a session: the viewer closes, and a pooled desktop is given back. What was not saved is lost.',
    )
    .argument('<id>', 'the session, as anyseat get sessions shows it')
    .action(async (id: string) => {
      const answer = await cli.hub().post<{ id: string }>(`/sessions/${encodeURIComponent(id)}/end`, {});
      cli.show(answer, (say) => say(`Session ${answer.id} is ended.`));
    });
  examples(command, [
    ['anyseat get sessions --user wang.fang', 'find it'],
    ['anyseat session end ses_01k7abcdefghjkmnpqrs', 'end it'],
  ]);
}
