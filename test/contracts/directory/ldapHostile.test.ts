import { once } from 'node:events';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { inspect } from 'node:util';
import { isFault, openLog, systemClock } from '@anyseat/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LdapDirectory } from '../../../hub/src/directory/ldap/ldapDirectory.ts';
import { ldapSettings } from '../../../hub/src/directory/ldap/settings.ts';
import { CANARY } from '../../lab/callCentre.ts';

/**
 * A server that answers like a good one, but for one kind of request, which it answers as a test likes: to its person
 * that is never more than a directory that cannot be asked.
 */
type Answer = (request: Buffer, socket: Socket) => Buffer;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-hostile-'));
  writeFileSync(join(folder, 'password'), 'service-Pw-5520');
});
afterAll(() => rmSync(folder, { recursive: true }));

function element(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.from([0x84, 0, 0, 0, 0]);
  length.writeUInt32BE(content.length, 1);
  return Buffer.concat([
    Buffer.from([tag]),
    content.length < 128 ? Buffer.from([content.length]) : length,
    content,
  ]);
}
const octets = (text: string) => element(0x04, Buffer.from(text));
const idOf = (request: Buffer) => {
  const at = request[1]! < 0x80 ? 2 : 2 + (request[1]! - 0x80);
  return request.subarray(at, at + 2 + request[at + 1]!);
};
const reply = (request: Buffer, ...parts: Buffer[]) => element(0x30, idOf(request), ...parts);
const result = (tag: number, code: number, text = '') =>
  element(tag, element(0x0a, Buffer.from([code])), octets(''), octets(text));
const attribute = (type: string, ...values: string[]) =>
  element(0x30, octets(type), element(0x31, ...values.map(octets)));
const anna = (request: Buffer, dn = 'cn=anna,dc=call') =>
  reply(
    request,
    element(
      0x64,
      octets(dn),
      element(
        0x30,
        attribute('uid', 'anna'),
        attribute('cn', 'Anna'),
        attribute('entryUUID', '55579b55-7896-50ce-a764-c47fed644f9b'),
      ),
    ),
  );
const done = (request: Buffer) => reply(request, result(0x65, 0));

const isBind = (request: Buffer) => request.includes(0x60);
const isOfPerson = (request: Buffer) => request.includes('cn=anna');
const isSearchForPerson = (request: Buffer) => request.includes('entryUUID');

function goodAnswer(request: Buffer): Buffer {
  if (isSearchForPerson(request)) return Buffer.concat([anna(request), done(request)]);
  // A name of a bind stands behind the version; whatever else is asked is empty.
  return opOf(request) === 0x60 ? reply(request, result(0x61, 0)) : done(request);
}
const opOf = (request: Buffer) => request[request.indexOf(idOf(request)) + idOf(request).length];

