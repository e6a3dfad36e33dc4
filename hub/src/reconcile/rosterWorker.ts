import { gunzipSync, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { Problem } from '@anyseat/base';
import { readSheet, type Reading } from '../domain/roster/readSheet.ts';
import { emptySheet, type Sheet } from '../domain/roster/sheet.ts';
import { diffSheets, factsOf, type SheetDiff, type SheetFacts } from '../domain/roster/sheetFacts.ts';

/** What the thread is given: a table, packed or plain, and the one before where the difference is wanted. */
export interface SheetOrder {
  bytes: Uint8Array;
  packed: boolean;
  reading: Reading;
  before?: { packed: Uint8Array } | 'none';
}
export interface SheetRead {
  sheet: Sheet;
  facts: SheetFacts;
  /** SHA-256 of the CSV, hex. */
  hash: string;
  packed: Uint8Array;
  diff?: SheetDiff;
}
export type SheetAnswer = SheetRead | { problems: Problem[] };

/** What a packed table may come to; a small one that unpacks to gigabytes is refused. */
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_LINES = 200;

function read({ bytes, packed, reading, before }: SheetOrder): SheetAnswer {
  const bad = (text: string): SheetAnswer => ({ problems: [{ where: reading.file, path: '', text }] });
  const plain = packed ? unpacked(bytes) : bytes.length > MOST_BYTES ? undefined : bytes;
  if (!plain) return bad(`is larger than ${MOST_BYTES / 1024 / 1024} MiB, or is no table`);
  const text = decoded(plain);
  if (text === undefined) return bad('is no text in UTF-8');
  const answer = readSheet(text, reading);
  if ('problems' in answer) return answer;
  const { sheet } = answer;
  return {
    sheet,
    facts: factsOf(sheet),
    hash: createHash('sha256').update(plain).digest('hex'),
    packed: packed ? bytes : gzipSync(plain),
    ...(before ? { diff: diffSheets(sheetBefore(before, reading), sheet, MOST_LINES) } : {}),
  };
}

/** It was good when it was brought. */
function sheetBefore(before: NonNullable<SheetOrder['before']>, reading: Reading): Sheet {
  const plain = before === 'none' ? undefined : unpacked(before.packed);
  const answer = plain && readSheet(decoded(plain) ?? '', { ...reading, sites: undefined });
  return answer && 'sheet' in answer ? answer.sheet : emptySheet;
}

function unpacked(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined;
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const answer = read(workerData as SheetOrder);
const moved = 'sheet' in answer ? [answer.sheet.cells.buffer as ArrayBuffer] : [];
parentPort!.postMessage(answer, moved);
