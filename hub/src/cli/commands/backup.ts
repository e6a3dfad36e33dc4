import type { FileAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { size } from '../formats.ts';
import { absolute } from '../readText.ts';

export function addBackup(cli: Cli): void {
  const command = cli.program
    .command('backup')
    .summary('write a copy of the store into a file')
    .description(
      'Write a whole, consistent copy of the store into a file, while the hub works. The hub writes it: where its ' +
        'account may write, and readable by that account alone.',
    )
    .argument('<file>', 'where to; a file that is there is replaced')
    .action(async (file: string) => {
      const answer = await cli.hub().post<FileAnswer>('/backup', { file: absolute(file, cli.terminal) });
      cli.show(answer, (say) => say(`${answer.file} (${size(answer.bytes)}): ${answer.text}.`));
    });
  examples(command, [
    ['anyseat backup /var/backups/anyseat/hub.db', 'now'],
    ['anyseat backup "/var/backups/anyseat/hub-$(date +%F).db"', 'every night, from a timer'],
  ]);
}
