import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { systemClock } from './clock.ts';

const SETPRIV = '/usr/bin/setpriv';

/**
 * Starts a program that the kernel kills when this process dies, even by SIGKILL (`setpriv --pdeathsig`, util-linux).
 * The tie is to the spawning *thread*: call it from the main thread. Where setpriv is missing, only an orderly end of
 * ours ends the child.
 */
export function spawnTied(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  return existsSync(SETPRIV)
    ? spawn(SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args], options)
    : spawn(command, args, options);
}

/** Resolves with how the child ended; at once when it has ended already. Never rejects. */
export function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      return resolve({ code: child.exitCode, signal: child.signalCode });
    }
    child.once('exit', (code, signal) => resolve({ code, signal }));
    // A program that could not be started never exits.
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}

/** Asks a child to end, and makes it end `graceMs` later. Resolves when it has. */
export async function stopChild(child: ChildProcess, graceMs = 3000): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const over = ended(child);
  child.kill('SIGTERM');
  using _force = systemClock.after(graceMs, () => child.kill('SIGKILL'));
  await over;
}
