import { readFileSync } from 'node:fs';
import { checkConfig, ConfigFault, messageOf, parseYaml, type ParsedYaml, type Problem } from '@anyseat/base';
import { z } from 'zod';
import { parseDn } from '../domain/distinguishedName.ts';
import { isPasswordHash } from './passwordHash.ts';

const text = z.string().min(1);

const attributeValues = z.union([text.transform((value) => [value]), z.array(text).min(1)]);

const user = z.strictObject({
  user: z
    .string()
    .regex(/^\S(?:.{0,254}\S)?$/u, {
      error: 'is not a login name: up to 256 characters, no spaces around it',
    })
    .meta({ description: 'Login name, without regard to case.' }),
  displayName: text.optional().meta({ description: 'Name as shown; without it, the login name.' }),
  uuid: z.uuid({ error: 'is not a UUID' }).meta({
    description: 'What stays when everything else about the person changes. Never give it to somebody else.',
  }),
  password: z
    .string()
    .refine(isPasswordHash, {
      error: 'is not a hash of argon2id or scrypt; make one with hub/src/directory/hashPasswordCommand.ts',
    })
    .meta({ description: 'Hash of the password.' }),
  ou: z
    .string()
    .refine((dn) => parseDn(dn) !== undefined, {
      error: 'is not a distinguished name (RFC 4514), as in ou=sales,dc=call',
    })
    .default('')
    .meta({ description: 'Distinguished name of the OU that the person lives in.' }),
  groups: z.array(text).default([]).meta({ description: 'All groups of the person, by name.' }),
  attributes: z.record(text, attributeValues).default({}).meta({
    description: 'What allocators can match beside groups: each a text or a list of texts.',
  }),
  disabled: z.boolean().default(false).meta({ description: 'The person is known and may not log in.' }),
});

/** A small file of people: for laboratories, and for the accounts of last resort. */
export const usersFileSchema = z.strictObject({
  users: z.array(user).meta({ description: 'The people of this directory.' }),
});

export type FileUser = z.output<typeof user>;

/** Login names are the same without regard to case and to how letters are composed. */
export const loginKey = (name: string): string => name.normalize('NFKC').toLowerCase();

/** People by the key of their login name. @throws ConfigFault with every problem of the file at once. */
export function readUsersFile(file: string): Map<string, FileUser> {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigFault(file, [{ where: file, path: '', text: `cannot be read: ${messageOf(error)}` }]);
  }
  const yaml = parseYaml(content, file);
  const { users } = checkConfig(usersFileSchema, yaml, file);
  const problems = [
    ...twice(users, yaml, 'user', (one) => loginKey(one.user)),
    ...twice(users, yaml, 'uuid', (one) => one.uuid.toLowerCase()),
  ];
  if (problems.length > 0) throw new ConfigFault(file, problems);
  return new Map(users.map((one) => [loginKey(one.user), one]));
}

function twice(
  users: readonly FileUser[],
  yaml: ParsedYaml,
  field: 'user' | 'uuid',
  key: (one: FileUser) => string,
): Problem[] {
  const first = new Map<string, number>();
  return users.flatMap((one, i) => {
    const before = first.get(key(one));
    if (before === undefined) {
      first.set(key(one), i);
      return [];
    }
    const where = yaml.placeOf(['users', i, field]);
    return [{ where, path: `users[${i}].${field}`, text: `is the same as that of users[${before}]` }];
  });
}
