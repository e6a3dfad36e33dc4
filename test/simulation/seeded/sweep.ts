import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './runSeed.ts';

export type Result = Outcome & { cpuMs: number };

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** So many seeds a process, fewer where there are few: its start takes as long as two of them. */
const A_PROCESS = 60;

export interface SweepOptions {
  from: number;
  seeds: number;
  /** A name of `mutants`. */
  mutant?: string | undefined;
  /** Every trace, not only those of failures. */
  wantsTrace?: boolean;
  jobs?: number;
  /** Told of each seed; true ends the sweep. */
  onResult: (result: Result) => boolean;
}

/** Runs seeds in processes of their own, several at once, in no certain order. */
export async function sweep(options: SweepOptions): Promise<void> {
  const { from, seeds, jobs = availableParallelism() } = options;
  const each = Math.min(A_PROCESS, Math.ceil(seeds / jobs / 2));
  let next = from;
  const over = new AbortController();
  const worker = async () => {
    while (!over.signal.aborted && next < from + seeds) {
      const first = next;
      const count = Math.min(each, from + seeds - first);
      next += count;
      await runSome(first, count, options, (result) => {
        if (options.onResult(result)) over.abort();
        return over.signal.aborted;
      });
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

async function runSome(
  first: number,
  count: number,
  { mutant, wantsTrace = false }: SweepOptions,
  onResult: (result: Result) => boolean,
): Promise<void> {
  const args = ['--disable-warning=ExperimentalWarning', '--import', here('./hooks.ts'), here('./main.ts')];
  const child = spawn(
    process.execPath,
    [...args, String(first), String(count), ...(wantsTrace ? ['trace'] : [])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(mutant === undefined ? {} : { ANYSEAT_MUTANT: mutant }) },
    },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let heard = 0;
  let isEnough = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (isEnough) continue;
    heard++;
    isEnough = onResult(JSON.parse(line) as Result);
    if (isEnough) child.kill();
  }
  const code = await ended;
  if (heard < count && !isEnough)
    throw new Error(
      `a process that was to run the seeds from ${first} on ended with ${code} at seed ${first + heard}`,
    );
}
