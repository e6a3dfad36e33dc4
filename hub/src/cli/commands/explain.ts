import type { ExplainAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { explainLines } from '../explainText.ts';

export function addExplain(cli: Cli): void {
  const command = cli.program
    .command('explain')
    .summary('what a login would come to, and why')
    .description(
      'What a login would come to and why: the person as the directory gives them, every allocator in order with ' +
        'what it wanted and what it saw, and the desktop that would be given. Nothing is changed.',
    )
    .argument('<user>', 'login name')
    .requiredOption('--seat <seat>', 'the seat that they would log in at')
    .option('--at <time>', 'as if the clock at the site showed this: "2026-11-24 22:30"')
    .action(async (user: string, options: { seat: string; at?: string }) => {
      const answer = await cli.hub().post<ExplainAnswer>('/explain', { user, ...options });
      cli.show(answer, (say) => explainLines(answer, cli.terminal).forEach(say));
    });
  examples(command, [
    ['anyseat explain wang.fang --seat nt-1-001', 'why does she get that desktop?'],
    ['anyseat explain wang.fang --seat nt-1-001 --at "2026-12-24 22:30"', 'and on that night?'],
    ['anyseat explain wang.fang --seat nt-1-001 --json | jq .chosen', 'the allocator alone'],
  ]);
}
