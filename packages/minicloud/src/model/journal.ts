import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What is kept of a cloud, by kind and key. Values are plain data. */
export interface Journal extends Disposable {
  /** Everything that was put and not taken back, in the order of first putting. */
  load(): Map<string, Map<string, unknown>>;
  /** `undefined` takes it back. */
  put(kind: string, key: string, value: unknown): void;
}

/** Keeps nothing. */
export const noJournal: Journal = { load: () => new Map(), put: () => {}, [Symbol.dispose]: () => {} };

/** Lines after which the file is written anew when most of them are out of date. */
const COMPACT_AT = 5000;

/**
 * A journal of JSON lines in a directory: a change is one line, written before the call that made it is answered. It
 * survives a SIGKILL of this process (the kernel has the lines), not a power cut. A torn last line is left out.
 */
export function openJournal(directory: string): Journal {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'journal.jsonl');
  const kept = new Map<string, Map<string, unknown>>();
  if (existsSync(file)) for (const line of readFileSync(file, 'utf8').split('\n')) replay(kept, line);
  let lines = rewrite(file, kept);
  let fd = openSync(file, 'a', 0o600);
  return {
    load: () => kept,
    put(kind, key, value) {
      apply(kept, kind, key, value);
      appendFileSync(fd, `${JSON.stringify([kind, key, value])}\n`);
      if (++lines > COMPACT_AT && lines > 4 * sizeOf(kept)) {
        closeSync(fd);
        lines = rewrite(file, kept);
        fd = openSync(file, 'a', 0o600);
      }
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function replay(kept: Map<string, Map<string, unknown>>, line: string): void {
  if (line === '') return;
  try {
    const [kind, key, value] = JSON.parse(line) as [string, string, unknown];
    apply(kept, kind, key, value ?? undefined);
  } catch {
    // The line that was being written when the process died.
  }
}

function apply(kept: Map<string, Map<string, unknown>>, kind: string, key: string, value: unknown): void {
  const ofKind = kept.get(kind) ?? new Map<string, unknown>();
  kept.set(kind, ofKind);
  if (value === undefined) ofKind.delete(key);
  else ofKind.set(key, value);
}

/** The whole file anew, in one step. */
function rewrite(file: string, kept: Map<string, Map<string, unknown>>): number {
  const lines = [...kept].flatMap(([kind, ofKind]) =>
    [...ofKind].map(([key, value]) => `${JSON.stringify([kind, key, value])}\n`),
  );
  writeFileSync(`${file}.new`, lines.join(''), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return lines.length;
}

const sizeOf = (kept: Map<string, Map<string, unknown>>): number =>
  [...kept.values()].reduce((sum, ofKind) => sum + ofKind.size, 0);
