import { InvalidArgumentError } from 'commander';
import type { AuditAnswer } from '@anyseat/protocol';
import { auditTable, verdictOf } from '../auditText.ts';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';
import { sayTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export function addAudit(cli: Cli): void {
  const command = cli.program
    .command('audit')
    .summary('who did what')
    .description('Who did what, the newest first.')
    .option('--limit <rows>', 'how many rows, 10000 at most', wholeNumber(1, 10_000), 50)
    .option('--before <seq>', 'rows before this one', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option(
      '--subject <subject>',
      'of one thing only, such as seats/nt-1-001 or the id of a session or desktop',
    )
    .option('-w, --wide', 'all columns, nothing cut')
    .option('--verify', 'recompute the chain of hashes: exit code 1 when a row was changed or taken out')
    .action(async (asked: Asked) => {
      const { limit, before, subject, verify } = asked;
      const query = { limit, before, subject, verify: verify === true ? 'true' : undefined };
      const answer = await cli.hub().get<AuditAnswer>('/audit', query);
      cli.show(answer, (say) => toPeople(answer, asked, cli.terminal, say));
      if (answer.verified?.brokenAt !== undefined)
        throw new Stop(exitCode.refused, verdictOf(answer.verified));
    });
  examples(command, [
    ['anyseat audit --limit 20', 'the last twenty acts'],
    ['anyseat audit --subject pools/office', 'every change of one pool'],
    ['anyseat audit --limit 1 --verify', 'was the log tampered with?'],
  ]);
}

interface Asked {
  limit: number;
  before?: number;
  subject?: string;
  verify?: true;
  wide?: true;
}

function toPeople(
  { rows, verified }: AuditAnswer,
  { subject, wide }: Asked,
  terminal: Terminal,
  say: (line: string) => void,
): void {
  if (rows.length === 0) terminal.err(subject === undefined ? 'No act yet.' : `No act on “${subject}”.`);
  else sayTable(auditTable(terminal), rows, { terminal, wide: wide === true, say });
  if (verified && verified.brokenAt === undefined) say(verdictOf(verified));
}

const wholeNumber = (least: number, most: number) => (said: string) => {
  const value = Number(said);
  if (/^\d+$/.test(said) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
};
