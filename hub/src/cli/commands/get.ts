import { Argument, InvalidArgumentError } from 'commander';
import {
  viewKinds,
  type AllocatorView,
  type SessionView,
  type ViewKind,
  type ViewOf,
} from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';
import { sift, whenEmpty, type Filters } from '../kindFilters.ts';
import { tableOf } from '../kindTables.ts';
import { sayTable } from '../table.ts';

export function addGet(cli: Cli): void {
  const command = cli.program
    .command('get')
    .summary(
      'list sites, seats, tcs, pools, allocators, rosters, desktops, sessions, bindings, hosts or problems',
    )
    .description(
      'List what there is of a kind. Long texts are cut to the terminal; --wide and --json have them whole.',
    )
    .addArgument(new Argument('<kind>', viewKinds.join(', ')).argParser(kindOf))
    .argument('[names...]', 'only these')
    .option('--site <site>', 'seats and sessions at this site')
    .option('--seat <seat>', 'thin clients and sessions at this seat')
    .option('--pool <pool>', 'desktops, allocators and bindings of this pool')
    .option('--state <state>', 'desktops, sessions and thin clients in this state')
    .option('--user <user>', 'desktops, seats and sessions of this person')
    .option('--host <host>', 'desktops on this compute host')
    .option('--online', 'only what is connected: seats, thin clients, sessions')
    .option('--offline', 'only what is not')
    .option('-w, --wide', 'all columns, nothing cut')
    .action((kind: ViewKind, names: string[], { wide, ...filters }: Filters & { wide?: true }) =>
      get(kind, names, filters, wide === true, cli),
    );
  examples(command, [
    ['anyseat get desktops --pool office --state ready', 'who could be given one now'],
    ['anyseat get seats --site nantong --offline', 'a row of seats gone dark'],
    ['anyseat get tcs --state pending', 'thin clients that wait for approval'],
    ['anyseat get sessions --user wang.fang', 'where she is'],
    ["anyseat get seats --json | jq -r '.[].name'", 'for a program'],
  ]);
}

async function get(
  kind: ViewKind,
  names: string[],
  filters: Filters,
  wide: boolean,
  cli: Cli,
): Promise<void> {
  const all = await cli.hub().get<ViewOf[ViewKind][]>(`/get/${kind}`);
  const sifted = sift(kind, all, { names, filters });
  if ('unknown' in sifted) {
    const options = sifted.unknown.map((name) => `--${name}`).join(', ');
    throw new Stop(exitCode.usage, `${options} says nothing about ${kind}`);
  }
  const { rows, missing } = sifted;
  cli.show(rows, (say) => {
    if (rows.length > 0) return table(kind, rows, wide, cli, say);
    if (all.length === 0) return cli.terminal.err(whenEmpty[kind]);
    if (missing.length === 0) cli.terminal.err(`None of ${all.length} ${kind} is like that.`);
    return undefined;
  });
  if (missing.length > 0)
    throw new Stop(
      exitCode.refused,
      `there is no ${kind.slice(0, -1)} ${missing.map((n) => `“${n}”`).join(', ')}`,
    );
}

function table<K extends ViewKind>(
  kind: K,
  rows: ViewOf[K][],
  wide: boolean,
  cli: Cli,
  say: (line: string) => void,
): void {
  const { terminal } = cli;
  const columns = tableOf[kind]({ now: terminal.now(), timeZone: terminal.timeZone });
  sayTable(columns, inOrder(kind, rows), { terminal, wide, say });
}

/** Allocators as they are asked; sessions that are over after those that are not. The rest as the hub has it. */
function inOrder<K extends ViewKind>(kind: K, rows: ViewOf[K][]): ViewOf[K][] {
  if (kind === 'allocators') return [...rows].sort((a, b) => asked(a as AllocatorView, b as AllocatorView));
  if (kind === 'sessions') return [...rows].sort((a, b) => over(a as SessionView) - over(b as SessionView));
  return rows;
}

const asked = (a: AllocatorView, b: AllocatorView): number =>
  Number(a.default) - Number(b.default) || b.priority - a.priority || (a.name < b.name ? -1 : 1);

const over = (session: SessionView): number => (session.state === 'ended' ? 1 : 0);

/** `seat` is as good as `seats`. */
function kindOf(said: string): ViewKind {
  const kind = viewKinds.find((one) => one === said || one === `${said}s`);
  if (kind === undefined) throw new InvalidArgumentError(`The kinds are ${viewKinds.join(', ')}.`);
  return kind;
}
