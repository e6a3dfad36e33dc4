import { isFault, SECOND, type Log } from '@anyseat/base';
import type { LoginStage } from '@anyseat/protocol';
import type { Person } from '../domain/person.ts';
import { isRight, type Brake } from './brake.ts';
import type { Directories } from './directories.ts';

export interface AuthenticateDeps {
  directories: Directories;
  brake: Brake;
  log: Log;
}

/** A name and a password that somebody typed, and where. */
export interface Typed {
  user: string;
  password: string;
  /** The thin client, or another door; tries are counted for each. */
  tc: string;
  seat?: string | undefined;
  site?: string | undefined;
  signal: AbortSignal;
  onStage?: (stage: LoginStage) => void;
}

/** Why somebody is not let in, by a code of the catalogue of words. */
export interface NotLetIn {
  code: string;
  fields?: Readonly<Record<string, string | number | boolean>>;
  retryAfterMs?: number;
}

/**
 * Whose name and password these are: one try of it at most, behind the brake. Somebody who guesses names learns nothing from
 * the answer; the log has the truth.
 */
export async function authenticate(
  typed: Typed,
  { brake, directories, log }: AuthenticateDeps,
): Promise<{ person: Person } | NotLetIn> {
  const { user, password, tc, seat, site, signal, onStage } = typed;
  const waitMs = brake.waitMs(user, tc, site);
  if (waitMs > 0)
    return {
      code: 'too-many-attempts',
      fields: { seconds: Math.ceil(waitMs / SECOND) },
      retryAfterMs: waitMs,
    };
  onStage?.('directory');
  const attempt = brake.begin(user, tc, site);
  try {
    const answer = await directories.authenticate(user, password, signal);
    if (answer.ok) {
      attempt.succeeded();
      return { person: answer.person };
    }
    const { reason, until, changeable } = answer;
    if (isRight(reason)) attempt.wasNone();
    log.info({ user, reason, ...(seat === undefined ? { at: tc } : { seat }) }, 'login refused');
    const unknown = reason === 'unknown-user' || reason === 'ambiguous-user';
    const fields = { ...(until === undefined ? {} : { until }), ...(changeable ? { changeable } : {}) };
    return { code: unknown ? 'wrong-password' : reason, fields };
  } catch (error) {
    if (!isFault(error, 'directory-unavailable')) throw error;
    attempt.wasNone();
    log.warn({ why: error.message }, 'the directory did not answer a login');
    return { code: 'directory-unavailable', retryAfterMs: 5 * SECOND };
  }
}
