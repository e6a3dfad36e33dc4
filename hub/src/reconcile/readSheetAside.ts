import { Worker } from 'node:worker_threads';
import { ConfigFault, messageOf, MINUTE } from '@anyseat/base';
import type { SheetAnswer, SheetOrder, SheetRead } from './rosterWorker.ts';

const LONGEST_MS = MINUTE;
const MOST_MEMORY_MB = 2048;

/**
 * Reads a table in a thread of its own: six hundred thousand rows are two seconds in which nobody would be let in.
 * @throws ConfigFault with everything that is wrong with it, or when it takes too much time or memory
 */
export async function readSheetAside(order: SheetOrder, signal: AbortSignal): Promise<SheetRead> {
  const worker = new Worker(new URL('./rosterWorker.ts', import.meta.url), {
    execArgv: [],
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  const { file } = order.reading;
  const { promise, resolve, reject } = Promise.withResolvers<SheetAnswer>();
  const failed = (text: string) => reject(new ConfigFault(file, [{ where: file, path: '', text }]));
  worker.once('message', resolve);
  worker.once('error', (error) => failed(`cannot be read: ${messageOf(error)}`));
  worker.once('exit', () => failed('was given up before it was read'));
  const late = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  const onLate = () => failed(`takes more than ${LONGEST_MS / 1000} s to read`);
  late.addEventListener('abort', onLate, { once: true });
  if (late.aborted) onLate();
  try {
    const answer = await promise;
    if ('problems' in answer) throw new ConfigFault(file, answer.problems);
    return answer;
  } finally {
    late.removeEventListener('abort', onLate);
    await worker.terminate();
  }
}
