import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  operatorRoles,
  type ActAnswer,
  type ConsoleSessionView,
  type LinkAnswer,
  type OperatorRight,
  type OperatorRole,
} from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { moment } from '../formats.ts';
import { sayTable, type Column } from '../table.ts';

interface LinkOptions {
  as: string;
  role: OperatorRole;
  minutes: number;
}

export function addConsoleLink(console: Command, cli: Cli): void {
  const command = console
    .command('link')
    .summary('make a link into the console, good once')
    .description(
      'Make a link into the operators’ console, good once. Open it on this machine, or through a tunnel: ssh -L 9641:127.0.0.1:9641 HUB',
    )
    .option('--as <name>', 'who will use it; the audit log keeps this name', 'operator')
    .addOption(
      new Option('--role <role>', 'what they may do; each may do what the ones before it may')
        .choices(operatorRoles)
        .default('administer'),
    )
    .option('--minutes <minutes>', 'how long the link is good, 1440 at most', minutes, 10)
    .action(async ({ as, role, minutes }: LinkOptions) => {
      const answer = await cli.hub().post<LinkAnswer>('/console/links', { name: as, role, minutes });
      cli.show(answer, (say) => {
        say(answer.url);
        say(`good once, until ${moment(answer.expiresAt, cli.terminal.timeZone)}, for ${as} (${role})`);
      });
    });
  examples(command, [
    ['anyseat console link', 'for yourself, with all rights'],
    ['anyseat console link --as li.na --role help', 'for somebody at the help desk'],
  ]);
}

export function addConsoleList(console: Command, cli: Cli): void {
  const command = console
    .command('list')
    .summary('who is in at the console')
    .description('Which browsers are in at the console, as whom, and until when.')
    .action(async () => {
      const answer = await cli.hub().get<ConsoleSessionView[]>('/console/sessions');
      cli.show(answer, (say) => {
        if (answer.length === 0) return say('Nobody is in. A link: anyseat console link');
        const { terminal } = cli;
        return sayTable(columns(terminal.timeZone), answer, { terminal, wide: true, say });
      });
    });
  examples(command, [['anyseat console list', 'everybody']]);
}

export function addConsoleEnd(console: Command, cli: Cli): void {
  const command = console
    .command('end')
    .summary('put a browser out')
    .description('Put a browser out of the console, at once. Whoever sat there needs a new link.')
    .argument('<id>', 'the session, as anyseat console list shows it')
    .action(async (id: string) => {
      const answer = await cli.hub().post<ActAnswer>(`/console/sessions/${encodeURIComponent(id)}/end`, {});
      cli.show(answer, (say) => say(answer.text));
    });
  examples(command, [['anyseat console end 3-a8XkQ2', 'the one that was forgotten in the meeting room']]);
}

const columns = (zone: string | undefined): Column<ConsoleSessionView>[] => [
  { head: 'SESSION', cell: ({ id }) => id },
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'MAY', cell: ({ rights }) => rights.map(rightText).join('; ') },
  { head: 'SINCE', cell: ({ since }) => moment(since, zone) },
  { head: 'LAST USED', cell: ({ usedAt }) => moment(usedAt, zone) },
  { head: 'ENDS', cell: ({ endsAt }) => moment(endsAt, zone) },
];

const rightText = ({ role, sites }: OperatorRight): string =>
  sites === undefined ? role : `${role} at ${sites.join(', ')}`;

function minutes(said: string): number {
  const value = Number(said);
  if (said.trim() === '' || !(value >= 1 && value <= 1440))
    throw new InvalidArgumentError('Minutes are a number from 1 to 1440.');
  return value;
}
