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
export async function readText(
  file: string,
  terminal: Terminal,
  mostBytes = MOST_BYTES,
): Promise<{ text: string; file: string }> {
  const name = file === '-' ? 'standard input' : file;
  let bytes: Uint8Array;
  try {
    bytes = file === '-' ? await terminal.read() : readFileSync(absolute(file, terminal));
  } catch (error) {
    throw new Stop(exitCode.refused, `${name} cannot be read: ${why(error)}`);
  }
  if (bytes.length > mostBytes)
    throw new Stop(exitCode.refused, `${name} is larger than ${mostBytes / 1024 / 1024} MiB`);
  const text = decoded(bytes);
  if (text === undefined) throw new Stop(exitCode.refused, `${name} is no text in UTF-8`);
  // What a broken pipe leaves; with --prune it would delete everything.
  if (text.trim() === '') throw new Stop(exitCode.refused, `${name} is empty`);
  return { text, file: name };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function why(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'EACCES') return 'you may not read it';
  return messageOf(error);
}

/** A path as the hub must have it: it has another current directory. */
export const absolute = (file: string, { cwd }: Pick<Terminal, 'cwd'>): string =>
  isAbsolute(file) ? file : join(cwd, file);
