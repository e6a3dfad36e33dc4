import type { Command } from 'commander';
import type { ExpireBindingsAnswer, ImportBindingsAnswer } from '@anyseat/protocol';
import { shown } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';
import { count, moment } from '../formats.ts';
import { readText } from '../readText.ts';

export function addBindingImport(binding: Command, cli: Cli): void {
  const command = binding
    .command('import')
    .summary('bind ready desktops as a table says')
    .description(
      'Bind ready desktops to users, seats or thin clients as a CSV table says, before anybody has logged in: all of ' +
        'it, or nothing if any row is wrong. Its first line is kind,of,desktop.',
    )
    .argument('<file>', 'the table; - is standard input')
    .option('--dry-run', 'say what is wrong, and change nothing')
    .action(async (file: string, options: { dryRun?: true }) => {
      const read = await readText(file, cli.terminal);
      const { dryRun = false } = options;
      const answer = await cli.hub().post<ImportBindingsAnswer>('/bindings/import', { ...read, dryRun });
      const bound = count(answer.bindings, 'desktop');
      cli.show(answer, (say) =>
        say(answer.applied ? `${bound} bound.` : `${bound} can be bound. Nothing was changed.`),
      );
    });
  examples(command, [
    ['anyseat binding import people.csv', 'user,wang.fang,office-12 and so on'],
    ['anyseat binding import people.csv --dry-run', 'is everything right with it?'],
  ]);
}

export function addBindingEnd(binding: Command, cli: Cli): void {
  const command = binding
    .command('end')
    .summary('a desktop is bound to nobody any more')
    .description(
      'The desktop is bound to nobody any more. One that was used is removed and made anew, with all that is on it; one ' +
        'that was never used is ready again.',
    )
    .argument('<desktop>', 'its number, its server’s name or its id')
    .action(async (desktop: string) => {
      const answer = await cli.hub().post(`/bindings/${encodeURIComponent(desktop)}/end`, {});
      cli.show(answer, (say) => say(`${desktop} is bound to nobody any more.`));
    });
  examples(command, [['anyseat binding end office-12', 'whoever had it gets another at the next login']]);
}

export function addBindingExpire(binding: Command, cli: Cli): void {
  const command = binding
    .command('expire')
    .summary('end what nobody used for too long')
    .description(
      'End every binding that nobody used for as long as its allocator says (bindingDays). The hub does so by itself, but ' +
        'not where very many are due at once: then somebody looks at them first.',
    )
    .option('--dry-run', 'name them, and change nothing')
    .action(async (options: { dryRun?: true }) => {
      const { dryRun = false } = options;
      const answer = await cli.hub().post<ExpireBindingsAnswer>('/bindings/expire', { dryRun });
      cli.show(answer, (say) => {
        for (const { kind, key, desktop, usedAt } of answer.bindings)
          say(`${shown(desktop)}  ${kind} ${shown(key)}, last used ${moment(usedAt, cli.terminal.timeZone)}`);
        say(`${count(answer.bindings.length, 'binding')} ${dryRun ? 'due. Nothing was changed.' : 'ended.'}`);
      });
    });
  examples(command, [['anyseat binding expire --dry-run', 'which are due?']]);
}

interface To {
  user?: string;
  seat?: string;
  tc?: string;
  withItsData?: true;
}

export function addBindingRebind(binding: Command, cli: Cli): void {
  const command = binding
    .command('rebind')
    .summary('a bound desktop is somebody else’s')
    .description('The desktop is bound to somebody else from now on, as it is and with all that is on it.')
    .argument('<desktop>', 'its number, its server’s name or its id')
    .option('--user <user>', 'login name')
    .option('--seat <seat>', 'the seat')
    .option('--tc <fingerprint>', 'the thin client')
    .option('--with-its-data', 'yes, they may see what somebody left on it')
    .action(async (desktop: string, { withItsData, ...to }: To) => {
      const [one, ...more] = Object.entries(to);
      if (!one || more.length > 0)
        throw new Stop(exitCode.usage, 'say to whom: one of --user, --seat and --tc');
      const [kind, of] = one;
      const path = `/bindings/${encodeURIComponent(desktop)}/rebind`;
      const answer = await cli.hub().post(path, { kind, of, withItsData: withItsData === true });
      cli.show(answer, (say) => say(`${desktop} is bound to ${kind} ${of}.`));
    });
  examples(command, [
    ['anyseat binding rebind office-12 --user li.na --with-its-data', 'she takes over his work'],
    ['anyseat binding rebind office-12 --seat nt-1-001', 'it stays at that seat'],
  ]);
}

export function addBindingMove(binding: Command, cli: Cli): void {
  const command = binding
    .command('move')
    .summary('instead of a bound desktop, one of another pool')
    .description(
      'Whoever the desktop is bound to has a ready one of another pool instead; the old one goes, with all that is on ' +
        'it, as after binding end. Their allocator has to name that pool.',
    )
    .argument('<desktop>', 'its number, its server’s name or its id')
    .requiredOption('--pool <pool>', 'the other pool')
    .action(async (desktop: string, { pool }: { pool: string }) => {
      const path = `/bindings/${encodeURIComponent(desktop)}/move`;
      const answer = await cli.hub().post<{ server: string }>(path, { pool });
      cli.show(answer, (say) => say(`Instead of ${desktop} it is ${answer.server} of pool ${pool}.`));
    });
  examples(command, [['anyseat binding move office-12 --pool fast', 'a faster desktop for whoever has it']]);
}
