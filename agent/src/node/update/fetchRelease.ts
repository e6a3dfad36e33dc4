import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Fault, messageOf, SECOND, type Clock, type ReleaseManifest } from '@anyseat/base';

export interface FetchDeps {
  /** A connection to the hub, whose key has been checked. Rejects when there is none. */
  dial: (signal: AbortSignal) => Promise<Socket>;
  clock: Clock;
  /** So many bytes are on the disk. */
  onBytes?: (bytes: number) => void;
}

/** Nothing came for so long: the line is taken for dead, and what there is stays for the next time. */
const SILENT_MS = 30 * SECOND;

/**
 * Fetches the payload of a release into `file`, and goes on where an earlier attempt ended. No more bytes are taken than the manifest says.
 *
 * @throws Fault `release-not-served` (refused, or transient), `release-not-fetched` (transient), or an error of the file system; what came stays in `file`
 */
export async function fetchRelease(
  file: string,
  { bytes, sha256 }: ReleaseManifest,
  ticket: string,
  deps: FetchDeps,
  signal: AbortSignal,
): Promise<Buffer> {
  let have = existsSync(file) ? statSync(file).size : 0;
  if (have > bytes) {
    rmSync(file);
    have = 0;
  }
  if (have < bytes) {
    const silent = new AbortController();
    const either = AbortSignal.any([signal, silent.signal]);
    const answer = await ask(`/releases/${sha256}`, ticket, have, deps, either);
    await append(file, answer, { have, bytes }, deps, silent);
  }
  deps.onBytes?.(bytes);
  return readFileSync(file);
}

async function ask(
  path: string,
  ticket: string,
  from: number,
  { dial }: FetchDeps,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  try {
    const socket = await dial(signal);
    const headers = {
      host: 'hub',
      connection: 'close',
      authorization: `Bearer ${ticket}`,
      range: `bytes=${from}-`,
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ path, headers, createConnection: () => socket, signal });
      sent.once('response', resolve);
      sent.once('error', reject);
      sent.once('close', () => reject(new Error('the hub closed the connection')));
      sent.end();
    });
    if (answer.statusCode === 206) return answer;
    answer.destroy();
    const status = answer.statusCode ?? 0;
    // A hub that was started anew knows its tickets no more, and gives another one.
    const retry = status === 403 || status >= 500 ? 'transient' : 'refused';
    throw new Fault('release-not-served', retry, `the hub answered ${status}`);
  } catch (cause) {
    if (cause instanceof Fault && cause.code === 'release-not-served') throw cause;
    throw broken(cause);
  }
}

async function append(
  file: string,
  answer: IncomingMessage,
  { have, bytes }: { have: number; bytes: number },
  { clock, onBytes }: FetchDeps,
  silent: AbortController,
): Promise<void> {
  const out = openSync(file, 'a', 0o600);
  const hush = () => silent.abort(new Error('nothing came for a while'));
  let late = clock.after(SILENT_MS, hush);
  let at = have;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      late[Symbol.dispose]();
      late = clock.after(SILENT_MS, hush);
      const wanted = chunk.subarray(0, bytes - at);
      for (let done = 0; done < wanted.length;) done += writeSync(out, wanted, done);
      at += wanted.length;
      onBytes?.(at);
      if (wanted.length < chunk.length) break;
    }
    fsyncSync(out);
  } catch (cause) {
    if (typeof (cause as NodeJS.ErrnoException).syscall === 'string' && isOfDisk(cause)) throw cause;
    throw broken(cause);
  } finally {
    late[Symbol.dispose]();
    closeSync(out);
    answer.destroy();
  }
  if (at < bytes) throw broken(new Error(`${at} of ${bytes} bytes came`));
}

const isOfDisk = (error: unknown): boolean =>
  /^(ENOSPC|EDQUOT|EROFS|EIO|EFBIG)$/.test((error as NodeJS.ErrnoException).code ?? '');

const broken = (cause: unknown): Fault =>
  new Fault('release-not-fetched', 'transient', `the release could not be fetched: ${messageOf(cause)}`, {
    cause,
  });
