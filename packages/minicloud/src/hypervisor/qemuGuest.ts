import type { ChildProcess } from 'node:child_process';
import { ended, spawnTied, stopChild, type Clock } from '@anyseat/base';
import { Qmp, type QmpEvent } from './qmp.ts';

/** A QEMU that has not said anything by then never will. */
const START_MS = 30_000;
const LAST_WORDS_MS = 2000;
const EVENTS_KEPT = 500;

/** One QEMU process, from its start to its end. */
export class QemuGuest implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly commands: Qmp;
  /** What it told of its own accord, the latest at the end. */
  readonly events: QmpEvent[] = [];
  /** Resolves when the process has ended, however. */
  readonly over: Promise<unknown>;

  readonly #told: Qmp;

  private constructor(child: ChildProcess, over: Promise<unknown>, commands: Qmp, told: Qmp) {
    this.child = child;
    this.over = over;
    this.commands = commands;
    this.#told = told;
    told.onEvent((event) => {
      this.events.push(event);
      if (this.events.length > EVENTS_KEPT) this.events.shift();
    });
  }

  /** Resolves when the guest runs and answers. Rejects with QEMU's own words when it does not come up. */
  static async start(
    binary: string,
    args: readonly string[],
    sockets: { qmp: string; events: string },
    clock: Clock,
  ): Promise<QemuGuest> {
    const child = spawnTied(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    let running = true;
    using _impatience = clock.after(START_MS, () => child.kill('SIGKILL'));
    const over = ended(child).then(() => (running = false));
    try {
      const isRunning = () => running;
      const commands = await patiently(sockets.qmp, clock, isRunning);
      const events = await patiently(sockets.events, clock, isRunning);
      return new QemuGuest(child, over, commands, events);
    } catch (error) {
      await stopChild(child, 0);
      throw new Error(said.trim() || `${binary} did not start`, { cause: error });
    }
  }

  get pid(): number {
    // With setpriv in front it is still this process: setpriv replaces itself by what it starts.
    return this.child.pid!;
  }

  closeSockets(): void {
    this.commands[Symbol.dispose]();
    this.#told[Symbol.dispose]();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // QEMU writes out its disks first, if it still can.
    await stopChild(this.child, LAST_WORDS_MS);
    await this.over;
    this.closeSockets();
  }
}

/** QEMU makes its sockets a moment after its start. */
async function patiently(path: string, clock: Clock, isRunning: () => boolean): Promise<Qmp> {
  for (;;) {
    try {
      return await Qmp.open(path);
    } catch (error) {
      if (!isRunning()) throw error;
      await clock.sleep(10);
    }
  }
}
