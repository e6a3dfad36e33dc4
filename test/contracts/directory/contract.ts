import { inspect } from 'node:util';
import { openLog, type Log } from '@anyseat/base';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { dnText } from '../../../hub/src/domain/distinguishedName.ts';
import type { AuthAnswer, AuthRefusal, Person } from '../../../hub/src/domain/person.ts';
import type { Directory } from '../../../hub/src/directory/directory.ts';
import { CANARY, CAST, type CallCentre, type Staff, type StaffState } from '../../lab/callCentre.ts';

/** A directory under test, filled with a call centre of `test/lab/callCentre.ts`. */
export interface Stage extends AsyncDisposable {
  centre: CallCentre;
  open(log: Log): Promise<Directory>;
  /** How this directory gives a person; its `id` is its own affair. */
  personOf(staff: Staff): Omit<Person, 'id'>;
  /** How it answers the right password of people in a state; who is in another one is let in. */
  refusals: Partial<Record<StaffState, AuthAnswer>>;
  /** Whom it would not let in for good, as far as it shows that without a password. */
  barred: Readonly<Record<string, AuthRefusal>>;
}

/** What every directory must do, whatever stands behind it. One test a promise of the port. */
export function directoryContract(
  name: string,
  missing: string | undefined,
  raise: () => Promise<Stage>,
): void {
  describe(`a directory on ${name}`, () => {
    const lines: string[] = [];
    let stage: Stage;
    let directory: Directory;
    const never = new AbortController().signal;
    const needs = (ctx: TestContext) => ctx.skip(missing !== undefined, missing);
    const staffNamed = (user: string) => CAST.find((one) => one.user === user)!;
    const login = (user: string, password: string) => directory.authenticate(user, password, never);

    beforeAll(async () => {
      if (missing !== undefined) return;
      stage = await raise();
      const destination = { write: (line: string) => void lines.push(line) };
      directory = await stage.open(openLog({ name: 'contract', level: 'trace', destination }));
    });
    afterAll(async () => {
      await directory?.[Symbol.asyncDispose]();
      await stage?.[Symbol.asyncDispose]();
    });

    test('lets everybody in with their password, with all groups, OU and attributes', async (ctx) => {
      needs(ctx);
      const able = CAST.filter((one) => one.state === undefined || stage.refusals[one.state] === undefined);
      const seen = await Promise.all(able.map((one) => login(one.user, one.password)));
      expect(seen.map(even)).toEqual(
        able.map((one) => ({
          ok: true,
          person: { id: expect.any(String), ...evenPerson(stage.personOf(one)) },
        })),
      );
      expect(able.length).toBeGreaterThan(7);
    });

    test('gives a person an id of its own that does not hold the login name', async (ctx) => {
      needs(ctx);
      const ids = await Promise.all(
        ['anna', 'wang', 'jürgen'].map(async (user) => (await directory.find(user, never))?.id ?? ''),
      );
      expect(new Set(ids).size).toBe(3);
      for (const id of ids)
        expect(id).toMatch(new RegExp(`^${directory.name}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`));
    });

    test('finds the same person without a password, and nobody for a name that nobody has', async (ctx) => {
      needs(ctx);
      const answer = await login('anna', staffNamed('anna').password);
      const found = await Promise.all(['anna', 'nobody', '', '*'].map((user) => directory.find(user, never)));
      expect(found.map((person) => person && evenPerson(person))).toEqual([
        answer.ok ? evenPerson(answer.person) : undefined,
        undefined,
        undefined,
        undefined,
      ]);
    });

    test('says later by their id what has become of people, without a password', async (ctx) => {
      needs(ctx);
      const looks = async (user: string) => {
        const id = (await directory.find(user, never))!.id;
        const standing = await directory.look(id, never);
        return [user, standing?.person.id === id && standing.person.user, standing?.barred];
      };
      const users = ['anna', 'wang', 'locked', 'fresh', 'disabled', 'expired'];
      const seen = await Promise.all(users.map(looks));
      expect(seen).toEqual(users.map((user) => [user, user, stage.barred[user]]));
      const anna = (await directory.find('anna', never))!;
      const standing = await directory.look(anna.id, never);
      expect(standing && evenPerson(standing.person)).toEqual(evenPerson(anna));
    });

    test('has nobody any more by an id that it never gave', async (ctx) => {
      needs(ctx);
      const ids = ['00000000-0000-4000-8000-000000000000', 'no-uuid', '*', ''];
      const looks = await Promise.all(ids.map((id) => directory.look(`${directory.name}:${id}`, never)));
      expect(looks).toEqual(ids.map(() => undefined));
    });

    test('says which groups it does not have, by their plain and by their whole names', async (ctx) => {
      needs(ctx);
      const { groups } = (await directory.find('anna', never))!;
      const whole = groups.filter((group) => group.includes('='));
      const plain = groups.map((group) => /^\w+=([^,\\]+),/.exec(group)?.[1] ?? group);
      expect(groups.length).toBeGreaterThan(0);
      const wrong = ['no such group', 'cn=no such group,dc=call', '*', 'a)(cn=*'];
      const wanted = [...whole, ...plain.map((name) => name.toUpperCase()), ...wrong];
      expect(await directory.unknownGroups(wanted, never)).toEqual(wrong);
      expect(await directory.unknownGroups([], never)).toEqual([]);
    });

    test('takes a login name without regard to case and spaces around it, and says how it is spelled', async (ctx) => {
      needs(ctx);
      const answers = await Promise.all(
        [' ANNA', 'Anna '].map((user) => login(user, staffNamed('anna').password)),
      );
      expect(answers.map((answer) => answer.ok && answer.person.user)).toEqual(['anna', 'anna']);
    });

    test('refuses a wrong, a nearly right and an empty password, and says which it was', async (ctx) => {
      needs(ctx);
      const right = staffNamed('jürgen').password;
      const tries = ['wrong', right.trim(), right, right.toUpperCase(), `${right}x`, ''];
      const answers: AuthAnswer[] = [];
      for (const password of tries) answers.push(await login('jürgen', password));
      expect(answers.map((answer) => answer.ok || answer.reason)).toEqual([
        'wrong-password',
        'wrong-password',
        true,
        'wrong-password',
        'wrong-password',
        'empty-password',
      ]);
    });

    test('knows nobody by a name that is a filter, a pattern, a DN or too long', async (ctx) => {
      needs(ctx);
      const names = [
        '*',
        'ann*',
        'anna)(uid=*',
        '*)(|(uid=*',
        'anna\0',
        '\\61nna',
        'cn=anna',
        'x'.repeat(5000),
        '',
        ' ',
        'a\nb',
      ];
      const answers = await Promise.all(names.map((user) => login(user, CANARY)));
      expect(answers).toEqual(names.map(() => ({ ok: false, reason: 'unknown-user' })));
    });

    test('tells people who may not come in why, once their password is right', async (ctx) => {
      needs(ctx);
      const kept = CAST.filter((one) => one.state !== undefined && stage.refusals[one.state] !== undefined);
      const answers = [];
      for (const one of kept) answers.push([one.state, await login(one.user, one.password)]);
      expect(answers).toEqual(kept.map((one) => [one.state, stage.refusals[one.state!]]));
      expect(kept.length).toBeGreaterThan(0);
    });

    test('answers many at once', async (ctx) => {
      needs(ctx);
      const agents = stage.centre.staff.slice(CAST.length);
      const answers = await Promise.all(
        agents.map((one, i) => login(one.user, i % 10 === 9 ? 'wrong' : one.password)),
      );
      expect(answers.map((answer) => (answer.ok ? answer.person.user : answer.reason))).toEqual(
        agents.map((one, i) => (i % 10 === 9 ? 'wrong-password' : one.user)),
      );
    });

    test('stops when it is called off', async (ctx) => {
      needs(ctx);
      const off = AbortSignal.abort(new Error('the person walked away'));
      await expect(directory.authenticate('anna', CANARY, off)).rejects.toThrow('walked away');
      await expect(directory.find('anna', off)).rejects.toThrow('walked away');
    });

    test('says that it is well', (ctx) => {
      needs(ctx);
      expect(directory.health()).toEqual({
        ok: true,
        text: expect.stringContaining(`directory ${directory.name}: `),
      });
    });

    test('never shows a password in a log line or an answer', async (ctx) => {
      needs(ctx);
      const shown = await Promise.all([
        login('anna', CANARY),
        login('wang', CANARY),
        login('nobody', CANARY),
        directory.find('anna', never),
        directory
          .authenticate('anna', CANARY, AbortSignal.abort(new Error('off')))
          .catch((error: unknown) => error),
      ]);
      const all =
        lines.join('') +
        inspect(shown, { depth: 20, showHidden: true }) +
        inspect(directory, { depth: 20, showHidden: true });
      expect(
        stage.centre.staff.map((one) => one.password).filter((password) => all.includes(password)),
      ).toEqual([]);
    });
  });
}

/** Names spelled alike, groups in one order: the port promises neither. */
function evenPerson<T extends { dn: string; groups: readonly string[] }>(person: T): T {
  return { ...person, dn: dnText(person.dn), groups: person.groups.map(dnText).sort() };
}

const even = (answer: AuthAnswer) => (answer.ok ? { ok: true, person: evenPerson(answer.person) } : answer);
