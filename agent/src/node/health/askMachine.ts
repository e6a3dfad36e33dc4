import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SECOND } from '@anyseat/base';
import type { Machine } from './readMachine.ts';

const program = fileURLToPath(new URL('machineProgram.ts', import.meta.url));
const PATIENCE_MS = 60 * SECOND;

/**
 * `readMachine` in a program of its own: systeminformation would stay in the agent's memory, 17 MB, for what is asked once.
 *
 * @throws Error (rejects) when it fails, or takes too long
 */
export async function askMachine(environment: NodeJS.ProcessEnv): Promise<Machine> {
  const options = {
    env: environment,
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 65_536,
  } as const;
  const { stdout } = await promisify(execFile)(process.execPath, [program], options);
  return JSON.parse(stdout) as Machine;
}
