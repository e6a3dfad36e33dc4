import type { ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnTied, stopChild } from '@anyseat/base';
import { root } from '../commands.ts';

/** How long a program may take to stop before it is made to. A hub ends what it has begun; guests are told to power off. */
const STOP_WITHIN_MS = 15_000;

/** One of the processes of `npm start`: it dies with us, and its log is a file. */
export class Program implements AsyncDisposable {
  readonly name: string;
  readonly logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;

  constructor(
    name: string,
    args: readonly string[],
    options: { logFile: string; onLine?: (line: string) => void; env?: NodeJS.ProcessEnv },
  ) {
    this.name = name;
    this.logFile = options.logFile;
    mkdirSync(dirname(options.logFile), { recursive: true });
    const log = createWriteStream(options.logFile, { flags: 'a' });
    this.#child = spawnTied(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: root,
      // Not the terminal's group: Ctrl-C is ours to pass on, in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.pipe(log, { end: false });
      createInterface({ input: stream }).on('line', (line) => options.onLine?.(line));
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        log.end(`${error.message}\n`);
        resolve(127);
      });
      this.#child.once('exit', (code, signal) => {
        log.end();
        resolve(code ?? (signal === null ? 1 : 128));
      });
    });
  }

  /** Resolves with the exit code. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopChild(this.#child, STOP_WITHIN_MS);
  }
}

/** A program, ready: its first line that `read` understands. @throws when it ends before that, with the way to its log */
export async function startProgram<T>(
  name: string,
  args: readonly string[],
  options: { logFile: string; read: (line: string) => T | undefined; env?: NodeJS.ProcessEnv },
): Promise<{ program: Program; ready: T }> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const onLine = (line: string) => {
    const ready = options.read(line);
    if (ready !== undefined) resolve(ready);
  };
  const program = new Program(name, args, { ...options, onLine });
  const died = program.ended.then((code) => {
    throw new Error(
      `${name} ended with exit code ${code} before it was ready; its log is ${program.logFile}`,
    );
  });
  return { program, ready: await Promise.race([promise, died]) };
}
