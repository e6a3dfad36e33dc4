import type { ChildProcess } from 'node:child_process';
import { ended, spawnTied, stopChild, type Clock } from '@anyseat/base';
import { Qmp, type QmpEvent } from './qmp.ts';

/** One QEMU process, from its start to its end. */
export class QemuGuest implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly commands: Qmp;
  /** Resolves when the process has ended, however. */
  readonly over: Promise<unknown>;

  private constructor(child: ChildProcess, over: Promise<unknown>, commands: Qmp) {
    this.child = child;
    this.over = over;
    this.commands = commands;
  }

  /**
   * Resolves when the guest runs and answers. Rejects with QEMU's own words when it does not come up.
   *
   * @param onEvent hears every event from the beginning.
   */
  static async start(
    binary: string,
    args: readonly string[],
    sockets: { qmp: string; events: string },
    clock: Clock,
    onEvent: (event: QmpEvent) => void,
  ): Promise<QemuGuest> {
    const child = spawnTied(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    let running = true;
    const over = ended(child).then(() => (running = false));
    try {
      const isRunning = () => running;
      const commands = await patiently(sockets.qmp, clock, isRunning);
      const events = await patiently(sockets.events, clock, isRunning);
      events.onEvent(onEvent);
      return new QemuGuest(child, over, commands);
    } catch (error) {
      await stopChild(child, 0);
      throw new Error(said.trim() || `${binary} did not start`, { cause: error });
    }
  }

  get pid(): number {
    // With setpriv in front it is still this process: setpriv replaces itself by what it starts.
    return this.child.pid!;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.over;
    this.commands[Symbol.dispose]();
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
