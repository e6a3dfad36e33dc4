import { Argument } from 'commander';
import { examples, type Cli } from '../cli.ts';
import { completionBash } from '../completionBash.ts';
import { completionSpec } from '../completionSpec.ts';
import { completionZsh } from '../completionZsh.ts';

export function addCompletion(cli: Cli): void {
  const command = cli.program
    .command('completion')
    .summary('a script that completes commands and names in the shell')
    .description(
      'Print a script that lets the shell complete commands, options, kinds, and the names that the hub knows.',
    )
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .action((shell: 'bash' | 'zsh') => {
      const spec = completionSpec(cli.program);
      cli.terminal.out(shell === 'bash' ? completionBash(spec) : completionZsh(spec));
    });
  examples(command, [
    ['source <(anyseat completion bash)', 'in ~/.bashrc'],
    ['source <(anyseat completion zsh)', 'in ~/.zshrc, after compinit'],
  ]);
}
