import { Fault, silentLog } from '@anyseat/base';
import { expect, test } from 'vitest';
import type { ChangeAnswer } from '../domain/person.ts';
import type { TcId } from '../domain/session.ts';
import { Brake, usualLimits } from './brake.ts';
import { changePassword } from './changePassword.ts';
import type { Directories } from './directories.ts';

/** A seat where somebody changes a password as often as the test likes, and a directory that answers in turn. */
function seat(...answers: (ChangeAnswer | Fault)[]) {
  const audit: unknown[] = [];
  let asked = 0;
  const clock = { monotonic: () => 0 } as ConstructorParameters<typeof Brake>[0];
  const deps = {
    store: {
      addAudit: (...row: unknown[]) => {
        audit.push(row);
        return Promise.resolve();
      },
    },
    directories: {
      changePassword: () => {
        const answer = answers[Math.min(asked++, answers.length - 1)]!;
        return answer instanceof Fault ? Promise.reject(answer) : Promise.resolve(answer);
      },
    } as unknown as Directories,
    brake: new Brake(clock, () => ({ ...usualLimits, user: 2 })),
    log: silentLog,
  };
  const ask = { tc: 'tc_1' as TcId, seat: 's1', site: 'nt', user: 'anna', newPassword: 'new' };
  const change = (more: object = {}) => changePassword({ ...ask, password: 'old', ...more }, deps);
  return { change, audit, asked: () => asked };
}

const wrong: ChangeAnswer = { ok: false, reason: 'wrong-password' };

test('what was changed is in the audit, in the name of its person', async () => {
  const { change, audit } = seat({ ok: true, id: 'corp:1', user: 'anna' });
  expect(await change()).toEqual({ ok: true });
  expect(audit).toEqual([
    [{ kind: 'person', name: 'corp:1' }, 'person.password-changed', 'corp:1', { user: 'anna', seat: 's1' }],
  ]);
});

test('unknown and wrong are told alike, and guessing is braked as at the login', async () => {
  const { change, asked } = seat({ ok: false, reason: 'unknown-user' }, wrong);
  expect([await change(), await change(), await change(), asked()]).toEqual([
    { ok: false, code: 'wrong-password' },
    { ok: false, code: 'wrong-password' },
    { ok: false, code: 'too-many-attempts', retryAfterMs: usualLimits.windowMs },
    2,
  ]);
});

test.each([
  ['a new one that breaks a rule', { ok: false, reason: 'password-too-short', fields: { least: 8 } }],
  ['an old one that is right', { ok: false, reason: 'password-must-change' }],
] as const)('%s is no guess', async (_, answer) => {
  const { change, asked } = seat(answer);
  for (let i = 0; i < 5; i++) expect(await change()).toMatchObject({ code: answer.reason });
  expect(asked()).toBe(5);
});

test('a directory that was not reached was not tried; one that did not answer was', async () => {
  const down = seat(new Fault('directory-unavailable', 'transient', 'down'));
  const silent = seat(new Fault('password-change-unknown', 'transient', 'no answer'));
  const codes = [];
  for (const { change } of [down, silent])
    for (let i = 0; i < 3; i++) {
      const answer = await change();
      codes.push(answer.ok || answer.code);
    }
  expect(codes).toEqual([
    'directory-unavailable',
    'directory-unavailable',
    'directory-unavailable',
    'password-change-unknown',
    'password-change-unknown',
    'too-many-attempts',
  ]);
});

test('nothing is asked of a directory without a seat or without a password', async () => {
  const { change, asked } = seat(wrong);
  expect([await change({ seat: undefined }), await change({ password: '' }), asked()]).toEqual([
    { ok: false, code: 'no-seat' },
    { ok: false, code: 'empty-password' },
    0,
  ]);
});
