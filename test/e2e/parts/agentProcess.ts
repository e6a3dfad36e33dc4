import { globSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { stringify } from 'yaml';
import { root } from '../../../installer/src/commands.ts';
import type { Display } from './display.ts';
import type { HubProcess } from './hubProcess.ts';
import { Program } from './process.ts';
import { waitFor } from './waitFor.ts';

/** A thin client: the agent as a process with Chromium on a display, and a hand on the page as a person has it. */
export class AgentProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #display: Display;
  readonly #config: string;
  #program: Program;
  #browser: Browser | undefined;

  private constructor(folder: string, display: Display, settings: Record<string, unknown>) {
    this.folder = folder;
    this.#display = display;
    mkdirSync(folder, { recursive: true });
    this.#config = join(folder, 'agent.yaml');
    writeFileSync(this.#config, stringify(settings));
    this.#program = this.#start();
  }

  /** Enrolled by token at this seat. The same folder again is the same box. */
  static async start(options: {
    folder: string;
    display: Display;
    hub: HubProcess;
    seat: string;
    /** Over those of a test. */
    settings?: Record<string, unknown>;
  }): Promise<AgentProcess> {
    const { folder, display, hub, seat, settings } = options;
    const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat });
    mkdirSync(folder, { recursive: true });
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    return new AgentProcess(folder, display, {
      hub: { url: hub.url, tokenFile, ...(hub.pin === undefined ? {} : { pins: [hub.pin] }) },
      stateDir: join(folder, 'state'),
      runDir: join(folder, 'run'),
      viewer: { mode: 'kiosk' },
      // The debug port is a way in without a lock: for tests alone.
      shell: { kind: 'chromium', mode: 'kiosk', arguments: ['--remote-debugging-port=0'] },
      language: 'en',
      log: { level: 'debug' },
      ...settings,
    });
  }

  get log(): string {
    return this.#program.output;
  }

  get running(): boolean {
    return this.#program.running;
  }

  /** The login page in the agent's own browser. */
  async page(): Promise<Page> {
    await this.#closeBrowser();
    this.#browser = await waitFor(
      'the browser',
      () => {
        // Chromium writes where it listens into its profile, which lies in the agent's run directory.
        const [file] = globSync(join(this.folder, 'run/**/DevToolsActivePort'));
        const [port, path] = file === undefined ? [] : readFileSync(file, 'utf8').split('\n');
        if (path === undefined) return undefined;
        return chromium.connectOverCDP(`ws://127.0.0.1:${port}${path}`, { timeout: 10_000 });
      },
      60_000,
    );
    return waitFor('the page', () => this.#browser!.contexts()[0]?.pages()[0]);
  }

  async killHard(): Promise<void> {
    await this.#closeBrowser();
    await this.#program.killHard();
  }

  startAgain(): void {
    this.#forgetBrowser();
    this.#program = this.#start();
  }

  /** Ends the browser as a crash does; the agent starts the next. */
  async killBrowser(): Promise<void> {
    await this.#closeBrowser();
    this.#forgetBrowser();
    // Chromium's lock of its profile names its process: `host-123`.
    const [, pid] = /-(\d+)$/.exec(readlinkSync(join(this.folder, 'run/chromium/SingletonLock'))) ?? [];
    process.kill(Number(pid), 'SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeBrowser();
    await this.#program[Symbol.asyncDispose]();
  }

  /** What a killed browser left behind says where it listened, not where the next one will. */
  #forgetBrowser(): void {
    for (const file of globSync(join(this.folder, 'run/**/DevToolsActivePort'))) rmSync(file);
  }

  async #closeBrowser(): Promise<void> {
    await this.#browser?.close().catch(() => undefined);
    this.#browser = undefined;
  }

  #start(): Program {
    return new Program(process.execPath, [join(root, 'agent/src/node/main.ts'), '--config', this.#config], {
      logFile: join(this.folder, 'agent.log'),
      env: { DISPLAY: this.#display.name },
    });
  }
}
