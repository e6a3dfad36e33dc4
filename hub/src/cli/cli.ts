import type { Command } from 'commander';
import type { ExitCode } from './exitCodes.ts';
import type { HubApi } from './hubApi.ts';
import type { Terminal } from './terminal.ts';

/** What every command has at hand. */
export interface Cli {
  readonly program: Command;
  readonly terminal: Terminal;
  /** The hub's API, on the socket that the options name. */
  hub(): HubApi;
  /** Shows an answer: as JSON exactly as the hub gave it, or to people. */
  show(answer: unknown, toPeople: (say: (line: string) => void) => void): void;
  /** The exit code when nothing goes wrong and yet it is not 0. */
  endWith(code: ExitCode): void;
}

/** The `Examples:` below a command's help: what is typed, and what it does. */
export function examples(command: Command, lines: readonly (readonly [typed: string, does: string])[]): void {
  const wide = Math.max(...lines.map(([typed]) => typed.length));
  const text = lines.map(([typed, does]) => `  ${typed.padEnd(wide)}  # ${does}`);
  command.addHelpText('after', `\nExamples:\n${text.join('\n')}`);
}