async function startHostile(answer: Answer): Promise<{ url: string; binds: () => number } & AsyncDisposable> {
  const open = new Set<Socket>();
  let binds = 0;
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    // Requests are small and asked one at a time: each comes in one piece.
    socket.on('data', (request: Buffer) => {
      if (opOf(request) === 0x60 && isOfPerson(request)) binds++;
      if (opOf(request) !== 0x42 && socket.writable) socket.write(answer(request, socket));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    binds: () => binds,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One login at such a server: how it ended, how long it took, and everything that was said about it. */
async function loginAt(answer: Answer, options: { scheme?: string; [setting: string]: unknown } = {}) {
  return actAt(answer, options, (directory) =>
    directory.authenticate('anna', CANARY, new AbortController().signal),
  );
}

/** One change of a password at such a server. */
const changeAt = (answer: Answer) =>
  actAt(answer, {}, (directory) =>
    directory.changePassword('anna', CANARY, `new ${CANARY}`, new AbortController().signal),
  );

async function actAt(
  answer: Answer,
  options: { scheme?: string; [setting: string]: unknown },
  act: (directory: LdapDirectory) => Promise<{ ok: boolean }>,
) {
  await using server = await startHostile(answer);
  const { scheme = 'ldap', ...more } = options;
  const lines: string[] = [];
  const settings = ldapSettings.parse({
    type: 'ldap',
    name: 'call',
    servers: [server.url.replace('ldap', scheme)],
    allowPlain: true,
    kind: 'openldap',
    bindDn: 'cn=service',
    passwordFile: join(folder, 'password'),
    userBase: 'dc=call',
    groups: { how: 'none' },
    limits: { connectMs: 500, answerMs: 1000 },
    ...more,
  });
  const log = openLog({
    name: 'test',
    level: 'trace',
    destination: { write: (line: string) => void lines.push(line) },
  });
  await using directory = new LdapDirectory(settings, { clock: systemClock, log });
  const started = systemClock.monotonic();
  const outcome = await act(directory).catch((error: unknown) => error);
  const told = lines.join('') + directory.health().text + inspect(outcome, { depth: 20, showHidden: true });
  return {
    outcome: isFault(outcome)
      ? outcome.code
      : outcome instanceof Error
        ? `${outcome.name}: ${outcome.message}`
        : (outcome as { ok: boolean }).ok,
    // One deadline of the settings, and not all of them; the rest is for a busy machine.
    inTime: systemClock.monotonic() - started < 4000,
    binds: server.binds(),
    showsPassword: told.includes(CANARY),
  };
}

const REFUSED = { outcome: 'directory-unavailable', inTime: true, showsPassword: false };
const onSearch =
  (make: Answer): Answer =>
  (request, socket) =>
    isSearchForPerson(request) ? make(request, socket) : goodAnswer(request);
const onBind =
  (make: Answer): Answer =>
  (request, socket) =>
    opOf(request) === 0x60 && isOfPerson(request) ? make(request, socket) : goodAnswer(request);

test('the good half of this server lets the person in', async () => {
  expect(await loginAt(goodAnswer)).toEqual({ outcome: true, inTime: true, binds: 1, showsPassword: false });
});

describe('a search answered', () => {
  test.each<[string, Answer]>([
    ['with nothing that is LDAP', () => Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
    ['with a length of two gigabytes', () => Buffer.from('30847fffffff', 'hex')],
    ['with a length below nought', () => Buffer.from('3084ffffffff02', 'hex')],
    ['by a bind that worked', (r) => reply(r, result(0x61, 0))],
    [
      'for another request',
      (r) => {
        const other = Buffer.from(anna(r));
        other[4] = other[4]! ^ 1;
        return other;
      },
    ],
    ['by an entry that never ends inside', (r) => reply(r, Buffer.from('640504003020ff', 'hex'))],
    ['by half an entry and silence', (r) => anna(r).subarray(0, 20)],
    [
      'by half an entry and the end',
      (r, socket) => (setImmediate(() => socket.end()), anna(r).subarray(0, 20)),
    ],
    ['by a referral alone', (r) => reply(r, result(0x65, 10))],
    [
      'by a person without a lasting id',
      (r) =>
        Buffer.concat([
          reply(r, element(0x64, octets('cn=anna'), element(0x30, attribute('uid', 'anna')))),
          done(r),
        ]),
    ],
  ])('%s lets nobody in', async (_, answer) => {
    const { binds, ...seen } = await loginAt(onSearch(answer));
    expect(seen).toEqual(REFUSED);
    expect(binds).toBeLessThanOrEqual(1);
  });

  test('by an entry without a name is nobody: an empty name would bind anonymously', async () => {
    const nameless = onSearch((r) => Buffer.concat([anna(r, ''), done(r)]));
    expect(await loginAt(nameless)).toEqual({ outcome: false, inTime: true, binds: 0, showsPassword: false });
  });

  test('with two people lets neither in', async () => {
    const twins = onSearch((r) => Buffer.concat([anna(r), anna(r, 'cn=anna,ou=two,dc=call'), done(r)]));
    expect(await loginAt(twins)).toEqual({ outcome: false, inTime: true, binds: 0, showsPassword: false });
  });

  test('with entries without end stops soon, and takes little memory', async () => {
    const before = process.memoryUsage().rss;
    let sent = 0;
    const endless = onSearch((request, socket) => {
      const many = Buffer.concat(Array.from({ length: 500 }, () => anna(request)));
      const more = () => {
        for (; !socket.destroyed && sent < 2_000_000_000; sent += many.length)
          if (!socket.write(many)) return;
      };
      socket.on('drain', more);
      setImmediate(more);
      return many;
    });
    const { binds, ...seen } = await loginAt(endless);
    expect([seen, binds]).toEqual([REFUSED, 0]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  test('with a hundred messages in one piece', async () => {
    const { outcome } = await loginAt(
      onSearch((r) =>
        Buffer.concat([
          ...Array.from({ length: 99 }, () => reply(r, element(0x73, octets('ldap://x')))),
          anna(r),
          done(r),
        ]),
      ),
    );
    expect(outcome).toBe(true);
  });
});

describe('a bind answered', () => {
  test.each<[string, Answer]>([
    [
      'by an empty response, which the library takes for success',
      (r) => reply(r, Buffer.from('6100', 'hex')),
    ],
    ['by a response without texts', (r) => reply(r, Buffer.from('61030a0100', 'hex'))],
    ['by a text longer than the response', (r) => reply(r, Buffer.from('61070a010004000405', 'hex'))],
    ['by a search that worked', done],
    ['by an extended operation that worked', (r) => reply(r, result(0x78, 0))],
    [
      'by a notice that the server closes',
      () => element(0x30, Buffer.from('020100', 'hex'), result(0x78, 52)),
    ],
    ['by "busy"', (r) => reply(r, result(0x61, 51))],
    ['by a challenge', (r) => reply(r, result(0x61, 14))],
    ['by a referral', (r) => reply(r, result(0x61, 10))],
    ['by echoing the password', (r) => reply(r, result(0x61, 80, `unexpected: ${CANARY}`))],
    ['by silence', () => Buffer.alloc(0)],
    ['by the end of the connection', (_, socket) => (socket.destroy(), Buffer.alloc(0))],
  ])('%s lets nobody in, and is asked once', async (_, answer) => {
    expect(await loginAt(onBind(answer))).toEqual({ ...REFUSED, binds: 1 });
  });

  test('by "wrong" with an echo of the password shows it nowhere', async () => {
    const echo = onBind((r) =>
      reply(r, result(0x61, 49, `no: ${CANARY}, AcceptSecurityContext error, data 533`)),
    );
    expect(await loginAt(echo)).toEqual({ outcome: false, inTime: true, binds: 1, showsPassword: false });
  });

  test('before it was sent is no answer', async () => {
    const early = (request: Buffer) =>
      opOf(request) === 0x60 && isOfPerson(request)
        ? Buffer.alloc(0)
        : Buffer.concat([goodAnswer(request), reply(request, result(0x61, 0))]);
    const { outcome } = await loginAt(early);
    expect(outcome).toBe('directory-unavailable');
  });
});

describe('a change of password answered', () => {
  const onChange =
    (make: Answer): Answer =>
    (request, socket) =>
      opOf(request) === 0x77 ? make(request, socket) : goodAnswer(request);

  test.each<[string, Answer]>([
    ['by an empty response', (r) => reply(r, Buffer.from('7800', 'hex'))],
    ['by a bind that worked', (r) => reply(r, result(0x61, 0))],
    ['by a text longer than the response', (r) => reply(r, Buffer.from('78070a010004000405', 'hex'))],
    ['by silence', () => Buffer.alloc(0)],
    ['by the end of the connection', (_, socket) => (socket.destroy(), Buffer.alloc(0))],
  ])('%s is not known to be made, and is asked once', async (_, answer) => {
    const seen = await changeAt(onChange(answer));
    expect(seen).toEqual({
      outcome: 'password-change-unknown',
      inTime: true,
      binds: 1,
      showsPassword: false,
    });
  });

  test('by "busy" and an echo of both passwords is not made, and shows neither', async () => {
    const seen = await changeAt(onChange((r) => reply(r, result(0x78, 51, `busy with ${CANARY}`))));
    expect(seen).toEqual({ ...REFUSED, binds: 1 });
  });

  test('by success is made', async () => {
    expect(await changeAt(onChange((r) => reply(r, result(0x78, 0))))).toEqual({
      outcome: true,
      inTime: true,
      binds: 1,
      showsPassword: false,
    });
  });
});

test(
  'whatever bytes a server sends, a person is let in or not, in time, and nothing breaks',
  { timeout: 120_000 },
  async () => {
    const garble = fc.array(
      fc.record({ at: fc.nat(5000), value: fc.integer({ min: 0, max: 255 }), cut: fc.boolean() }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(garble, fc.boolean(), async (changes, whole) => {
        const seen = await loginAt(
          (request) => {
            let bytes = Buffer.from(goodAnswer(request));
            if (!whole && !isSearchForPerson(request) && !isBind(request)) return bytes;
            for (const { at, value, cut } of changes) {
              if (bytes.length === 0) return bytes;
              bytes[at % bytes.length] = value;
              if (cut) bytes = bytes.subarray(0, at % bytes.length);
            }
            return bytes;
          },
          { limits: { connectMs: 150, answerMs: 500 } },
        );
        expect(['directory-unavailable', true, false]).toContain(seen.outcome);
        expect([seen.inTime, seen.binds <= 1, seen.showsPassword]).toEqual([true, true, false]);
      }),
      { numRuns: 150 },
    );
  },
);
