import { Worker } from 'node:worker_threads';
import { MINUTE } from './clock.ts';
import { messageOf } from './faults.ts';
import { ConfigFault, parseYaml, type ParsedYaml } from './loadConfig.ts';
import type { YamlOrder, YamlParsed } from './yamlWorker.ts';

/** A text that is parsed; the thread that did it is there until this is disposed of. */
export interface YamlAside extends AsyncDisposable {
  /**
   * Looks at the data, and at places in the text if it wants them: then the work is done twice, so it must be pure.
   * @throws what the work throws
   */
  withPlaces<T>(work: (yaml: ParsedYaml) => T): Promise<T>;
}

/** So little is parsed within milliseconds, sooner than a thread is started (10,000 seats are 700 kB and take more than a second). */
const SMALL = 16_384;
const LONGEST_MS = MINUTE;
/** A text of the size that an operator may send takes a third of it. */
const MOST_MEMORY_MB = 1024;

/**
 * As `parseYaml`, for a program that goes on answering others meanwhile: a long text is parsed in a thread of its own.
 * @throws ConfigFault with the syntax errors of the text, or when it takes too much time or memory
 */
export async function parseYamlAside(text: string, file: string): Promise<YamlAside> {
  if (text.length <= SMALL) {
    const yaml = parseYaml(text, file);
    return {
      withPlaces: (work) => Promise.try(work, yaml),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  await using opening = new AsyncDisposableStack();
  const worker = new Worker(new URL('./yamlWorker.ts', import.meta.url), {
    execArgv: [],
    workerData: { text, file } satisfies YamlOrder,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  opening.defer(() => worker.terminate().then(() => undefined));
  const parsed = await answerOf<YamlParsed>(worker, file);
  if ('problems' in parsed) throw new ConfigFault(file, parsed.problems);
  const kept = opening.move();
  return {
    withPlaces: async (work) => {
      const asked = new Map<string, readonly PropertyKey[]>();
      const first = attempt(() => work({ data: parsed.data, placeOf: (path) => noted(path, asked, file) }));
      if (asked.size === 0) return first();
      const answer = answerOf<string[]>(worker, file);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage([...asked.values()]);
      const places = await answer;
      const byPath = new Map([...asked.keys()].map((key, i) => [key, places[i]!]));
      return work({ data: parsed.data, placeOf: (path) => byPath.get(JSON.stringify(path)) ?? file });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function noted(
  path: readonly PropertyKey[],
  asked: Map<string, readonly PropertyKey[]>,
  file: string,
): string {
  asked.set(JSON.stringify(path), path);
  return file;
}

/** The outcome of some work, to be had when it is wanted. */
function attempt<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** The next word of the thread. */
function answerOf<T>(worker: Worker, file: string): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const failed = (text: string) => reject(new ConfigFault(file, [{ where: file, path: '', text }]));
  const onError = (error: unknown) => failed(`cannot be read: ${messageOf(error)}`);
  const onExit = () => failed('was given up before it was read');
  const late = AbortSignal.timeout(LONGEST_MS);
  const onLate = () => failed(`takes more than ${LONGEST_MS / 1000} s to read`);
  worker.once('message', resolve);
  worker.once('error', onError);
  worker.once('exit', onExit);
  late.addEventListener('abort', onLate);
  return promise.finally(() => {
    worker.off('message', resolve);
    worker.off('error', onError);
    worker.off('exit', onExit);
    late.removeEventListener('abort', onLate);
  });
}
