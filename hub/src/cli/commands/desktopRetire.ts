import type { Command } from 'commander';
import { examples, type Cli } from '../cli.ts';

export function addDesktopRetire(desktop: Command, cli: Cli): void {
  const command = desktop
    .command('retire')
    .summary('take a desktop out of its pool')
    .description('Take a desktop out of its pool and remove its server. One that somebody uses is refused.')
    .argument('<id>', 'its number, its server’s name or its id, as anyseat get desktops shows them')
    .action(async (id: string) => {
      const path = `/desktops/${encodeURIComponent(id)}/retire`;
      const answer = await cli.hub().post<{ id: string; state: string }>(path, {});
      cli.show(answer, (say) =>
        say(`Desktop ${id} is ${answer.state}; its pool makes another when it wants one.`),
      );
    });
  examples(command, [
    ['anyseat get desktops --state broken', 'find it'],
    ['anyseat desktop retire 4711', 'remove it'],
  ]);
}
