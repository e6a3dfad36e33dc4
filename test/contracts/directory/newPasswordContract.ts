import { inspect } from 'node:util';
import { openLog } from '@anyseat/base';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { ChangeAnswer } from '../../../hub/src/domain/person.ts';
import type { Directory } from '../../../hub/src/directory/directory.ts';
import { CAST } from '../../lab/callCentre.ts';
import type { Stage } from './contract.ts';

/** A directory under test that takes new passwords, and how it does. */
export interface NewPasswordStage extends Pick<Stage, 'open'>, AsyncDisposable {
  /** What keeps people out that they can mend themselves, by name. */
  mendable: readonly string[];
  /** Passwords that are not taken from `plus`, and how that is said. */
  broken: readonly (readonly [password: string, answer: ChangeAnswer])[];
  /** How often wrong passwords were counted since somebody's last good login. */
  triesOf(user: string): Promise<number>;
  /** How many wrong ones lock an account. */
  threshold: number;
  /** What it says of that itself. */
  locksAfter: number;
  /** What becomes of the old password: Active Directory takes it for an hour more. */
  oldOne: true | 'wrong-password';
}

const NEW = 'Neu-密码-ß"\\-4711';

/** Changing a password at the login screen, the same on every directory that does. */
export function newPasswordContract(
  name: string,
  missing: string | undefined,
  raise: () => Promise<NewPasswordStage>,
): void {
  describe(`new passwords on ${name}`, () => {
    const lines: string[] = [];
    const answers: unknown[] = [];
    let stage: NewPasswordStage;
    let directory: Directory;
    const never = new AbortController().signal;
    const needs = (ctx: TestContext) => ctx.skip(missing !== undefined, missing);
    const passwordOf = (user: string) => CAST.find((one) => one.user === user)!.password;
    const login = async (user: string, password: string) => {
      const answer = await directory.authenticate(user, password, never);
      return answer.ok || answer.reason;
    };
    const change = async (user: string, password: string, newPassword: string) => {
      const answer = await directory.changePassword(user, password, newPassword, never);
      answers.push(answer);
      return answer;
    };

    beforeAll(async () => {
      if (missing !== undefined) return;
      stage = await raise();
      const destination = { write: (line: string) => void lines.push(line) };
      directory = await stage.open(openLog({ name: 'contract', level: 'trace', destination }));
    });
    afterAll(async () => {
      await directory?.[Symbol.asyncDispose]();
      await stage?.[Symbol.asyncDispose]();
      expect(lines.join('') + inspect(answers, { depth: 20, showHidden: true })).not.toContain(NEW);
    });

    test('the new one lets its person in, whatever its letters', async (ctx) => {
      needs(ctx);
      const person = await directory.find('joiner', never);
      const changed = await change(' JOINER', passwordOf('joiner'), NEW);
      const after = [await login('joiner', NEW), await login('joiner', passwordOf('joiner'))];
      expect([changed, after]).toEqual([{ ok: true, id: person!.id, user: 'joiner' }, [true, stage.oldOne]]);
    });

    test('whoever is kept out because of a password lets themselves in again', async (ctx) => {
      needs(ctx);
      const seen = [];
      for (const user of stage.mendable) {
        const before = await directory.authenticate(user, passwordOf(user), never);
        const changed = await change(user, passwordOf(user), NEW);
        seen.push([!before.ok && before.changeable, changed.ok || changed, await login(user, NEW)]);
      }
      expect(seen).toEqual(stage.mendable.map(() => [true, true, true]));
    });

    test('a rule that it breaks is said, and the old one stays', async (ctx) => {
      needs(ctx);
      const seen = [];
      for (const [password] of stage.broken)
        seen.push([password, await change('plus', passwordOf('plus'), password)]);
      expect([seen, await login('plus', passwordOf('plus'))]).toEqual([stage.broken, true]);
    });

    test('a wrong old one, an unknown name and an empty one are refused; one try is counted for each', async (ctx) => {
      needs(ctx);
      const before = await stage.triesOf('cyclist');
      const seen = [
        await change('cyclist', 'wrong', NEW),
        await change('cyclist', '', NEW),
        await change('cyclist', 'wrong again', NEW),
        await change('nobody', 'wrong', NEW),
        await change('*', 'wrong', NEW),
      ];
      expect([seen.map((one) => one.ok || one.reason), (await stage.triesOf('cyclist')) - before]).toEqual([
        ['wrong-password', 'empty-password', 'wrong-password', 'unknown-user', 'unknown-user'],
        2,
      ]);
      expect(await login('cyclist', passwordOf('cyclist'))).toBe(true);
    });

    test('guessing at it locks the account as guessing at the login does, and that is said', async (ctx) => {
      needs(ctx);
      const seen = [];
      for (let i = 0; i < stage.threshold; i++) seen.push((await change('diver', `wrong ${i}`, NEW)).ok);
      const locked = await change('diver', passwordOf('diver'), NEW);
      expect([seen, locked, await login('diver', passwordOf('diver'))]).toEqual([
        seen.map(() => false),
        { ok: false, reason: 'account-locked', fields: { until: expect.any(Number) as number } },
        'account-locked',
      ]);
    });

    test('it says after how many wrong ones that is', (ctx) => {
      needs(ctx);
      expect(directory.locksAfter).toBe(stage.locksAfter);
    });

    test('is not begun when it is called off', async (ctx) => {
      needs(ctx);
      const off = AbortSignal.abort(new Error('off'));
      await expect(directory.changePassword('plus', passwordOf('plus'), NEW, off)).rejects.toThrow('off');
      expect(await login('plus', passwordOf('plus'))).toBe(true);
    });
  });
}
