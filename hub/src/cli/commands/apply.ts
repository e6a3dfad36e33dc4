import type { ApplyAnswer } from '@anyseat/protocol';
import { changeLines, sayNotes } from '../changes.ts';
import { examples, type Cli } from '../cli.ts';
import { readText } from '../readText.ts';

export function addApply(cli: Cli): void {
  const command = cli.program
    .command('apply')
    .summary('make them as a YAML file says')
    .description(
      'Make sites, seats, pools and allocators as a YAML file says: all of it, or nothing if anything is wrong.',
    )
    .requiredOption('-f, --file <file>', 'the YAML file; - is standard input')
    .option('--prune', 'delete what the hub has and the file does not name')
    .option('--dry-run', 'say what would change, and change nothing')
    .action(async (options: { file: string; prune?: true; dryRun?: true }) => {
      const read = await readText(options.file, cli.terminal);
      const { prune = false, dryRun = false } = options;
      const answer = await cli.hub().post<ApplyAnswer>('/apply', { ...read, prune, dryRun });
      sayNotes(answer, cli);
      cli.show(answer, (say) =>
        changeLines(answer, { terminal: cli.terminal, most: 10, dryRun }).forEach(say),
      );
    });
  examples(command, [
    ['anyseat apply -f site.yaml', 'create and change'],
    ['anyseat apply -f site.yaml --prune', 'and delete what is not in it'],
    ['ssh setup cat site.yaml | anyseat apply -f -', 'from standard input'],
  ]);
}
