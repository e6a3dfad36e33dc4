import type { Command } from 'commander';
import type { ActAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';

export function addProblemAccept(problem: Command, cli: Cli): void {
  const command = problem
    .command('accept')
    .summary('say that what looks wrong is so')
    .description(
      'Where so much looks wrong at once that nothing was done about it: say that it is so. vanished: servers that are in no listing are gone. strays-many: servers without a desktop may be removed. For a quarter of an hour.',
    )
    .argument('<kind>', 'vanished or strays-many')
    .option('--cloud <cloud>', 'of hub.yaml', 'default')
    .action(async (kind: string, { cloud }: { cloud: string }) => {
      const answer = await cli.hub().post<ActAnswer>('/problems/accept', { kind, cloud });
      cli.show(answer, (say) => say(answer.text));
    });
  examples(command, [
    ['anyseat get problems', 'what it is'],
    ['anyseat problem accept vanished', 'they are gone indeed'],
  ]);
}
