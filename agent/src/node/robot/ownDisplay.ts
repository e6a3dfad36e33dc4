import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { messageOf, spawnTied, stopChild, type Clock } from '@anyseat/base';
import { openWindows } from '../viewer/windows.ts';

/** Between two looks whether the window manager is there. */
const LOOK_EVERY_MS = 50;

export interface OwnDisplay extends AsyncDisposable {
  /** `:7` */
  display: string;
}

/**
 * A screen without a monitor (Xvfb) with a window manager (openbox), which kiosk mode wants. Both die with us.
 *
 * @param signal ends the waiting
 * @throws Error (rejects) when one of them is missing or ends
 */
export async function openOwnDisplay(
  size: { width: number; height: number },
  environment: NodeJS.ProcessEnv,
  clock: Clock,
  signal: AbortSignal,
): Promise<OwnDisplay> {
  await using children = new AsyncDisposableStack();
  // Descriptor 3 tells the number of the display that was free, once it can be used.
  const server = spawnTied(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', `${size.width}x${size.height}x24`, '-nolisten', 'tcp', '-noreset'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], env: environment },
  );
  children.defer(() => stopChild(server));
  const number = await firstLine(server, server.stdio[3] as Readable, signal);
  const display = `:${number.trim()}`;
  const manager = spawnTied('openbox', ['--sm-disable'], {
    stdio: 'ignore',
    env: { ...environment, DISPLAY: display },
  });
  children.defer(() => stopChild(manager));
  let gone: Error | undefined;
  for (const [name, child] of Object.entries({ Xvfb: server, openbox: manager }))
    child.once('exit', () => (gone ??= notThere(name)));
  manager.once('error', () => (gone ??= notThere('openbox')));
  for (;;) {
    const why = await managed(display);
    if (why === undefined) break;
    if (gone) throw gone;
    if (signal.aborted) throw new Error(why);
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  const kept = children.move();
  return { display, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Why windows cannot be arranged on it yet. */
async function managed(display: string): Promise<string | undefined> {
  try {
    const windows = await openWindows(
      display,
      () => undefined,
      () => undefined,
    );
    windows[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

const notThere = (name: string) => new Error(`${name} ended at once, or is not installed`);

function firstLine(child: ChildProcess, stream: Readable, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('error', () => undefined);
    stream.on('data', (more: string) => {
      text += more;
      if (text.includes('\n')) resolve(text);
    });
    child.once('error', () => reject(notThere('Xvfb')));
    child.once('exit', () => reject(notThere('Xvfb')));
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
