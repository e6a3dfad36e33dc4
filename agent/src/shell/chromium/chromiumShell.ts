import { existsSync, renameSync, rm } from 'node:fs';
import { join } from 'node:path';
import { newSecret, spawnTied, type Clock, type Log } from '@anyseat/base';
import { ownFolder } from '../../node/atomicFile.ts';
import { KeptProgram } from '../keptProgram.ts';
import { PageWatch } from '../pageWatch.ts';

export interface ChromiumOptions {
  command: string;
  mode: 'kiosk' | 'window';
  /** More arguments of the settings. */
  arguments: readonly string[];
  runDir: string;
  environment: NodeJS.ProcessEnv;
  /** An address that opens the page once; asked for at each start. */
  address: () => string;
  clock: Clock;
  log: Log;
  /** Smaller for tests. */
  comesBackWithinMs?: number;
}

/**
 * Chromium around the login page, started again when it ends or when its page is gone. It gets a fresh profile in the
 * run folder each time, so nothing of a page outlives its browser. Keys that would leave the page (Alt+F4, F11, …) are
 * the window manager's to swallow: Chromium itself closes on them, in kiosk mode too.
 */
export class ChromiumShell implements AsyncDisposable {
  readonly #options: ChromiumOptions;
  readonly #watch: PageWatch;
  readonly #program: KeptProgram;

  constructor(options: ChromiumOptions) {
    const { clock, log, comesBackWithinMs } = options;
    this.#options = options;
    this.#watch = new PageWatch({
      clock,
      onMissing: () => this.#program.restart('its page is gone'),
      ...(comesBackWithinMs === undefined ? {} : { comesBackWithinMs }),
    });
    if (isRoot()) log.warn('Chromium runs without its sandbox, because the agent runs as root');
    this.#program = new KeptProgram({ name: 'chromium', start: () => this.#start(), clock, log });
  }

  /** So many pages are connected to the agent now. */
  pages(count: number): void {
    this.#watch.pages(count);
  }

  /** Whose windows the page is in. */
  get pid(): number | undefined {
    return this.#program.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    await this.#program[Symbol.asyncDispose]();
  }

  #start() {
    const { command, address, environment, runDir } = this.#options;
    const profile = freshFolder(join(runDir, 'chromium'));
    this.#watch.started();
    const args = chromiumArguments({ ...this.#options, address: address(), profile, root: isRoot() });
    return spawnTied(command, args, { stdio: 'ignore', env: environment });
  }
}

/** The arguments of one start. */
export function chromiumArguments(options: {
  address: string;
  profile: string;
  mode: 'kiosk' | 'window';
  arguments: readonly string[];
  root: boolean;
}): string[] {
  const { address, profile, mode, root } = options;
  return [
    ...(mode === 'kiosk' ? ['--kiosk'] : ['--window-size=1280,800']),
    `--app=${address}`,
    `--user-data-dir=${profile}`,
    // Chromium refuses to run as root with its sandbox; without `--test-type` it says so above the page.
    ...(root ? ['--no-sandbox', '--test-type'] : []),
    '--disable-gpu',
    '--password-store=basic',
    '--no-first-run',
    '--no-default-browser-check',
    '--noerrdialogs',
    '--hide-crash-restore-bubble',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-breakpad',
    '--disable-domain-reliability',
    '--disable-default-apps',
    '--disable-extensions',
    '--disable-pinch',
    '--overscroll-history-navigation=0',
    '--deny-permission-prompts',
    '--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication',
    '--no-pings',
    ...options.arguments,
  ];
}

/** The last profile out of the way, at once: processes of a browser that was killed may still write into it. */
function freshFolder(path: string): string {
  if (existsSync(path)) {
    const old = `${path}.old-${newSecret().slice(0, 8)}`;
    renameSync(path, old);
    // What is still written there goes at the next start of the box: the run folder is in memory.
    rm(old, { recursive: true, force: true, maxRetries: 5 }, () => {});
  }
  return ownFolder(path);
}

const isRoot = (): boolean => process.getuid?.() === 0;
