import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from '../e2e/parts/process.ts';

/** What of a systemd unit says how its program runs. Lists where a setting may stand several times. */
export interface UnitFile {
  name: string;
  execStart: string[][];
  workingDirectory: string | undefined;
  /** Folders below /var/lib and below /run. */
  stateDirectories: string[];
  runtimeDirectories: string[];
  /** Where a secret is, by the name that the program finds it under. */
  credentials: Map<string, string>;
  /** Exit codes after which it is not started again. */
  staysDownAfter: number[];
}

export function readUnit(name: string, text: string): UnitFile {
  const all = (key: string) =>
    [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((found) => found[1]!);
  const words = (key: string) => all(key).flatMap((line) => line.split(' ').filter((word) => word !== ''));
  return {
    name,
    execStart: all('ExecStart').map((line) => line.split(' ')),
    workingDirectory: all('WorkingDirectory').at(-1),
    stateDirectories: words('StateDirectory'),
    runtimeDirectories: words('RuntimeDirectory'),
    credentials: new Map(all('LoadCredential').map((line) => line.split(':') as [string, string])),
    staysDownAfter: words('RestartPreventExitStatus').map(Number),
  };
}

/**
 * Runs a unit's program as systemd would as far as its command line, folders, credentials and `Restart=always` go. `root` is the
 * folder that stands for `/`; the unit's own text has its paths below it already.
 */
export class RunningUnit implements AsyncDisposable {
  readonly #unit: UnitFile;
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #command: readonly string[];
  #program: Program;
  #before = '';
  #stopped = false;

  constructor(
    unit: UnitFile,
    root: string,
    options: { command?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
  ) {
    this.#unit = unit;
    this.#root = root;
    this.#command = options.command ?? unit.execStart[0]!;
    const credentials = join(root, 'run/credentials', `${unit.name}.service`);
    const folders = [
      ...unit.stateDirectories.map((name) => join(root, 'var/lib', name)),
      ...unit.runtimeDirectories.map((name) => join(root, 'run', name)),
      credentials,
    ];
    for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [name, file] of unit.credentials) copyFileSync(file, join(credentials, name));
    this.#env = { ...options.env, CREDENTIALS_DIRECTORY: credentials };
    this.#program = this.#start();
  }

  get output(): string {
    return this.#before + this.#program.output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#program[Symbol.asyncDispose]();
  }

  #start(): Program {
    const [file, ...args] = this.#command;
    const program = new Program(file!, args, {
      env: this.#env,
      ...(this.#unit.workingDirectory === undefined ? {} : { cwd: this.#unit.workingDirectory }),
      logFile: join(this.#root, 'log', `${this.#unit.name}.log`),
    });
    program.child.once('close', (code) => {
      if (this.#stopped || this.#unit.staysDownAfter.includes(code ?? -1)) return;
      this.#before += program.output;
      this.#program = this.#start();
    });
    return program;
  }
}
