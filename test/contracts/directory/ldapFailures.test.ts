import { createServer, type AddressInfo, type Socket } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isFault, openLog, systemClock } from '@anyseat/base';
import { afterEach, beforeEach, describe, expect, test, type TestContext } from 'vitest';
import type { AuthAnswer } from '../../../hub/src/domain/person.ts';
import { LdapDirectory } from '../../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../../hub/src/directory/ldap/settings.ts';
import { CANARY, CAST } from '../../lab/callCentre.ts';
import { PEOPLE, staffDn } from '../../lab/ldif.ts';
import { startLdapProxy, type LdapProxy } from '../../lab/ldapProxy.ts';
import { slapdMissing, startSlapd, type Slapd } from '../../lab/slapd.ts';

/** Scheduling on a busy machine, beside the limits that the settings give; less than the shortest of them, two seconds. */
const SLACK_MS = 1900;

const never = new AbortController().signal;
const anna = CAST[0]!;
const needs = (ctx: TestContext) => ctx.skip(slapdMissing() !== undefined, slapdMissing());

let first: Slapd;
let second: Slapd;
let proxies: [LdapProxy, LdapProxy];
let lines: string[];
let outcomes: unknown[];
const open: AsyncDisposable[] = [];

beforeEach(async () => {
  if (slapdMissing() !== undefined) return;
  lines = [];
  outcomes = [];
  [first, second] = await Promise.all([startSlapd({ agents: 20 }), startSlapd({ agents: 20 })]);
  proxies = [await startLdapProxy(first), await startLdapProxy(second)];
  open.push(first, second, ...proxies);
});

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
  if (slapdMissing() !== undefined) return;
  // Whatever happened in a test, nobody's password may be read from it.
  const told = lines.join('') + inspect(outcomes, { depth: 20, showHidden: true });
  expect(told).not.toContain(CANARY);
});

function openDirectory(servers: readonly string[], more: object = {}): LdapDirectory {
  const destination = { write: (line: string) => void lines.push(line) };
  const settings = ldapSettings.parse({
    type: 'ldap',
    name: 'call',
    servers,
    allowPlain: true,
    bindDn: first.serviceDn,
    passwordFile: first.passwordFile,
    userBase: PEOPLE,
    ...more,
  });
  const directory = new LdapDirectory(settings, {
    clock: systemClock,
    log: openLog({ name: 'test', level: 'trace', destination }),
  });
  open.push(directory);
  return directory;
}

/** How a login ended, in a word, and how long it took. */
async function login(directory: LdapDirectory, user = anna.user, password = anna.password, signal = never) {
  const started = systemClock.monotonic();
  const answer = await directory.authenticate(user, password, signal).catch((error: unknown) => error);
  outcomes.push(answer);
  return { answer: inAWord(answer), ms: systemClock.monotonic() - started };
}

function inAWord(answer: unknown): string {
  if (isFault(answer)) return `${answer.code} ${answer.retry}`;
  if (answer instanceof Error) return answer.message;
  const auth = answer as AuthAnswer;
  return auth.ok ? 'let in' : auth.reason;
}

async function until(what: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const started = systemClock.monotonic();
  while (!(await what())) {
    if (systemClock.monotonic() - started > withinMs) throw new Error(`not so within ${withinMs} ms`);
    await systemClock.sleep(10);
  }
  return systemClock.monotonic() - started;
}

const UNAVAILABLE = 'directory-unavailable transient';

/** Keeps the first proxy's server from answering whatever comes next of one kind. */
function stopAt(op: 'bind' | 'search', stop: () => void | Promise<void>): void {
  proxies[0].onRequest(async (seen): Promise<'pass'> => {
    if (seen.op === op && seen.name !== first.serviceDn) await stop();
    return 'pass';
  });
}

const bindsOfAnna = () => proxies.map((proxy) => proxy.binds().filter((dn) => dn === staffDn(anna)).length);
const both = () => proxies.map((proxy) => proxy.url);

