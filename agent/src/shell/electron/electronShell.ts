import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, type Clock, type Log } from '@anyseat/base';
import { readIntent } from '../../node/bridge/intents.ts';
import type { Core } from '../../node/core.ts';
import { KeptProgram } from '../keptProgram.ts';
import { PageWatch } from '../pageWatch.ts';
import type { FromElectron, ToElectron } from './messages.ts';

export interface ElectronOptions {
  /** Electron's binary; the electron package's own where absent. */
  command?: string | undefined;
  mode: 'kiosk' | 'window';
  arguments: readonly string[];
  /** The bundled main process, `dist/electron/main.js`. */
  mainFile: string;
  runDir: string;
  environment: NodeJS.ProcessEnv;
  core: Pick<Core, 'page' | 'onPage' | 'intend'>;
  /** Told when the page appears. */
  onPageUp?: () => void;
  clock: Clock;
  log: Log;
}

/** Electron's binary in the npm package; undefined when it was never downloaded. */
export function findElectron(): string | undefined {
  const binary = join(
    dirname(fileURLToPath(import.meta.resolve('electron/package.json'))),
    'dist',
    'electron',
  );
  return existsSync(binary) ? binary : undefined;
}

/**
 * Electron around the login page: a child with an IPC channel, started again when it ends. It ends by itself when the
 * channel does, so it needs no tie to our life.
 */
export class ElectronShell implements AsyncDisposable {
  readonly #options: ElectronOptions;
  readonly #binary: string;
  readonly #watch: PageWatch;
  readonly #program: KeptProgram;
  readonly #listening: Disposable;
  #child: ChildProcess | undefined;

  /** @throws Fault `shell-missing` (terminal) when there is no Electron, or its part of the agent was not built. */
  constructor(options: ElectronOptions) {
    const { clock, log, core, mainFile } = options;
    this.#options = options;
    this.#binary = options.command ?? findElectron() ?? '';
    if (this.#binary === '')
      throw new Fault(
        'shell-missing',
        'terminal',
        'Electron’s binary is not here; set shell.kind to chromium',
      );
    if (!existsSync(mainFile))
      throw new Fault('shell-missing', 'terminal', `${mainFile} is not here: npm run build:electron`);
    this.#watch = new PageWatch({ clock, onMissing: () => this.#program.restart('its page is gone') });
    this.#listening = core.onPage(() => this.#tell());
    this.#program = new KeptProgram({ name: 'electron', start: () => this.#start(), clock, log });
  }

  /** Whose windows the page is in. */
  get pid(): number | undefined {
    return this.#program.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
    await this.#program[Symbol.asyncDispose]();
  }

  #start(): ChildProcess {
    const { mode, mainFile, runDir, environment } = this.#options;
    const args = [
      mainFile,
      `--user-data-dir=${join(runDir, 'electron')}`,
      ...(mode === 'kiosk' ? ['--kiosk'] : []),
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...this.#options.arguments,
    ];
    this.#watch.started();
    const child = spawn(this.#binary, args, {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: environment,
    });
    child.on('message', (message: FromElectron) => this.#onMessage(message));
    this.#child = child;
    return child;
  }

  #onMessage(message: FromElectron): void {
    switch (message.type) {
      case 'hello':
        this.#watch.pages(1);
        this.#options.onPageUp?.();
        this.#tell();
        return;
      case 'gone':
        this.#watch.pages(0);
        return;
      case 'intent': {
        const intent = readIntent(message.intent);
        if (intent) this.#options.core.intend(intent);
        return;
      }
      default:
        message satisfies never;
    }
  }

  #tell(): void {
    const message: ToElectron = { type: 'state', state: this.#options.core.page };
    if (this.#child?.connected) this.#child.send(message);
  }
}
