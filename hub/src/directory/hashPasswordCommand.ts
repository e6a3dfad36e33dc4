import { text } from 'node:stream/consumers';
import { hashPassword } from './passwordHash.ts';

/**
 * Reads a password from standard input, never from arguments, and prints what stands in a users file for it:
 *
 *     node hub/src/directory/hashPasswordCommand.ts [argon2id|scrypt] < password-file
 *
 * One newline at the end is not part of the password. Exit code 64 for an empty password or an unknown scheme.
 */
if (import.meta.main) {
  const scheme = process.argv[2] ?? 'argon2id';
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '' || (scheme !== 'argon2id' && scheme !== 'scrypt')) {
    process.stderr.write(
      'usage: hashPasswordCommand.ts [argon2id|scrypt], with the password on standard input\n',
    );
    process.exitCode = 64;
  } else {
    process.stdout.write(`${await hashPassword(password, scheme)}\n`);
  }
}
