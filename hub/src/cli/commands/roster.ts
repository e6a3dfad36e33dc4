import { basename, extname } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import type { Command } from 'commander';
import type { ImportRosterAnswer, RosterSheetAnswer } from '@anyseat/protocol';
import { shown } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';
import { count } from '../formats.ts';
import { readText } from '../readText.ts';

const MOST_BYTES = 128 * 1024 * 1024;
const SHOWN = 20;
const pack = promisify(gzip);

export function addRosterImport(roster: Command, cli: Cli): void {
  const command = roster
    .command('import')
    .summary('bring a shift plan as CSV')
    .description(
      'Check a shift plan whole, say what changes, and put it in the place of the one before. Its first line names its ' +
        'columns: site, department, date, from, to, heads, people, timeZone, those that are needed and in any order. A row ' +
        'says how many people (heads) or who (people, login names) work from when to when; date is a date, a range ' +
        '(2026-12-01..2026-12-31), weekdays (mon-fri), or a range and weekdays. A row of 0 heads without a time is a holiday.',
    )
    .argument('<file>', 'the table; - is standard input')
    .option('--name <roster>', 'which roster it is; as the file is called where nothing is said')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--yes', 'do not ask')
    .action(async (file: string, options: { name?: string; dryRun?: true; yes?: true }) => {
      const read = await readText(file, cli.terminal, MOST_BYTES);
      const name = options.name ?? nameOf(file);
      const path = `/rosters/${encodeURIComponent(name)}/import`;
      const packed = (await pack(read.text)).toString('base64');
      const order = { packed, file: read.file };
      const trial = await cli.hub().post<ImportRosterAnswer>(path, { ...order, dryRun: true });
      const nothing = !trial.isNew && trial.added + trial.gone + trial.changed === 0;
      if (options.dryRun || nothing)
        return cli.show(trial, (say) => {
          for (const line of changes(trial)) say(line);
          say(nothing ? 'Nothing to change.' : 'Nothing was changed.');
        });
      if (!options.yes) await agree(trial, cli);
      const answer = await cli.hub().post<ImportRosterAnswer>(path, { ...order, dryRun: false });
      return cli.show(answer, (say) => {
        for (const line of changes(answer)) say(line);
        say('In force. Whom it brings, and who goes nowhere: anyseat get rosters');
      });
    });
  examples(command, [
    ['anyseat roster import november.csv', 'as roster november'],
    ['anyseat roster import plan.csv --name hotels --dry-run', 'is everything right with it?'],
    ['plan-export | anyseat roster import - --name hotels --yes', 'from a script'],
  ]);
}

export function addRosterExport(roster: Command, cli: Cli): void {
  const command = roster
    .command('export')
    .summary('the table of a roster, as it was brought')
    .description('Write the table that is in force to standard output, as it was brought.')
    .argument('<roster>', 'its name')
    .action(async (name: string) => {
      const answer = await cli.hub().get<RosterSheetAnswer>(`/rosters/${encodeURIComponent(name)}/sheet`);
      const text = answer.text ?? gunzipSync(Buffer.from(answer.packed!, 'base64')).toString();
      cli.show({ text }, (say) => say(text.trimEnd()));
    });
  examples(command, [['anyseat roster export hotels > hotels.csv', 'to change it, and import it again']]);
}

async function agree(trial: ImportRosterAnswer, { terminal }: Cli): Promise<void> {
  for (const line of changes(trial)) terminal.err(line);
  const said = await terminal.ask('Put it in force? Type yes: ');
  if (said === undefined)
    throw new Stop(exitCode.refused, 'nothing was changed: nobody is there to ask; --yes goes on without');
  if (said.trim() !== 'yes') throw new Stop(exitCode.refused, 'nothing was changed');
}

/** What changes: the first rows of it, and the sum. */
function changes({ roster, isNew, rows, people, lines, ...of }: ImportRosterAnswer): string[] {
  const days = of.firstDay === undefined ? '' : `, ${of.firstDay} to ${of.lastDay}`;
  const who = people === 0 ? '' : `, ${count(people, 'person', 'people')} by name`;
  const head = `${isNew ? 'New roster' : 'Roster'} ${roster}: ${count(rows, 'row')}${who}${days}`;
  const first = isNew ? [] : lines.slice(0, SHOWN).map((line) => `  ${shown(line)}`);
  const rest = of.added + of.gone + of.changed - first.length;
  const more = isNew || first.length === 0 || rest <= 0 ? [] : [`  … and ${rest} more`];
  const sum = isNew
    ? []
    : [`${of.added} new, ${of.gone} gone, ${of.changed} with other heads, ${of.same} as before.`];
  return [head, ...first, ...more, ...sum];
}

/** `plans/november.csv` → `november` */
function nameOf(file: string): string {
  if (file === '-') throw new Stop(exitCode.usage, 'say which roster it is: --name ROSTER');
  return basename(file, extname(file)).toLowerCase();
}
