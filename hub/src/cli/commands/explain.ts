import type { ExplainAnswer, WhyAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';
import { explainLines } from '../explainText.ts';
import { whyLines } from '../whyText.ts';

interface Options {
  seat?: string;
  at?: string;
  session?: string;
}

export function addExplain(cli: Cli): void {
  const command = cli.program
    .command('explain')
    .summary('what a login would come to, and why; or why one went as it did')
    .description(
      'What a login would come to and why: the person as the directory gives them, every allocator in order with ' +
        'what it wanted and what it saw, and the desktop that would be given. Nothing is changed. With --session, why ' +
        'a login of the past went as it did: what was seen then, by the rules as they stood then.',
    )
    .argument('[user]', 'login name')
    .option('--seat <seat>', 'the seat that they would log in at')
    .option('--at <time>', 'as if the clock at the site showed this: "2026-11-24 22:30"')
    .option('--session <session>', 'the login that this session began with')
    .action((user: string | undefined, options: Options) =>
      options.session === undefined ? explain(user, options, cli) : why(user, options.session, options, cli),
    );
  examples(command, [
    ['anyseat explain wang.fang --seat nt-1-001', 'why does she get that desktop?'],
    ['anyseat explain wang.fang --seat nt-1-001 --at "2026-12-24 22:30"', 'and on that night?'],
    ['anyseat explain --session ses_01m84mv6fdss05774w03', 'and why did she, then?'],
    ['anyseat explain wang.fang --seat nt-1-001 --json | jq .chosen', 'the allocator alone'],
  ]);
}

async function explain(user: string | undefined, { seat, at }: Options, cli: Cli): Promise<void> {
  if (user === undefined || seat === undefined)
    throw new Stop(
      exitCode.usage,
      'say who and where (USER --seat SEAT), or which login (--session SESSION)',
    );
  const asked = { user, seat, ...(at === undefined ? {} : { at }) };
  const answer = await cli.hub().post<ExplainAnswer>('/explain', asked);
  cli.show(answer, (say) => explainLines(answer, cli.terminal).forEach(say));
}

async function why(
  user: string | undefined,
  session: string,
  { seat, at }: Options,
  cli: Cli,
): Promise<void> {
  if (user !== undefined || seat !== undefined || at !== undefined)
    throw new Stop(
      exitCode.usage,
      'a session says itself who it was, where and when: --session SESSION alone',
    );
  const answer = await cli.hub().get<WhyAnswer>(`/sessions/${encodeURIComponent(session)}/why`);
  cli.show(answer, (say) => whyLines(answer, cli.terminal).forEach(say));
}
