import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { messageOf } from '@anyseat/base';
import { exitCode, Stop } from './exitCodes.ts';
import type { Terminal } from './terminal.ts';

const MOST_BYTES = 8 * 1024 * 1024;

/**
 * The text of a file of resources, `-` being standard input, and what messages call it.
 * @throws Stop `refused`
 */
export async function readText(file: string, terminal: Terminal): Promise<{ text: string; file: string }> {
  const name = file === '-' ? 'standard input' : file;
  let bytes: Uint8Array;
  try {
    bytes = file === '-' ? await terminal.read() : readFileSync(absolute(file, terminal));
  } catch (error) {
    throw new Stop(exitCode.refused, `${name} cannot be read: ${messageOf(error)}`);
  }
  if (bytes.length > MOST_BYTES)
    throw new Stop(exitCode.refused, `${name} is larger than ${MOST_BYTES / 1024 / 1024} MiB`);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), file: name };
  } catch {
    throw new Stop(exitCode.refused, `${name} is no text in UTF-8`);
  }
}

/** A path as the hub must have it: it has another current directory. */
export const absolute = (file: string, { cwd }: Pick<Terminal, 'cwd'>): string =>
  isAbsolute(file) ? file : join(cwd, file);
