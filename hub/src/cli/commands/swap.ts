import type { SwapAnswer } from '@anyseat/protocol';
import { shown } from '../cellText.ts';
import { examples, type Cli } from '../cli.ts';
import { exitCode, Stop } from '../exitCodes.ts';

export function addSwap(cli: Cli): void {
  const command = cli.program
    .command('swap')
    .summary('replace a broken desktop under its person')
    .description(
      'Take a desktop for broken: it is put into quarantine for autopsy, its person has a ready one at once or waits first ' +
        'in line, and a binding goes along. What was open on it is lost for them. Says what it comes to, and asks.',
    )
    .argument('<of>', 'a login name, a seat, or a desktop (number, server’s name, id)')
    .option('--reason <text>', 'why, for the audit and the desktop’s fault')
    .option('--yes', 'do not ask')
    .action(async (of: string, { reason, yes }: { reason?: string; yes?: true }) => {
      const order = { of, ...(reason === undefined ? {} : { reason }) };
      const trial = await cli.hub().post<SwapAnswer>('/swap', { ...order, dryRun: true });
      if (!yes) {
        for (const line of trial.text) cli.terminal.err(shown(line));
        const said = await cli.terminal.ask('Go on? Type yes: ');
        if (said === undefined)
          throw new Stop(
            exitCode.refused,
            'nothing was swapped: nobody is there to ask; --yes goes on without',
          );
        if (said.trim() !== 'yes') throw new Stop(exitCode.refused, 'nothing was swapped');
      }
      // What was said is what is done: a desktop that somebody else is on by then is left alone.
      const { desktop, session } = trial;
      const expect = { desktop: desktop.id, ...(session === undefined ? {} : { session }) };
      const answer = await cli.hub().post<SwapAnswer>('/swap', { ...order, expect });
      cli.show(answer, (say) => {
        for (const line of answer.text) say(shown(line));
        if (answer.session !== undefined) say('How long it took: anyseat get swaps');
      });
    });
  examples(command, [
    ['anyseat swap wang.fang --reason "black screen"', 'the desktop that she is on'],
    ['anyseat swap nt-1-001', 'whichever is in use at that seat'],
    ['anyseat swap --yes office-12', 'from a script'],
  ]);
}
