import { createInterface } from 'node:readline/promises';
import { buffer } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { systemClock } from '@anyseat/base';
import { exitCode } from './exitCodes.ts';

/** The few styles that a table needs. */
export type Style = 'dim' | 'bold' | 'green' | 'yellow' | 'red' | 'cyan';
export type Paint = (style: Style, text: string) => string;

/** Where the command is read and answered. Tests have one of their own. */
export interface Terminal {
  /** Writes lines to standard output. */
  out(text: string): void;
  /** Writes lines to standard error. */
  err(text: string): void;
  /** Colour on standard output, or not. */
  paint: Paint;
  /** Columns; Infinity where standard output is no terminal. */
  width: number;
  /** Wall clock, epoch ms. */
  now(): number;
  /** IANA; the machine's own when absent. */
  timeZone?: string;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** All of standard input. */
  read(): Promise<Uint8Array>;
  /** What the person at the terminal answers, empty when they leave; undefined when nobody sits there. */
  ask(question: string): Promise<string | undefined>;
}

/** The terminal of this process. Colour only on a terminal that takes it, and not with NO_COLOR (no-color.org). */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has seen enough (`| head`) closes the pipe; that is no fault.
      if (error.code === 'EPIPE') process.exit();
      if (stream === stdout) stderr.write(`anyseat: the answer cannot be written: ${error.message}\n`);
      process.exit(exitCode.refused);
    });
  }
  const coloured = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    paint: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
    width: widthOf(env['COLUMNS'], stdout.isTTY ? stdout.columns : undefined),
    now: () => systemClock.now(),
    cwd: process.cwd(),
    env,
    read: async () => new Uint8Array(await buffer(stdin)),
    ask: async (question) => {
      if (!stdin.isTTY) return undefined;
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        // Ctrl-D and Ctrl-C close it, and then the question itself is never answered.
        const left = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
        const answer = await Promise.race([lines.question(question), left]);
        if (answer === undefined) stderr.write('\n');
        return answer ?? '';
      } finally {
        lines.close();
      }
    },
  };
}

/** COLUMNS is what the person said; then what the terminal says of itself. */
function widthOf(said: string | undefined, terminal: number | undefined): number {
  const asked = Number(said);
  if (Number.isInteger(asked) && asked >= 20) return asked;
  return terminal !== undefined && terminal > 0 ? terminal : Infinity;
}
