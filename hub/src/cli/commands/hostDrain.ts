import type { Command } from 'commander';
import type { ActAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';

export function addHostDrain(host: Command, cli: Cli): void {
  const command = host
    .command('drain')
    .summary('give a compute host nothing new')
    .description(
      'Disable a compute host in the cloud, with a reason that Nova shows. Ready desktops leave it a few at a time while the floor holds; people keep theirs until they log off.',
    )
    .argument('<host>', 'as anyseat get hosts has it')
    .requiredOption('--reason <text>', 'why, for whoever looks')
    .option('--cloud <cloud>', 'of hub.yaml', 'default')
    .action(async (name: string, body: { reason: string; cloud: string }) => {
      const answer = await cli.hub().post<ActAnswer>(`/hosts/${encodeURIComponent(name)}/drain`, body);
      cli.show(answer, (say) => say(answer.text));
    });
  examples(command, [["anyseat host drain cn-17 --reason 'memory is changed'", 'before it is switched off']]);
}

export function addHostResume(host: Command, cli: Cli): void {
  const command = host
    .command('resume')
    .summary('give a drained host desktops again')
    .description('Enable a compute host in the cloud.')
    .argument('<host>', 'as anyseat get hosts has it')
    .option('--cloud <cloud>', 'of hub.yaml', 'default')
    .action(async (name: string, body: { cloud: string }) => {
      const answer = await cli.hub().post<ActAnswer>(`/hosts/${encodeURIComponent(name)}/resume`, body);
      cli.show(answer, (say) => say(answer.text));
    });
  examples(command, [['anyseat host resume cn-17', 'it is well again']]);
}
