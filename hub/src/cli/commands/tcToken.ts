import { InvalidArgumentError, type Command } from 'commander';
import type { TokenAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { moment } from '../formats.ts';

export function addTcToken(tc: Command, cli: Cli): void {
  const command = tc
    .command('token')
    .summary('make a one-time token that lets a thin client in')
    .description('Make a one-time token that lets one thin client in without approval. It is shown once.')
    .option('--seat <seat>', 'the seat that the thin client will stand at')
    .option('--hours <hours>', 'how long it is good, 24 at most', hours, 24)
    .action(async ({ seat, hours }: { seat?: string; hours: number }) => {
      const body = seat === undefined ? { hours } : { seat, hours };
      const answer = await cli.hub().post<TokenAnswer>('/tokens', body);
      cli.show(answer, (say) => {
        const until = moment(answer.expiresAt, cli.terminal.timeZone);
        say(`Token   ${answer.token}`);
        for (const pin of answer.pins) say(`Pin     ${pin}`);
        say(`Good    once, until ${until}${seat === undefined ? '' : `, for seat ${seat}`}`);
        say('');
        say(
          'On the thin client: write the token into the file that agent.yaml names as hub.tokenFile (mode 0600)',
        );
        say(
          answer.pins.length === 0
            ? 'and start the agent.'
            : 'and the pin into hub.pins, then start the agent.',
        );
      });
    });
  examples(command, [
    ['anyseat tc token --seat nt-1-001', 'for the thin client that will stand there'],
    ['anyseat tc token --hours 1 --json | jq -r .token > token', 'into a file'],
  ]);
}

function hours(said: string): number {
  const value = Number(said);
  if (said.trim() === '' || !(value >= 0.01 && value <= 24))
    throw new InvalidArgumentError('Hours are a number up to 24.');
  return value;
}
