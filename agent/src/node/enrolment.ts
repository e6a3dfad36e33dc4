import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { messageOf, type Log } from '@anyseat/base';
import { ownFolder, readIfThere, trySecretFile } from './atomicFile.ts';

/**
 * The one-time token by which a fresh box may enrol without an operator. It is shown to the hub until the hub has
 * answered, and never again: afterwards the key is known, or an operator approves it.
 */
export class EnrolmentToken {
  readonly #usedPath: string;
  readonly #log: Log;
  #token: string | undefined;

  constructor(tokenFile: string | undefined, stateDir: string, log: Log) {
    this.#log = log;
    this.#usedPath = join(ownFolder(stateDir), 'token.used');
    this.#token = tokenFile === undefined ? undefined : readToken(tokenFile, log);
    if (this.#token !== undefined && readIfThere(this.#usedPath) === hash(this.#token))
      this.#token = undefined;
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** The hub has answered a hello that carried it. */
  spent(): void {
    if (this.#token === undefined) return;
    trySecretFile(this.#usedPath, hash(this.#token), this.#log);
    this.#token = undefined;
  }
}

function readToken(tokenFile: string, log: Log): string | undefined {
  try {
    const token = readIfThere(tokenFile)?.trim();
    if (token === undefined || token === '') {
      log.info({ tokenFile }, 'there is no enrolment token; an operator approves this box');
      return undefined;
    }
    return token;
  } catch (error) {
    log.warn({ tokenFile, why: messageOf(error) }, 'the enrolment token cannot be read');
    return undefined;
  }
}

const hash = (token: string): string => createHash('sha256').update(token).digest('hex');
