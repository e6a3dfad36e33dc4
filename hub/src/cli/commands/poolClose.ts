import type { Command } from 'commander';
import type { ActAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';

export function addPoolClose(pool: Command, cli: Cli): void {
  const command = pool
    .command('close')
    .summary('give nobody a desktop of a pool')
    .description(
      'Close a pool: nobody is given one of its desktops, none is made, and ready ones go. Whoever has one keeps it until they log off. The reason is kept in the pool’s specification.',
    )
    .argument('<pool>')
    .requiredOption('--reason <text>', 'why, for whoever looks')
    .action(async (name: string, body: { reason: string }) => {
      const answer = await cli.hub().post<ActAnswer>(`/pools/${encodeURIComponent(name)}/close`, body);
      cli.show(answer, (say) => say(answer.text));
    });
  examples(command, [
    ["anyseat pool close office --reason 'its storage is moved'", 'before the work begins'],
  ]);
}

export function addPoolOpen(pool: Command, cli: Cli): void {
  const command = pool
    .command('open')
    .summary('open a closed pool again')
    .description('Open a pool that was closed; it fills up to its floor.')
    .argument('<pool>')
    .action(async (name: string) => {
      const answer = await cli.hub().post<ActAnswer>(`/pools/${encodeURIComponent(name)}/open`, {});
      cli.show(answer, (say) => say(answer.text));
    });
  examples(command, [['anyseat pool open office', 'the work is done']]);
}
