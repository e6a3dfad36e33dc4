import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Scenario } from './scenarios.ts';

/** A swap that was walked to its end: at how many places its hub was killed, and where that was not as it ought to be. */
export interface WalkedScenario {
  scenario: Scenario;
  places: number;
  wrong: readonly { killedAt: string | undefined; wrong: readonly string[]; trace: readonly string[] }[];
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Walks these of the scenarios in one process, one after the other. */
export async function walk(numbers: readonly number[]): Promise<WalkedScenario[]> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--import',
    here('./hooks.ts'),
    here('./walkMain.ts'),
  ];
  const child = spawn(process.execPath, [...args, ...numbers.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const walked: WalkedScenario[] = [];
  for await (const line of createInterface({ input: child.stdout }))
    walked.push(JSON.parse(line) as WalkedScenario);
  const code = await ended;
  if (walked.length < numbers.length)
    throw new Error(`a process that was to walk ${numbers.join()} ended with ${code}`);
  return walked;
}
