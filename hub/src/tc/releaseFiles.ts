import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  Fault,
  HOUR,
  messageOf,
  MINUTE,
  newSecret,
  readReleaseFile,
  type Clock,
  type Log,
} from '@anyseat/base';
import { RELEASES_PATH } from '@anyseat/protocol';
import type { Release } from '../domain/rollout.ts';

const TICKET_LASTS_MS = HOUR;
const STALLED_MS = MINUTE;
/** The oldest makes room. */
const MOST_TICKETS = 5000;
/** A release and what stands in front of it (`releaseManifest`). */
const MOST_FILE_BYTES = 65 * 1024 * 1024;

/**
 * The payloads of releases, as files beside the store, and the door that thin clients fetch them at. A release is no secret; a
 * ticket keeps those out who are no thin clients of ours and would only keep the hub busy.
 */
export class ReleaseFiles {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tickets = new Map<string, { sha256: string; until: number }>();

  constructor(folder: string, clock: Clock, log: Log) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Takes a release file to itself. Who signed it only the seats can say.
   * @throws Fault `release-unreadable`, `release-damaged` (refused)
   */
  take(file: string): Omit<Release, 'addedAt'> {
    const { manifest, text, signature, payload } = readReleaseFile(read(file));
    const { sha256, version, arch, bytes } = manifest;
    if (manifest.product !== 'anyseat-agent')
      throw new Fault('release-other-product', 'refused', `this is a release of ${manifest.product}`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const draft = join(this.#folder, `${sha256}.new`);
    writeFileSync(draft, payload, { mode: 0o600, flush: true });
    renameSync(draft, this.#path(sha256));
    return { sha256, version, arch, bytes, manifest: text, signature };
  }

  /** A release whose row was not kept needs no file. */
  forget(sha256: string): void {
    rmSync(this.#path(sha256), { force: true });
  }

  /** After a restore the store may know of releases whose files are elsewhere. */
  has({ sha256, bytes }: Release): boolean {
    const path = this.#path(sha256);
    return existsSync(path) && statSync(path).size === bytes;
  }

  /** Lets one thin client fetch this release, for a while. */
  ticketFor(sha256: string): string {
    const ticket = newSecret();
    this.#tickets.set(ticket, { sha256, until: this.#clock.monotonic() + TICKET_LASTS_MS });
    if (this.#tickets.size > MOST_TICKETS) this.#tickets.delete(this.#tickets.keys().next().value!);
    return ticket;
  }

  /** @returns whether this was asked for something of ours */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? '';
    if (!url.startsWith(RELEASES_PATH)) return false;
    const sha256 = url.slice(RELEASES_PATH.length);
    const ticket = this.#tickets.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
    const may = ticket?.sha256 === sha256 && this.#clock.monotonic() < ticket.until;
    const from = /^bytes=(\d{1,9})-$/.exec(request.headers.range ?? 'bytes=0-')?.[1];
    const size = may ? statSync(this.#path(sha256), { throwIfNoEntry: false })?.size : undefined;
    if (request.method !== 'GET' || !may) refuse(response, 403);
    else if (size === undefined) refuse(response, 404);
    else if (from === undefined || Number(from) >= size) refuse(response, 416);
    else this.#send(sha256, Number(from), size, response);
    return true;
  }

  #send(sha256: string, from: number, size: number, response: ServerResponse): void {
    response.writeHead(206, {
      connection: 'close',
      'content-type': 'application/octet-stream',
      'content-length': size - from,
      'content-range': `bytes ${from}-${size - 1}/${size}`,
    });
    const file = createReadStream(this.#path(sha256), { start: from, end: size - 1 });
    // Who takes nothing for a while is cut off, and comes back for the rest.
    let taken = -1;
    const look = () => {
      const now = response.socket?.bytesWritten ?? 0;
      if (now === taken) response.destroy();
      taken = now;
      stalled = this.#clock.after(STALLED_MS, look);
    };
    let stalled = this.#clock.after(STALLED_MS, look);
    response.once('close', () => {
      stalled[Symbol.dispose]();
      file.destroy();
    });
    file.once('error', (error) => {
      this.#log.warn({ why: messageOf(error) }, 'a release could not be read');
      response.destroy();
    });
    file.pipe(response);
  }

  #path(sha256: string): string {
    return join(this.#folder, `${sha256}.payload`);
  }
}

const refuse = (response: ServerResponse, status: number): void => {
  response.writeHead(status, { connection: 'close' }).end();
};

function read(file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size > MOST_FILE_BYTES)
      throw new Fault('release-unreadable', 'refused', `${file} is larger than any release`);
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault(
      'release-unreadable',
      'refused',
      `${file} cannot be read by the hub: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}
