import type { ApplyAnswer } from '@anyseat/protocol';
import { changeLines, sayNotes } from '../changes.ts';
import { examples, type Cli } from '../cli.ts';
import { exitCode } from '../exitCodes.ts';
import { readText } from '../readText.ts';

export function addDiff(cli: Cli): void {
  const command = cli.program
    .command('diff')
    .summary('what apply would change')
    .description('What apply would change, field by field. Exit code 3 when that is anything.')
    .requiredOption('-f, --file <file>', 'the YAML file; - is standard input')
    .option('--prune', 'as if with apply --prune')
    .action(async (options: { file: string; prune?: true }) => {
      const read = await readText(options.file, cli.terminal);
      const { prune = false } = options;
      const answer = await cli.hub().post<ApplyAnswer>('/apply', { ...read, prune, dryRun: true });
      sayNotes(answer, cli);
      const { terminal } = cli;
      cli.show(answer, (say) => changeLines(answer, { terminal, most: Infinity, dryRun: true }).forEach(say));
      if (answer.changes.length > 0) cli.endWith(exitCode.different);
    });
  examples(command, [
    ['anyseat diff -f site.yaml', 'before an apply'],
    ['anyseat diff -f site.yaml --prune >/dev/null', 'exit code 3: the hub is not as the file says'],
  ]);
}
