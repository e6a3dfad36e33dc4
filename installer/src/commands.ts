import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root of the clone, with a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const node = process.execPath;
const bin = (name: string) => `${root}node_modules/.bin/${name}`;

/** Runs a program in the root with our own input and output; resolves with its exit code. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    const pass = (signal: NodeJS.Signals) => void child.kill(signal);
    process.on('SIGINT', pass);
    process.on('SIGTERM', pass);
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code) => {
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      resolve(code ?? 1);
    });
  });
}

/** Pages run in a browser and have types of their own. */
export const typeCheck = async () =>
  (await run(node, [bin('tsc'), '-p', '.'])) ||
  (await run(node, [bin('tsc'), '-p', 'agent/src/page'])) ||
  run(node, [bin('tsc'), '-p', 'hub/src/console']);
export const lint = () => run(node, [bin('oxlint'), '--deny-warnings']);
export const checkFormat = () => run(node, [bin('prettier'), '--check', '--cache', '--log-level=warn', '.']);
export const vitest = (
  projects: readonly string[],
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
) =>
  run(
    node,
    [
      `${root}node_modules/vitest/vitest.mjs`,
      'run',
      '--config=test/vitest.config.ts',
      ...projects.map((p) => `--project=${p}`),
      ...args,
    ],
    env,
  );