describe('a server that stops in the middle of a bind', () => {
  test.for([
    ['is killed', () => first.kill()],
    ['hangs', () => first.pause()],
  ] as const)('and %s: the person hears in time, and the bind goes to nobody else', async ([, stop], ctx) => {
    needs(ctx);
    const directory = openDirectory(both());
    await login(directory, 'obrien', CAST[1]!.password);
    stopAt('bind', stop);
    const { answer, ms } = await login(directory);
    first.resume();
    expect([answer, ms < 5000 + SLACK_MS, bindsOfAnna()]).toEqual([UNAVAILABLE, true, [1, 0]]);
  });

  test('by cutting the connection is not asked again by itself', async (ctx) => {
    needs(ctx);
    const directory = openDirectory(both());
    await login(directory, 'obrien', CAST[1]!.password);
    proxies[0].onRequest(({ name }) => (name === staffDn(anna) ? 'cut' : 'pass'));
    const cut = await login(directory);
    const binds = bindsOfAnna();
    proxies[0].onRequest(() => 'pass');
    const after = await login(directory);
    expect([cut.answer, binds, after.answer]).toEqual([UNAVAILABLE, [1, 0], 'let in']);
  });

  test('costs one bind also when the person walks away', async (ctx) => {
    needs(ctx);
    const directory = openDirectory(both());
    await login(directory, 'obrien', CAST[1]!.password);
    const away = new AbortController();
    proxies[0].onRequest(({ name }) => {
      if (name !== staffDn(anna)) return 'pass';
      away.abort(new Error('walked away'));
      return 'hold';
    });
    const { answer, ms } = await login(directory, anna.user, anna.password, away.signal);
    expect([answer, ms < SLACK_MS, bindsOfAnna()]).toEqual(['walked away', true, [1, 0]]);
  });
});

describe('a change of password', () => {
  async function change(directory: LdapDirectory) {
    const started = systemClock.monotonic();
    const answer = await directory
      .changePassword(anna.user, anna.password, `new ${anna.password}`, never)
      .then((one) => one.ok || one.reason)
      .catch((error: unknown) => (isFault(error) ? error.code : error));
    outcomes.push(answer);
    return { answer, ms: systemClock.monotonic() - started };
  }

  test.for([
    ['hung', 'hold'],
    ['cut', 'cut'],
  ] as const)(
    'that is %s once it was sent is said to be unknown, and sent to nobody else',
    async ([, what], ctx) => {
      needs(ctx);
      const directory = openDirectory(both());
      await login(directory, 'obrien', CAST[1]!.password);
      let changes = 0;
      for (const proxy of proxies) proxy.onRequest(({ op }) => (op === 'other' ? (changes++, what) : 'pass'));
      const { answer, ms } = await change(directory);
      expect([answer, ms < 5000 + SLACK_MS, bindsOfAnna(), changes]).toEqual([
        'password-change-unknown',
        true,
        [1, 0],
        1,
      ]);
    },
  );

  test('goes to the next server where the first is down; where all are, that is said, and nothing was tried', async (ctx) => {
    needs(ctx);
    const directory = openDirectory(both());
    await first.kill();
    const changed = await change(directory);
    await second.kill();
    const down = await change(directory);
    expect([changed.answer, down.answer, down.ms < 2000 + SLACK_MS]).toEqual([
      true,
      'directory-unavailable',
      true,
    ]);
  });
});

describe('a server that stops in the middle of a search', () => {
  test.for([
    ['is killed', () => first.kill(), 500],
    ['hangs', () => first.pause(), 2500],
  ] as const)(
    'and %s: the other one is searched, and one bind is sent in all',
    async ([, stop, withinMs], ctx) => {
      needs(ctx);
      const directory = openDirectory(both());
      await login(directory, 'obrien', CAST[1]!.password);
      stopAt('search', stop);
      const { answer, ms } = await login(directory);
      first.resume();
      expect([answer, ms < withinMs + SLACK_MS, bindsOfAnna()]).toEqual(['let in', true, [0, 1]]);
    },
  );

  test('and hangs, with no other: the person hears within five seconds, and no bind is sent', async (ctx) => {
    needs(ctx);
    const directory = openDirectory([proxies[0].url]);
    await login(directory, 'obrien', CAST[1]!.password);
    stopAt('search', () => first.pause());
    const { answer, ms } = await login(directory);
    const again = await login(directory);
    first.resume();
    expect([answer, ms < 5000 + SLACK_MS, bindsOfAnna()]).toEqual([UNAVAILABLE, true, [0, 0]]);
    // Who comes next does not wait for what is known not to answer, but for the one look that is taken at it.
    expect([again.answer, again.ms < 2000 + SLACK_MS]).toEqual([UNAVAILABLE, true]);
  });
});

