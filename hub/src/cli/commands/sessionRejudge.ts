import { InvalidArgumentError, type Command } from 'commander';
import type { RejudgeAnswer } from '@anyseat/protocol';
import { shown } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';
import { count } from '../formats.ts';

export function addSessionRejudge(session: Command, cli: Cli): void {
  const command = session
    .command('rejudge')
    .summary('end sessions that today’s rules would serve otherwise')
    .description(
      'A change of allocators leaves running sessions alone. This ends those that the rules as they are now would serve with ' +
        'another allocator, other pools or another binding, so many at a time: their people log in anew, and what is open on a ' +
        'pooled desktop is lost for them. Says who they are, and asks.',
    )
    .option('--most <number>', 'end no more than so many at once', numberOf, 20)
    .option('--dry-run', 'say who they are, and end none')
    .option('--yes', 'do not ask')
    .action((options: { most: number; dryRun?: true; yes?: true }) => rejudge(options, cli));
  examples(command, [
    ['anyseat session rejudge --dry-run', 'after anyseat apply -f allocators.yaml'],
    ['anyseat session rejudge --most 50', 'at the end of a shift'],
  ]);
}

async function rejudge(
  { most, dryRun, yes }: { most: number; dryRun?: true; yes?: true },
  cli: Cli,
): Promise<void> {
  const trial = await cli.hub().post<RejudgeAnswer>('/rejudge', { most, dryRun: true });
  if (dryRun || trial.otherwise === 0) return cli.show(trial, (say) => lines(trial).forEach(say));
  if (!yes) {
    for (const line of lines(trial)) cli.terminal.err(line);
    const said = await cli.terminal.ask('End them? Type yes: ');
    if (said === undefined)
      throw new Stop(exitCode.refused, 'nothing was ended: nobody is there to ask; --yes goes on without');
    if (said.trim() !== 'yes') throw new Stop(exitCode.refused, 'nothing was ended');
  }
  const answer = await cli.hub().post<RejudgeAnswer>('/rejudge', { most });
  cli.show(answer, (say) => {
    const left = answer.otherwise - answer.ended;
    say(`${count(answer.ended, 'session')} ended${left > 0 ? `; ${left} are left: say it again` : ''}.`);
  });
}

function lines({ otherwise, sessions }: RejudgeAnswer): string[] {
  if (otherwise === 0) return ['Every running session is as the rules would serve it now.'];
  const more = otherwise - sessions.length;
  return [
    `${count(otherwise, 'session')} would be served otherwise by the rules as they are now:`,
    ...sessions.map(
      ({ user, seat, from, to }) => `  ${shown(user)} at ${shown(seat)}: ${shown(from)} → ${shown(to)}`,
    ),
    ...(more > 0 ? [`  and ${more} more, later`] : []),
  ];
}

function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new InvalidArgumentError('It is a whole number from 1 to 1000.');
  return value;
}
