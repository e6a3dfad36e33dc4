import { Option } from 'commander';
import type { PeopleAnswer, PeopleSums } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { moment } from '../formats.ts';
import { sayTable, type Column } from '../table.ts';

interface Options {
  by: 'site' | 'department' | 'allocator';
  site?: string;
  missing?: true;
  active: string;
  wide?: true;
}

/** A row of people with what it is a row of. */
type Row = PeopleSums & { names: readonly string[]; usual?: number };

export function addPeople(cli: Cli): void {
  const command = cli.program
    .command('people')
    .summary('who is expected, logged in, active, idle, missing')
    .description(
      'Count heads: expected by the rosters, logged in, active and idle by what their seats say, and missing a quarter of ' +
        'an hour after their shift began. USUAL is who is logged in as a rule at this hour of the same weekday.',
    )
    .addOption(
      new Option('--by <what>', 'a row for each')
        .choices(['site', 'department', 'allocator'])
        .default('site'),
    )
    .option('--site <site>', 'this site alone')
    .option('--missing', 'name those who are missing')
    .option('--active <minutes>', 'whoever touched nothing for so long is idle', '5')
    .option('-w, --wide', 'all columns, nothing cut')
    .action((options: Options) => people(options, cli));
  examples(command, [
    ['anyseat people', 'is a site behind?'],
    ['anyseat people --by department --site nantong', 'which of its departments?'],
    ['anyseat people --missing', 'and who is it?'],
  ]);
}

async function people(options: Options, cli: Cli): Promise<void> {
  const { by, site, missing, active, wide } = options;
  const answer = await cli.hub().get<PeopleAnswer>(`/people?activeMinutes=${encodeURIComponent(active)}`);
  const { terminal } = cli;
  cli.show(answer, (say) => {
    if (missing) {
      const rows = answer.missing.filter((one) => site === undefined || one.site === site);
      if (rows.length === 0) return terminal.err('Nobody who is expected by name is missing.');
      sayTable(missingColumns(terminal.timeZone), rows, { terminal, wide: wide === true, say });
      return answer.missingNamed > answer.missing.length
        ? say(`… and ${answer.missingNamed - answer.missing.length} more`)
        : undefined;
    }
    if (answer.rosters === 0)
      terminal.err('There is no roster, so nobody is expected: anyseat roster import FILE.csv');
    const heads = by === 'department' ? ['SITE', 'DEPARTMENT'] : [by.toUpperCase()];
    const rows = rowsOf(answer, by, site);
    if (rows.length > 0) sayTable(columns(heads), rows, { terminal, wide: wide === true, say });
    return undefined;
  });
}

function rowsOf(answer: PeopleAnswer, by: Options['by'], site: string | undefined): Row[] {
  const isHere = (one: { site: string }) => site === undefined || one.site === site;
  switch (by) {
    case 'site':
      return [
        ...answer.sites.filter(isHere).map((one) => ({ ...one, names: [one.site] })),
        ...(site === undefined ? [{ ...answer.all, names: ['all'] }] : []),
      ];
    case 'department':
      return answer.departments
        .filter(isHere)
        .map((one) => ({ ...one, names: [one.site, one.department || '(not known)'] }));
    case 'allocator':
      return answer.allocators.map((one) => ({ ...one, names: [one.allocator || '(nobody serves them)'] }));
    default:
      return by satisfies never;
  }
}

const columns = (heads: readonly string[]): Column<Row>[] => [
  ...heads.map((head, i): Column<Row> => ({ head, cell: (r) => r.names[i] })),
  number('EXPECTED', (r) => r.expected),
  number('LOGGED IN', (r) => r.loggedIn),
  number('ACTIVE', (r) => r.active),
  number('IDLE', (r) => r.idle),
  { ...number('MISSING', (r) => r.missing), style: (r) => (r.missing > 0 ? 'red' : undefined) },
  { ...number('USUAL', (r) => r.usual), spare: 1 },
];

const number = (head: string, cell: (row: Row) => number | undefined): Column<Row> => ({
  head,
  align: 'right',
  cell: (row) => cell(row)?.toString(),
});

const missingColumns = (timeZone: string | undefined): Column<PeopleAnswer['missing'][number]>[] => [
  { head: 'USER', cell: (m) => m.user, least: 12 },
  { head: 'SITE', cell: (m) => m.site },
  { head: 'DEPARTMENT', cell: (m) => m.department, least: 8 },
  { head: 'SINCE', cell: (m) => moment(m.since, timeZone) },
];
