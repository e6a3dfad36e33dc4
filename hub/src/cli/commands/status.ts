import type { StatusAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { statusLines } from '../statusText.ts';

export function addStatus(cli: Cli): void {
  const command = cli.program
    .command('status')
    .summary('how the hub is, and what it stands on')
    .description(
      'How the hub is, and everything that it stands on: store, directories, clouds, pools, people.',
    )
    .action(async () => {
      const status = await cli.hub().get<StatusAnswer>('/status');
      cli.show(status, (say) => statusLines(status, cli.terminal).forEach(say));
    });
  examples(command, [
    ['anyseat status', 'at a glance'],
    ['anyseat status --json | jq .warnings', 'for a program'],
  ]);
}
