import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const TASKSET = '/usr/bin/taskset';

/**
 * Gives one program half of the cores for itself, and the other half to these and to us, as if it ran on a machine of its
 * own. Ours are free again when it is disposed of. Undefined where there is one core only, or no taskset (util-linux).
 */
export function setApart(one: number, others: readonly number[]): Disposable | undefined {
  const cores = availableParallelism();
  if (cores < 2 || !existsSync(TASKSET)) return undefined;
  const half = Math.floor(cores / 2);
  keepTo(`0-${half - 1}`, [one]);
  keepTo(`${half}-${cores - 1}`, [...others, process.pid]);
  return { [Symbol.dispose]: () => keepTo(`0-${cores - 1}`, [process.pid]) };
}

/** All threads that there are; those to come have it from the one that starts them. */
function keepTo(cores: string, pids: readonly number[]): void {
  for (const pid of pids)
    execFileSync(TASKSET, ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)], { stdio: 'pipe' });
}
