import type { Command } from 'commander';
import type { ActAnswer, DrainAnswer } from '@anyseat/protocol';
import { shown } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';

interface Typed {
  reason: string;
  cloud: string;
  movePeople?: true;
  moveBound?: true;
  yes?: true;
  dryRun?: true;
}

export function addHostDrain(host: Command, cli: Cli): void {
  const command = host
    .command('drain')
    .summary('empty a compute host')
    .description(
      'Disable a compute host in the cloud, with a reason that Nova shows. Ready desktops leave it a few at a time while the ' +
        'floor holds; people keep theirs until they log off, unless --move-people says otherwise. Asks before it moves anybody. ' +
        'It holds until anyseat host resume; said again, what is said last holds: without the options, nobody more is moved. ' +
        'Who is left, and what is next: anyseat get hosts, anyseat status.',
    )
    .argument('<host>', 'as anyseat get hosts has it')
    .requiredOption('--reason <text>', 'why, for whoever looks')
    .option(
      '--move-people',
      'warn people who are at work there, and take them to ready desktops, a few at a time; what is open is lost for them',
    )
    .option(
      '--move-bound',
      'replace desktops that belong to somebody, too; what is on them stays behind, in quarantine',
    )
    .option('--dry-run', 'say what it would come to, and change nothing')
    .option('--yes', 'do not ask')
    .option('--cloud <cloud>', 'of hub.yaml', 'default')
    .action((name: string, typed: Typed) => drain(name, typed, cli));
  examples(command, [
    ["anyseat host drain cn-17 --reason 'memory is changed'", 'before it is switched off tonight'],
    ["anyseat host drain cn-17 --reason 'fan fails' --move-people", 'before it is switched off now'],
  ]);
}

async function drain(name: string, { yes, dryRun, ...order }: Typed, cli: Cli): Promise<void> {
  const path = `/hosts/${encodeURIComponent(name)}/drain`;
  const trial = await cli.hub().post<DrainAnswer>(path, { ...order, dryRun: true });
  if (dryRun) return cli.show(trial, (say) => say(shown(trial.text)));
  if (!yes && trial.people + trial.bound > 0) {
    cli.terminal.err(shown(trial.text));
    const said = await cli.terminal.ask('Go on? Type yes: ');
    if (said === undefined)
      throw new Stop(exitCode.refused, 'nothing was changed: nobody is there to ask; --yes goes on without');
    if (said.trim() !== 'yes') throw new Stop(exitCode.refused, 'nothing was changed');
  }
  const answer = await cli.hub().post<DrainAnswer>(path, order);
  cli.show(answer, (say) => say(shown(answer.text)));
}

export function addHostResume(host: Command, cli: Cli): void {
  const command = host
    .command('resume')
    .alias('undrain')
    .summary('give a drained host desktops again')
    .description('End the draining of a compute host: nobody more is moved, and it is enabled in the cloud.')
    .argument('<host>', 'as anyseat get hosts has it')
    .option('--cloud <cloud>', 'of hub.yaml', 'default')
    .action(async (name: string, body: { cloud: string }) => {
      const answer = await cli.hub().post<ActAnswer>(`/hosts/${encodeURIComponent(name)}/resume`, body);
      cli.show(answer, (say) => say(shown(answer.text)));
    });
  examples(command, [['anyseat host resume cn-17', 'it is well again']]);
}
