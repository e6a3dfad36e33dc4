import { InvalidArgumentError } from 'commander';
import type { WhatifAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { readText } from '../readText.ts';
import { whatifLines } from '../whatifText.ts';

export function addWhatif(cli: Cli): void {
  const command = cli.program
    .command('whatif')
    .summary('who would get something else by other rules')
    .description(
      'Try a YAML file of rules on the logins of the last days, each with the person as the directory gave them then: ' +
        'who would get something else, and what. Nothing is changed.',
    )
    .requiredOption('-f, --file <file>', 'the YAML file; - is standard input')
    .option('--prune', 'as if with apply --prune')
    .option('--days <days>', 'the logins of so many days', days, 14)
    .option('-w, --whole', 'name everybody, up to 200 for each difference')
    .action(async (options: { file: string; prune?: true; days: number; whole?: true }) => {
      const read = await readText(options.file, cli.terminal);
      const { prune = false, whole = false } = options;
      const answer = await cli.hub().post<WhatifAnswer>('/whatif', { ...read, prune, days: options.days });
      cli.show(answer, (say) => whatifLines(answer, cli.terminal, whole).forEach(say));
    });
  examples(command, [
    ['anyseat whatif -f new-allocators.yaml', 'before an apply'],
    ['anyseat whatif -f new-allocators.yaml --days 28 --whole', 'four weeks, and everybody by name'],
  ]);
}

function days(said: string): number {
  const number = Number(said);
  if (!(number >= 0.01 && number <= 366)) throw new InvalidArgumentError('A number of days, 366 at most.');
  return number;
}
