import { InvalidArgumentError, type Command } from 'commander';
import type { ActAnswer, AlertTestAnswer } from '@anyseat/protocol';
import { examples, type Cli } from '../cli.ts';
import { exitCode } from '../exitCodes.ts';
import { sayTable, type Column } from '../table.ts';

const MOST_HOURS = 24 * 90;

export function addAlertAck(alert: Command, cli: Cli): void {
  const command = alert
    .command('ack')
    .summary('say that you look after it')
    .description('Say that somebody looks after an alert. It stays open until what it tells of is over.')
    .argument('<id>', 'as anyseat get alerts has it')
    .action(async (id: string) => {
      const answer = await cli.hub().post<ActAnswer>(`/alerts/${encodeURIComponent(id)}/acknowledge`, {});
      cli.show(answer, (say) => say(answer.text));
    });
  examples(command, [['anyseat alert ack alt_01jd3k8v6m7q2w4x5y6z', 'I am on it']]);
}

export function addAlertSilence(alert: Command, cli: Cli): void {
  const command = alert
    .command('silence')
    .summary('tell nobody of it for a while')
    .description(
      'Send nothing of an alert for a while, nor of the next one of its kind about the same thing. It is listed all the same.',
    )
    .argument('<id>', 'as anyseat get alerts has it')
    .requiredOption('--hours <hours>', `for how long, ${MOST_HOURS} at most; 0: no longer`, hours)
    .option('--reason <text>', 'why, for whoever looks', '')
    .action(async (id: string, body: { hours: number; reason: string }) => {
      const answer = await cli.hub().post<ActAnswer>(`/alerts/${encodeURIComponent(id)}/silence`, body);
      cli.show(answer, (say) => say(answer.text));
    });
  examples(command, [
    [
      "anyseat alert silence alt_01jd3k8v6m7q2w4x5y6z --hours 8 --reason 'the line is dug up'",
      'until tonight',
    ],
    ['anyseat alert silence alt_01jd3k8v6m7q2w4x5y6z --hours 0', 'tell of it again'],
  ]);
}

export function addAlertTest(alert: Command, cli: Cli): void {
  const command = alert
    .command('test')
    .summary('send a letter by every channel')
    .description(
      'Send a letter that tells of nothing by every channel of hub.yaml (alerts.channels), and say what came of it.',
    )
    .action(async () => {
      const answer = await cli.hub().post<AlertTestAnswer>('/alerts/test', {});
      cli.show(answer, (say) => {
        if (answer.channels.length > 0)
          sayTable(columns, answer.channels, { terminal: cli.terminal, wide: true, say });
        say(answer.text);
      });
      if (answer.channels.some(({ ok }) => !ok)) cli.endWith(exitCode.refused);
    });
  examples(command, [['anyseat alert test', 'after a change of hub.yaml, or of the mail server']]);
}

const columns: Column<AlertTestAnswer['channels'][number]>[] = [
  { head: 'CHANNEL', cell: ({ channel }) => channel },
  { head: 'KIND', cell: ({ kind }) => kind },
  { head: 'TO', cell: ({ to }) => to },
  { head: 'TOOK', align: 'right', cell: ({ tookMs }) => `${tookMs} ms` },
  {
    head: 'CAME TO',
    cell: ({ ok, text }) => (ok ? 'taken' : text),
    style: ({ ok }) => (ok ? 'green' : 'red'),
  },
];

function hours(said: string): number {
  const value = Number(said);
  if (said.trim() === '' || !(value >= 0 && value <= MOST_HOURS))
    throw new InvalidArgumentError(`Hours are a number from 0 to ${MOST_HOURS}.`);
  return value;
}
