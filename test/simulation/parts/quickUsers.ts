import { randomBytes, randomUUID, scryptSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { PASSWORD } from '../../e2e/parts/smallSite.ts';

const b64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** A users file with these people, all with PASSWORD, hashed at the least cost there is: for thousands of logins. */
export function writeQuickUsers(file: string, users: readonly string[]): void {
  const salt = randomBytes(16);
  const password = `$scrypt$ln=1,r=1,p=1$${b64(salt)}$${b64(scryptSync(PASSWORD, salt, 32, { N: 2, r: 1, p: 1 }))}`;
  const people = users.map((user) => ({
    user,
    displayName: user,
    uuid: randomUUID(),
    password,
    groups: ['staff'],
  }));
  writeFileSync(file, JSON.stringify({ users: people }));
}
