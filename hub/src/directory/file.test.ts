import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFault, openLog, systemClock } from '@anyseat/base';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileDirectory } from './file.ts';
import { hashPassword, isPassword, isPasswordHash } from './passwordHash.ts';
import { readUsersFile } from './usersFile.ts';

const ANNA = '0b5c3a76-0d3c-4a52-9a6b-3f2f0c7f6f11';
const BO = '9e0c4bd3-96a3-4a3e-8d1c-1f5f7b0c2a22';
const cheap = '$scrypt$ln=4,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$DBOzRs3J5bNYV+CfQxhYGPSRvHcXpYdYs6D8eCp6tNk';

let folder: string;
let file: string;
const never = new AbortController().signal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-users-'));
  file = join(folder, 'users.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const user = (name: string, uuid: string, hash: string, more = '') =>
  `  - { user: ${name}, uuid: ${uuid}, password: '${hash}'${more} }\n`;

describe('a users file', () => {
  test('tells every problem at once, with its place', () => {
    const head =
      'users:\n  - user: " anna"\n    uuid: 12\n    password: secret\n    ou: sales\n    gruops: [a]\n';
    writeFileSync(file, head);
    expect(problemsOf(() => readUsersFile(file))).toEqual([
      `${file}:2:11 users[0].user is not a login name: up to 256 characters, no spaces around it`,
      `${file}:3:11 users[0].uuid is not a UUID`,
      `${file}:4:15 users[0].password is not a hash of argon2id or scrypt; make one with hub/src/directory/hashPasswordCommand.ts`,
      `${file}:5:9 users[0].ou is not a distinguished name (RFC 4514), as in ou=sales,dc=call`,
      `${file}:6:13 users[0].gruops no such setting; did you mean “groups”? Known here: user, displayName, uuid, password, ou, groups, attributes, disabled`,
    ]);
  });

  test('names nobody twice', () => {
    writeFileSync(file, `users:\n${user('anna', ANNA, cheap)}${user('Anna', ANNA, cheap)}`);
    expect(problemsOf(() => readUsersFile(file))).toEqual([
      `${file}:3:13 users[1].user is the same as that of users[0]`,
      `${file}:3:25 users[1].uuid is the same as that of users[0]`,
    ]);
  });

  test('that is missing is a problem with its name', () => {
    expect(problemsOf(() => readUsersFile(file))).toEqual([
      expect.stringContaining(`${file}  cannot be read`),
    ]);
  });
});

describe('a changed file', () => {
  test('counts from the next login on; a bad one leaves the people of before and says so', async () => {
    const lines: string[] = [];
    const log = openLog({ name: 'test', destination: { write: (line: string) => void lines.push(line) } });
    const hash = await hashPassword('one');
    writeFileSync(file, `users:\n${user('anna', ANNA, hash)}`);
    await using directory = await FileDirectory.open(
      { type: 'file', name: 'local', file },
      { clock: systemClock, log },
    );
    const known = async () =>
      (await Promise.all(['anna', 'bo'].map((name) => directory.find(name, never)))).map((p) => p?.user);

    const seen = [await known()];
    replace(`users:\n${user('anna', ANNA, hash)}${user('bo', BO, hash)}`);
    seen.push(await known());
    replace('users: nobody');
    seen.push(await known());
    const ill = directory.health();
    replace(`users:\n${user('bo', BO, hash)}`);
    seen.push(await known());

    expect(seen).toEqual([
      ['anna', undefined],
      ['anna', 'bo'],
      ['anna', 'bo'],
      [undefined, 'bo'],
    ]);
    expect(ill).toEqual({
      ok: false,
      text: expect.stringContaining(`still with 2 people of before, because ${file}`),
    });
    expect(directory.health()).toEqual({ ok: true, text: `directory local: 1 person in ${file}` });
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'users file read again',
      'users file is bad; the people of before stay',
      'users file read again',
    ]);
  });

  test('makes an old password wrong at once', async () => {
    writeFileSync(file, `users:\n${user('anna', ANNA, await hashPassword('one', 'scrypt'))}`);
    await using directory = await FileDirectory.open(
      { type: 'file', name: 'local', file },
      { clock: systemClock, log: openLog({ name: 'test', level: 'silent' }) },
    );
    const before = await directory.authenticate('ANNA ', 'one', never);
    replace(`users:\n${user('anna', ANNA, await hashPassword('two'), ', disabled: true')}`);
    expect([
      before.ok,
      await directory.authenticate('anna', 'one', never),
      await directory.authenticate('anna', 'two', never),
    ]).toEqual([true, { ok: false, reason: 'wrong-password' }, { ok: false, reason: 'account-disabled' }]);
  });
});

describe('a password hash', () => {
  test.each(['argon2id', 'scrypt'] as const)('of %s knows its password and no other', async (scheme) => {
    const [one, again] = [await hashPassword('Pß-王 ', scheme), await hashPassword('Pß-王 ', scheme)];
    expect([await isPassword('Pß-王 ', one), await isPassword('Pß-王', one), one === again]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('of another maker is checked too (RFC 7914 section 12, and the reference argon2)', async () => {
    const rfc =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
      'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const b64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
    const scrypt = `$scrypt$ln=14,r=8,p=1$${b64(Buffer.from('SodiumChloride'))}$${b64(Buffer.from(rfc, 'hex'))}`;
    const argon2 = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect([await isPassword('pleaseletmein', scrypt), await isPassword('password', argon2)]).toEqual([
      true,
      true,
    ]);
  });

  test.each([
    '',
    'secret',
    '$2b$10$abcdefghijklmnopqrstuv',
    '$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$scrypt$ln=20,r=32,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=65536,t=2,p=1$c29t$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ])('is not %j', async (text) => {
    expect([isPasswordHash(text), await isPassword('password', text)]).toEqual([false, false]);
  });
});

/** As an editor saves: a new file in the place of the old one. */
function replace(content: string): void {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

function problemsOf(act: () => unknown): string[] {
  try {
    act();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    return error.problems.map((p) => `${p.where} ${p.path} ${p.text}`);
  }
}
