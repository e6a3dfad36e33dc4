import { getHeapSnapshot } from 'node:v8';
import { silentLog, systemClock } from '@anyseat/base';
import { LdapDirectory } from '../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../hub/src/directory/ldap/settings.ts';

/**
 * A process of its own, because the test that looks holds the password itself: reads settings, user and password, one a
 * line, from standard input, logs in with the right and a wrong password and changes it, and prints how often the password stands in its
 * heap before and after the garbage is collected. Run with --expose-gc.
 */
let secret: Buffer | undefined;
const [settings, user] = await readInput();
await using directory = new LdapDirectory(ldapSettings.parse(JSON.parse(settings)), {
  clock: systemClock,
  log: silentLog,
});
const outcomes = [await login(''), await login('x'), await change('x'), await change('')];
await systemClock.sleep(50);
globalThis.gc?.();
await systemClock.sleep(50);
globalThis.gc?.();
process.stdout.write(JSON.stringify({ outcomes, held: await countInHeap() }));

async function readInput(): Promise<[string, string]> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const all = Buffer.concat(chunks);
  const last = all.lastIndexOf('\n');
  secret = Buffer.from(all.subarray(last + 1));
  const [first, second] = all.toString('utf8', 0, last).split('\n');
  return [first!, second!];
}

async function login(more: string): Promise<string> {
  const answer = await directory.authenticate(user, secret!.toString() + more, new AbortController().signal);
  return answer.ok ? 'let in' : answer.reason;
}

async function change(more: string): Promise<string> {
  const old = secret!.toString() + more;
  const answer = await directory.changePassword(
    user,
    old,
    `new ${secret!.toString()}`,
    new AbortController().signal,
  );
  return answer.ok ? 'changed' : answer.reason;
}

/** Looks for bytes, so that looking does not make the string that it looks for. */
async function countInHeap(): Promise<number> {
  let count = 0;
  let tail = Buffer.alloc(0);
  for await (const chunk of getHeapSnapshot()) {
    const bytes = Buffer.concat([tail, Buffer.from(chunk as Buffer)]);
    for (let at = bytes.indexOf(secret!); at >= 0; at = bytes.indexOf(secret!, at + 1)) count++;
    tail = bytes.subarray(Math.max(0, bytes.length - secret!.length + 1));
  }
  return count;
}