describe('a server that cannot be reached', () => {
  test('costs nothing when it refuses, and next to nothing once it is known', async (ctx) => {
    needs(ctx);
    await first.kill();
    const directory = openDirectory([first.url, second.url]);
    const seen = [await login(directory), await login(directory)];
    expect(seen.map(({ answer, ms }) => [answer, ms < SLACK_MS])).toEqual([
      ['let in', true],
      ['let in', true],
    ]);
    expect(directory.health()).toEqual({
      ok: true,
      text: expect.stringMatching(
        /127\.0\.0\.1:\d+ has not answered since \S+ \(.*ECONNREFUSED.*\); .*:\d+ answers$/,
      ),
    });
  });

  test('costs at most two seconds when it takes connections and says nothing', async (ctx) => {
    needs(ctx);
    await using silent = await silentServer();
    const directory = openDirectory([silent.url, second.url]);
    const seen = [await login(directory), await login(directory)];
    expect(seen.map(({ answer, ms }, i) => [answer, ms < [2000, 0][i]! + SLACK_MS])).toEqual([
      ['let in', true],
      ['let in', true],
    ]);
  });

  test('is told within two seconds when there are three such and no other, and then at once', async (ctx) => {
    needs(ctx);
    await using silent = await silentServer();
    const names = ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((host) =>
      silent.url.replace('127.0.0.1', host),
    );
    const directory = openDirectory(names);
    const seen = [await login(directory), await login(directory)];
    expect(seen.map(({ answer, ms }, i) => [answer, ms < [2000, 100][i]! + SLACK_MS])).toEqual([
      [UNAVAILABLE, true],
      [UNAVAILABLE, true],
    ]);
    expect(directory.health().ok).toBe(false);
  });

  test('is used again within three seconds of its return, before any other', async (ctx) => {
    needs(ctx);
    const directory = openDirectory(both());
    await login(directory);
    await first.kill();
    const away = await login(directory);
    await systemClock.sleep(1000);
    await first.start();
    const ms = await until(async () => {
      await login(directory);
      return bindsOfAnna()[0]! >= 2;
    }, 20_000);
    expect([away.answer, ms < 3000 + SLACK_MS]).toEqual(['let in', true]);
  });

  test('that was alone and comes back lets people in again; the log says each change once', async (ctx) => {
    needs(ctx);
    const directory = openDirectory([first.url]);
    await login(directory);
    await first.kill();
    const down = await login(directory);
    await first.start();
    await until(async () => (await login(directory)).answer === 'let in', 20_000);
    const told = lines
      .map((line) => JSON.parse(line) as { msg: string; level: number })
      .filter(({ level }) => level >= 30);
    expect([down.answer, told.map(({ msg }) => msg)]).toEqual([
      UNAVAILABLE,
      ['directory server answers', 'directory server does not answer', 'directory server answers'],
    ]);
  });

  test('because every idle connection was dropped: the next person does not notice', async (ctx) => {
    needs(ctx);
    const directory = openDirectory([proxies[0].url]);
    await login(directory);
    proxies[0].cutAll();
    await until(() => proxies[0].connections <= 1, 20_000);
    expect((await login(directory)).answer).toBe('let in');
  });
});

describe('the service account', () => {
  test('is tried once with a wrong password, and again when its file changes', async (ctx) => {
    needs(ctx);
    const passwordFile = join(first.folder, 'wrong-password');
    writeFileSync(passwordFile, 'wrong\n');
    const directory = openDirectory([proxies[0].url], { passwordFile });
    const refused = [await login(directory), await login(directory), await login(directory)];
    // Several of its own checks have passed by now.
    await systemClock.sleep(2500);
    const serviceBinds = proxies[0].seen.filter(({ op }) => op === 'bind').length;
    const ill = directory.health();
    writeFileSync(passwordFile, 'service-Pw-5520');
    await until(async () => (await login(directory)).answer === 'let in', 20_000);
    expect([refused.map(({ answer }) => answer), serviceBinds, ill]).toEqual([
      [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE],
      1,
      { ok: false, text: expect.stringContaining('refused the service account') },
    ]);
  });

  test('without a password file is said by the name of the file', async (ctx) => {
    needs(ctx);
    const directory = openDirectory([first.url], { passwordFile: '/nonexistent/password' });
    expect([(await login(directory)).answer, directory.health().text]).toEqual([
      UNAVAILABLE,
      expect.stringContaining(
        "password cannot be read: ENOENT: no such file or directory, open '/nonexistent/password'",
      ),
    ]);
  });
});

