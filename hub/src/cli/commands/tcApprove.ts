import type { Command } from 'commander';
import type { TcView } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { fingerprint } from '../fingerprint.ts';

export function addTcApprove(tc: Command, cli: Cli): void {
  const command = tc
    .command('approve')
    .summary('let a thin client in')
    .description('Let a thin client in. Compare the fingerprint with the one on its screen first.')
    .argument('<fingerprint>', 'as the thin client shows it, such as K7F2-9QWM-3XTD-0V8N', fingerprint)
    .option('--seat <seat>', 'the seat that it stands at')
    .action(async (print: string, { seat }: { seat?: string }) => {
      const body = seat === undefined ? {} : { seat };
      const view = await cli.hub().post<TcView>(`/tcs/${encodeURIComponent(print)}/approve`, body);
      cli.show(view, (say) => {
        say(
          `${view.fingerprint} is approved${view.seat === undefined ? '' : ` and stands at ${view.seat}`}.`,
        );
        if (view.seat === undefined)
          say(`It stands at no seat yet: anyseat tc place ${view.fingerprint} --seat SEAT`);
      });
    });
  examples(command, [
    ['anyseat get tcs --state pending', 'who waits'],
    ['anyseat tc approve K7F2-9QWM-3XTD-0V8N --seat nt-1-001', 'let it in, and say where it stands'],
    ['anyseat tc approve k7f29qwm3xtd0v8n', 'small letters and missing dashes are forgiven'],
  ]);
}
