import { InvalidArgumentError } from 'commander';
import type { HistoryAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { historyLines } from '../historyText.ts';
import { resourceIn } from '../resourceIn.ts';

export function addHistory(cli: Cli): void {
  const command = cli.program
    .command('history')
    .summary('what was changed when, and by whom')
    .description(
      'What was changed when and by whom, the newest first: everything, or the revisions of one resource.',
    )
    .argument('[resource]', 'KIND/NAME, such as allocators/night', resourceIn)
    .option('--limit <number>', 'so many at most', limit, 20)
    .action(async (resource: { kind: string; name: string } | undefined, options: { limit: number }) => {
      const answer = await cli.hub().get<HistoryAnswer>('/history', { ...resource, limit: options.limit });
      cli.show(answer, (say) => {
        const lines = historyLines(answer, cli.terminal);
        if (lines.length > 0) return lines.forEach(say);
        return cli.terminal.err(resource ? 'There never was such a resource.' : 'Nothing was ever changed.');
      });
    });
  examples(command, [
    ['anyseat history', 'what was applied last'],
    ['anyseat history allocators/night', 'what has become of one rule'],
  ]);
}

function limit(said: string): number {
  const number = Number(said);
  if (!Number.isInteger(number) || number < 1 || number > 1000)
    throw new InvalidArgumentError('A whole number, 1000 at most.');
  return number;
}