describe('what an operator must change', () => {
  test('is a terminal fault: a base that is not there', async (ctx) => {
    needs(ctx);
    const directory = openDirectory([first.url], { userBase: 'ou=nowhere,dc=call,dc=example' });
    expect((await login(directory)).answer).toBe('directory-unavailable terminal');
  });

  test('is told before any password is sent: a wrong CA, a wrong name, no TLS on the other side', async (ctx) => {
    needs(ctx);
    const lines: object[] = [
      { servers: [first.tlsUrl], caFile: second.caFile },
      { servers: [first.tlsUrl] },
      { servers: [first.tlsUrl], caFile: first.caFile, serverName: 'dc9.example' },
      { servers: [first.url], startTls: true, caFile: second.caFile },
      { servers: [first.url.replace('ldap:', 'ldaps:')], caFile: first.caFile, limits: { connectMs: 500 } },
    ];
    const seen = [];
    for (const line of lines) {
      const directory = openDirectory([], { allowPlain: false, ...line });
      seen.push([(await login(directory)).answer, /\((.*)\)$/s.exec(directory.health().text)?.[1]]);
    }
    expect(seen).toEqual([
      [UNAVAILABLE, expect.stringContaining('self-signed certificate')],
      [UNAVAILABLE, expect.stringContaining('self-signed certificate')],
      [UNAVAILABLE, expect.stringContaining("does not match certificate's altnames")],
      [UNAVAILABLE, expect.stringContaining('self-signed certificate')],
      [UNAVAILABLE, expect.any(String)],
    ]);
  });
});

describe('more people than connections', () => {
  test('wait in line, and each is bound once', async (ctx) => {
    needs(ctx);
    const directory = openDirectory([proxies[0].url], { pool: { search: 1, bind: 1 } });
    const staff = first.centre.staff.slice(-20);
    const seen = await Promise.all(staff.map((one) => login(directory, one.user, one.password)));
    expect([seen.map(({ answer }) => answer), proxies[0].binds().sort()]).toEqual([
      staff.map(() => 'let in'),
      staff.map(staffDn).sort(),
    ]);
  });

  test('and a line that is full tells the rest at once', async (ctx) => {
    needs(ctx);
    const directory = openDirectory([proxies[0].url], { pool: { search: 1, bind: 1, waiting: 3 } });
    await login(directory);
    const seen = await Promise.all(
      first.centre.staff.slice(-20).map((one) => login(directory, one.user, one.password)),
    );
    const answers = seen.map(({ answer }) => answer);
    expect([
      answers.filter((a) => a === 'let in').length,
      answers.filter((a) => a === UNAVAILABLE).length,
    ]).toEqual([4, 16]);
    expect(Math.max(...seen.filter(({ answer }) => answer === UNAVAILABLE).map(({ ms }) => ms))).toBeLessThan(
      SLACK_MS,
    );
    expect(directory.health().ok).toBe(true);
  });
});

describe('without a service account', () => {
  const direct = () => ({
    bindDn: undefined,
    passwordFile: undefined,
    bindPattern: 'cn={user},ou=Night,ou=Sales,ou=people,dc=call,dc=example',
  });

  test('the person who binds is the person who is shown', async (ctx) => {
    needs(ctx);
    const directory = openDirectory([proxies[0].url], { ...direct(), groups: { how: 'none' } });
    const seen = [
      await login(directory, 'Anna Müller'),
      await login(directory, 'Anna Müller', 'wrong'),
      await login(directory, 'nobody'),
      await login(directory, 'cyclist,ou=Night', 'x'),
    ];
    expect(seen.map(({ answer }) => answer)).toEqual([
      'let in',
      'wrong-password',
      'wrong-password',
      'wrong-password',
    ]);
    expect(proxies[0].binds().length).toBe(4);
    await expect(directory.find('anna', never)).rejects.toMatchObject({ code: 'directory-cannot-search' });
    await expect(directory.look('call:x', never)).rejects.toMatchObject({ code: 'directory-cannot-search' });
    expect(directory.health().text).toContain('nobody can be looked up');
  });
});

async function silentServer(): Promise<{ url: string } & AsyncDisposable> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
