import { InvalidArgumentError, type Command } from 'commander';
import type { TcView } from '@anyseat/protocol';
import { shown } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';
import { fingerprint } from '../fingerprint.ts';
import { tagText } from '../kindTables.ts';

export function addTcTag(tc: Command, cli: Cli): void {
  const command = tc
    .command('tag')
    .summary('say what a thin client is like')
    .description(
      'Say what a thin client is like, for allocators to match: tags are added and changed; TAG= takes one away.',
    )
    .argument('<fingerprint>', 'which thin client', fingerprint)
    .argument('<tags...>', 'TAG=VALUE, several if need be', tag)
    .action(async (print: string, tags: Record<string, string | null>) => {
      const view = await cli.hub().post<TcView>(`/tcs/${encodeURIComponent(print)}/tag`, { tags });
      cli.show(view, (say) =>
        say(`${view.fingerprint} has ${shown(tagText(view.tags ?? {})) || 'no tags'}.`),
      );
    });
  examples(command, [
    ['anyseat tc tag K7F2-9QWM-3XTD-0V8N screens=2 headset=yes', 'match: { tc: { screens: "2" } }'],
    ['anyseat tc tag K7F2-9QWM-3XTD-0V8N headset=', 'it has no such tag any more'],
  ]);
}

function tag(said: string, before: Record<string, string | null> | undefined): Record<string, string | null> {
  const at = said.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('A tag is written TAG=VALUE.');
  const value = said.slice(at + 1);
  return { ...before, [said.slice(0, at)]: value === '' ? null : value };
}
