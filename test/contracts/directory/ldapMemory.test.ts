import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CANARY } from '../../lab/callCentre.ts';
import { PEOPLE } from '../../lab/ldif.ts';
import { slapdMissing, startSlapd } from '../../lab/slapd.ts';

const PROGRAM = fileURLToPath(new URL('../../lab/heapAfterLogins.ts', import.meta.url));

test('after logins and a change no password is left in memory', async (ctx) => {
  ctx.skip(slapdMissing() !== undefined, slapdMissing());
  await using slapd = await startSlapd({ agents: 2 });
  const settings = {
    type: 'ldap',
    name: 'call',
    servers: [slapd.tlsUrl],
    caFile: slapd.caFile,
    bindDn: slapd.serviceDn,
    passwordFile: slapd.passwordFile,
    userBase: PEOPLE,
  };
  const child = execFile(process.execPath, ['--expose-gc', PROGRAM]);
  child.stdin!.end(`${JSON.stringify(settings)}\nanna\n${CANARY}`);
  const said = Promise.all([text(child.stdout!), text(child.stderr!)]);
  await once(child, 'exit');
  const [output, errors] = await said;
  expect([JSON.parse(output || '{}'), errors]).toEqual([
    { outcomes: ['let in', 'wrong-password', 'wrong-password', 'changed'], held: 0 },
    '',
  ]);
});
