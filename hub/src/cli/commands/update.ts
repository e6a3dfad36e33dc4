import { InvalidArgumentError, type Command } from 'commander';
import type { ReleaseView, UpdatesAnswer } from '@anyseat/protocol';
import { shown } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';
import { size } from '../formats.ts';
import { absolute } from '../readText.ts';

/** `anyseat update …`: another release of the agent for all seats. */
export function addUpdate(cli: Cli): void {
  const update = cli.program
    .command('update')
    .summary('bring another release of the agent to the seats')
    .description('Bring another release of the agent to the seats, ring by ring, never under a session.');
  addAdd(update, cli);
  addStart(update, cli);
  addStatus(update, cli);
  addChange(update, cli, 'pause', 'paused', 'begin nothing new; what is under way is finished');
  addChange(update, cli, 'resume', 'running', 'go on where it was paused');
  addChange(update, cli, 'stop', 'stopped', 'end it for good; whoever has the release keeps it');
}

function addAdd(update: Command, cli: Cli): void {
  const command = update
    .command('add')
    .summary('bring a release to the hub')
    .description(
      'Bring a release file to the hub, as npm run build:agent made it. The hub reads it: where its account may read.',
    )
    .argument('<file>', 'NAME.release')
    .action(async (file: string) => {
      const answer = await cli.hub().post<ReleaseView>('/updates/releases', {
        file: absolute(file, cli.terminal),
      });
      cli.show(answer, (say) =>
        say(`The hub has release ${answer.version} for ${answer.arch} (${size(answer.bytes)}).`),
      );
    });
  examples(command, [
    ['anyseat update add /var/lib/anyseat/anyseat-agent_0.2.0_all.release', 'then: update start 0.2.0'],
  ]);
}

interface StartOptions {
  rings?: string[];
  atOnce: number;
  soak: number;
  mostFailed: number;
}

function addStart(update: Command, cli: Cli): void {
  const command = update
    .command('start')
    .summary('offer a release to the seats')
    .description(
      'Offer a release to the seats. A seat is in the ring that its thin client’s tag “ring” names; rest is everybody else.',
    )
    .argument('<version>', 'of a release that the hub has')
    .option('--rings <names>', 'in this order, with commas between', (said) =>
      said.split(',').map((name) => name.trim()),
    )
    .option('--at-once <count>', 'so many are started anew at a time', whole, 20)
    .option('--soak <minutes>', 'between two rings', minutes, 60)
    .option('--most-failed <count>', 'when more fail, it pauses by itself', whole, 1)
    .action(async (version: string, { rings, atOnce, soak, mostFailed }: StartOptions) => {
      const answer = await cli.hub().post<UpdatesAnswer>('/updates/start', {
        version,
        ...(rings ? { rings } : {}),
        atOnce,
        soakMinutes: soak,
        mostFailed,
      });
      cli.show(answer, (say) => sayUpdate(answer, say));
    });
  examples(command, [
    ['anyseat tc tag K7F2-9QWM-3XTD-0V8N ring=pilot', 'this one is among the first'],
    ['anyseat update start 0.2.0 --rings pilot,rest', 'and an hour later everybody'],
  ]);
}

function addStatus(update: Command, cli: Cli): void {
  const command = update
    .command('status')
    .summary('how far the update is')
    .description('How far the update is, ring by ring, and who did not take it and why.')
    .action(async () => {
      const answer = await cli.hub().get<UpdatesAnswer>('/updates');
      cli.show(answer, (say) => sayUpdate(answer, say));
    });
  examples(command, [['anyseat update status', 'rings, failures, and what happens next']]);
}

function addChange(update: Command, cli: Cli, name: string, to: string, does: string): void {
  const command = update
    .command(name)
    .summary(does)
    .description(`${does[0]!.toUpperCase()}${does.slice(1)}.`)
    .action(async () => {
      const answer = await cli.hub().post<UpdatesAnswer>('/updates/change', { to });
      cli.show(answer, (say) => sayUpdate(answer, say));
    });
  examples(command, [[`anyseat update ${name}`, does]]);
}

function sayUpdate({ releases, update }: UpdatesAnswer, say: (line: string) => void): void {
  if (!update) {
    say(
      releases.length === 0
        ? 'The hub has no release of the agent: anyseat update add FILE.'
        : `The hub has ${releases.map(({ version }) => shown(version)).join(', ')}; none is on its way.`,
    );
    return;
  }
  say(`Release ${shown(update.version)}: ${update.state}`);
  for (const line of update.words) say(`  ${shown(line)}`);
  for (const { name, all, updated, underWay, failed, offline } of update.rings)
    say(
      `  ${shown(name)}: ${updated} of ${all} have it, ${underWay} under way, ${failed} failed, ${offline} out of reach`,
    );
  for (const { tc, seat, state, text } of update.failures)
    say(`  ${shown(seat ?? tc)}: ${state === 'rolledBack' ? 'taken back: ' : ''}${shown(text)}`);
}

function whole(said: string): number {
  const value = Number(said);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('A whole number.');
  return value;
}

function minutes(said: string): number {
  const value = Number(said);
  if (!(value >= 0)) throw new InvalidArgumentError('Minutes.');
  return value;
}
