import type { Command } from 'commander';
import type { TcView } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { fingerprint } from '../fingerprint.ts';

export function addTcRetire(tc: Command, cli: Cli): void {
  const command = tc
    .command('retire')
    .summary('refuse a thin client from now on')
    .description('Refuse a thin client from now on. Its seat is free for another.')
    .argument('<fingerprint>', 'which thin client', fingerprint)
    .action(async (print: string) => {
      const view = await cli.hub().post<TcView>(`/tcs/${encodeURIComponent(print)}/retire`, {});
      cli.show(view, (say) => say(`${view.fingerprint} is retired: its key is refused.`));
    });
  examples(command, [['anyseat tc retire K7F2-9QWM-3XTD-0V8N', 'lost, stolen or scrapped']]);
}
