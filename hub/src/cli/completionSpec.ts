import type { Command } from 'commander';
import { operatorRoles, viewKinds, type ViewKind } from '@anyseat/protocol';

/** What can stand in a place of the command line: fixed words, names that the hub knows, or a file. */
export type Source =
  | { words: readonly string[] }
  /** A field of `anyseat get KIND --json`. */
  | { kind: string; field: string }
  | 'file'
  | 'none';

export interface CommandSpec {
  /** `tc approve`; empty for the program itself. */
  path: string;
  about: string;
  subcommands: { name: string; about: string }[];
  options: { flags: string[]; about: string }[];
  /** What its first argument is; `get` has a kind first and names after it. */
  argument: Source;
}

export interface CompletionSpec {
  commands: CommandSpec[];
  /** Options that take a value, with what it can be. */
  values: { flags: string[]; source: Source }[];
}

const SEATS: Source = { kind: 'seats', field: 'name' };
const TCS: Source = { kind: 'tcs', field: 'fingerprint' };

const ARGUMENT: Readonly<Record<string, Source>> = {
  get: { words: viewKinds },
  'tc approve': TCS,
  'tc place': TCS,
  'tc tag': TCS,
  'tc retire': TCS,
  'seat label': SEATS,
  'roster import': 'file',
  'roster export': { kind: 'rosters', field: 'name' },
  'binding import': 'file',
  'binding end': { kind: 'bindings', field: 'desktop' },
  'binding rebind': { kind: 'bindings', field: 'desktop' },
  'binding move': { kind: 'bindings', field: 'desktop' },
  'session end': { kind: 'sessions', field: 'id' },
  'desktop retire': { kind: 'desktops', field: 'server' },
  'desktop release': { kind: 'desktops', field: 'server' },
  'desktop log': { kind: 'desktops', field: 'server' },
  swap: { kind: 'desktops', field: 'server' },
  'host drain': { kind: 'hosts', field: 'name' },
  'host resume': { kind: 'hosts', field: 'name' },
  'pool close': { kind: 'pools', field: 'name' },
  'pool open': { kind: 'pools', field: 'name' },
  'alert ack': { kind: 'alerts', field: 'id' },
  'alert silence': { kind: 'alerts', field: 'id' },
  'problem accept': { words: ['vanished', 'strays-many'] },
  backup: 'file',
  restore: 'file',
  completion: { words: ['bash', 'zsh'] },
};

/** What `get` takes as a name, of every kind. */
export const NAME_FIELD: Readonly<Record<ViewKind, string>> = {
  sites: 'name',
  seats: 'name',
  tcs: 'fingerprint',
  pools: 'name',
  allocators: 'name',
  rosters: 'name',
  desktops: 'server',
  sessions: 'id',
  bindings: 'desktop',
  hosts: 'name',
  problems: 'kind',
  swaps: 'desktop',
  alerts: 'id',
};

const STATES = ['wanted', 'creating', 'unsure', 'building', 'booting', 'ready', 'leased', 'bound', 'parked']
  .concat(['returning', 'rebuilding', 'retiring', 'broken', 'quarantined', 'gone'])
  .concat(['waiting', 'opening', 'connecting', 'connected', 'away', 'ended'])
  .concat(['pending', 'enrolled', 'retired'])
  .concat(['open', 'acknowledged', 'silenced', 'resolved']);

const VALUE: Readonly<Record<string, Source>> = {
  '--socket': 'file',
  '--file': 'file',
  '--seat': SEATS,
  '--tc': TCS,
  '--session': { kind: 'sessions', field: 'id' },
  '--site': { kind: 'sites', field: 'name' },
  '--pool': { kind: 'pools', field: 'name' },
  '--user': { kind: 'sessions', field: 'user' },
  '--host': { kind: 'hosts', field: 'name' },
  '--state': { words: STATES },
  '--role': { words: operatorRoles },
  '--name': { kind: 'rosters', field: 'name' },
  '--by': { words: ['site', 'department', 'allocator'] },
};

/** Everything that can be completed, read off the program itself, so that nothing is forgotten. */
export function completionSpec(program: Command): CompletionSpec {
  const commands = specsOf(program, []);
  const taking = allOf(program).flatMap((command) => command.options.filter((option) => option.required));
  const byLong = new Map(taking.map((option) => [option.long!, flagsOf(option)]));
  return {
    commands,
    values: [...byLong].map(([long, flags]) => ({ flags, source: VALUE[long] ?? 'none' })),
  };
}

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];

function specsOf(command: Command, path: readonly string[]): CommandSpec[] {
  const own = path.join(' ');
  const inherited = ['--json', '--socket', '--help'].map((flag) => ({ flags: [flag], about: '' }));
  const options = command.options
    .map((option) => ({ flags: flagsOf(option), about: option.description }))
    .filter(({ flags }) => !flags.includes('--json') && !flags.includes('--socket'));
  return [
    {
      path: own,
      about: command.summary(),
      subcommands: command.commands.map((sub) => ({
        name: sub.name(),
        about: sub.summary(),
      })),
      options: [...options, ...inherited],
      argument: ARGUMENT[own] ?? 'none',
    },
    ...command.commands.flatMap((sub) => specsOf(sub, [...path, sub.name()])),
  ];
}

const flagsOf = ({ short, long }: { short?: string | undefined; long?: string | undefined }): string[] =>
  [short, long].filter((flag) => flag !== undefined);
