import { isFault, SECOND, type Log } from '@anyseat/base';
import type { TcId } from '../domain/session.ts';
import type { Store } from '../store/store.ts';
import { isRight, type Brake } from './brake.ts';
import type { Directories } from './directories.ts';
import type { LoginAnswer } from './login.ts';

export interface ChangeDeps {
  store: Pick<Store, 'addAudit'>;
  directories: Directories;
  brake: Brake;
  log: Log;
}

/** Somebody at a seat wants another password; the passwords are used for one request and dropped. */
export interface ChangeAsk {
  tc: TcId;
  seat: string | undefined;
  site: string | undefined;
  user: string;
  password: string;
  newPassword: string;
}

type Refusal = Extract<LoginAnswer, { ok: false }>;

/** New passwords that a directory refused say nothing about the one that was typed as the present one. */
const aboutTheNewOne: ReadonlySet<string> = new Set([
  'password-too-short',
  'password-too-simple',
  'password-too-young',
  'password-used-before',
  'password-not-accepted',
  'password-not-changeable',
]);

/**
 * Changes a person's password. Goes through the same brake as a login: the present password is tried once. Nobody calls it
 * off: what a directory has been asked to change, it changes, and the audit has it.
 */
export async function changePassword(ask: ChangeAsk, deps: ChangeDeps): Promise<{ ok: true } | Refusal> {
  const { brake, directories, log, store } = deps;
  if (ask.seat === undefined) return { ok: false, code: 'no-seat' };
  if (ask.password === '') return { ok: false, code: 'empty-password' };
  const waitMs = brake.waitMs(ask.user, ask.tc, ask.site);
  if (waitMs > 0) return { ok: false, code: 'too-many-attempts', retryAfterMs: waitMs };
  const attempt = brake.begin(ask.user, ask.tc, ask.site);
  const never = new AbortController().signal;
  try {
    const answer = await directories.changePassword(ask.user, ask.password, ask.newPassword, never);
    if (answer.ok) {
      attempt.succeeded();
      const { id, user } = answer;
      log.info({ user, seat: ask.seat }, 'password changed');
      await store
        .addAudit({ kind: 'person', name: id }, 'person.password-changed', id, { user, seat: ask.seat })
        .catch((error: unknown) => log.warn({ err: error, user }, 'a changed password is not in the audit'));
      return { ok: true };
    }
    const { reason, fields } = answer;
    if (aboutTheNewOne.has(reason) || isRight(reason)) attempt.wasNone();
    log.info({ user: ask.user, reason, seat: ask.seat }, 'password not changed');
    const code = reason === 'unknown-user' || reason === 'ambiguous-user' ? 'wrong-password' : reason;
    return { ok: false, code, ...(fields ? { fields } : {}) };
  } catch (error) {
    if (!isFault(error, 'directory-unavailable') && !isFault(error, 'password-change-unknown')) throw error;
    log.warn({ why: error.message, user: ask.user }, 'the directory did not answer a change of password');
    // One that was sent stays counted.
    if (error.code === 'directory-unavailable') attempt.wasNone();
    return { ok: false, code: error.code, retryAfterMs: 5 * SECOND };
  }
}
