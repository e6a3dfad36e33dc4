import type { Command } from 'commander';
import type { TcView } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { fingerprint } from '../fingerprint.ts';

export function addTcPlace(tc: Command, cli: Cli): void {
  const command = tc
    .command('place')
    .summary('say where a thin client stands')
    .description('Say where a thin client stands from now on.')
    .argument('<fingerprint>', 'which thin client', fingerprint)
    .option('--seat <seat>', 'the seat')
    .option('--nowhere', 'it stands at no seat any more')
    .action(async (print: string, { seat, nowhere }: { seat?: string; nowhere?: true }) => {
      if ((seat === undefined) === (nowhere === undefined))
        command.error('either --seat SEAT or --nowhere', { code: 'anyseat.place' });
      const body = { seat: seat ?? null };
      const view = await cli.hub().post<TcView>(`/tcs/${encodeURIComponent(print)}/place`, body);
      cli.show(view, (say) => say(`${view.fingerprint} stands at ${view.seat ?? 'no seat'}.`));
    });
  examples(command, [
    ['anyseat tc place K7F2-9QWM-3XTD-0V8N --seat nt-1-002', 'it was moved'],
    ['anyseat tc place K7F2-9QWM-3XTD-0V8N --nowhere', 'it was taken away, and its seat is free'],
  ]);
}
