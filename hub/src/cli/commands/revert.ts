import { InvalidArgumentError } from 'commander';
import type { ApplyAnswer } from '@anyseat/protocol';
import { changeLines } from '../changes.ts';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';
import { resourceIn } from '../resourceIn.ts';

interface Options {
  to?: number;
  change?: number;
  dryRun?: true;
}

export function addRevert(cli: Cli): void {
  const command = cli.program
    .command('revert')
    .summary('bring an earlier revision back')
    .description(
      'Bring one resource back to an earlier revision, or all of them together to how they stood after a change. That is ' +
        'a change as well, checked like any other, and can be taken back. Running sessions are untouched.',
    )
    .argument('[resource]', 'KIND/NAME, such as allocators/night', resourceIn)
    .option('--to <revision>', 'the revision of the resource', whole)
    .option('--change <number>', 'everything as it stood after this change', whole)
    .option('--dry-run', 'say what would change, and change nothing')
    .action((resource: { kind: string; name: string } | undefined, options: Options) =>
      revert(resource, options, cli),
    );
  examples(command, [
    ['anyseat revert allocators/night --to 3 --dry-run', 'what would that change?'],
    ['anyseat revert allocators/night --to 3', 'one rule as it was'],
    ['anyseat revert --change 41', 'everything as it was after change 41'],
  ]);
}

async function revert(
  resource: { kind: string; name: string } | undefined,
  options: Options,
  cli: Cli,
): Promise<void> {
  const { to, change } = options;
  const dryRun = options.dryRun === true;
  if ((resource === undefined) !== (to === undefined) || (resource === undefined) === (change === undefined))
    throw new Stop(
      exitCode.usage,
      'say either KIND/NAME --to REVISION, or --change NUMBER: anyseat history has both',
    );
  const target = resource ? { ...resource, revision: to } : { change };
  const answer = await cli.hub().post<ApplyAnswer>('/revert', { ...target, dryRun });
  const { terminal } = cli;
  cli.show(answer, (say) => changeLines(answer, { terminal, most: Infinity, dryRun }).forEach(say));
}

function whole(said: string): number {
  const number = Number(said);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('A whole number.');
  return number;
}
