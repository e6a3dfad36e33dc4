import { spawn } from 'node:child_process';

/** How a program ended, and all that it said, on both its outputs, in order. `code` is null when it could not be started or was killed. */
export interface QuietRun {
  code: number | null;
  output: string;
}

export interface QuietOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Out of reach of a Ctrl-C that is meant for us: for what must not be broken off half-way. */
  ownSession?: boolean;
}

/** Runs a program whose words are nobody's business unless it fails. Never rejects. */
export function runQuietly(
  command: string,
  args: readonly string[],
  options: QuietOptions = {},
): Promise<QuietRun> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: options.cwd,
      detached: options.ownSession ?? false,
      env: { ...process.env, ...options.env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
