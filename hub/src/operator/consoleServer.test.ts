import { get as httpGet, request as httpRequest, type IncomingMessage } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { silentLog, systemClock, type Log } from '@anyseat/base';
import type { Directory } from '../directory/directory.ts';
import type { Person } from '../domain/person.ts';
import { Brake } from '../login/brake.ts';
import { Directories } from '../login/directories.ts';
import { API_PREFIX, operatorRoles, type OperatorRole } from '@anyseat/protocol';
import { openConsoleServer, type ConsoleServer } from './consoleServer.ts';
import { ConsolePeople } from './consolePeople.ts';
import { ConsoleSessions } from './consoleSessions.ts';
import { Hints } from './hints.ts';
import type { RoleOfGroup } from './permissions.ts';
import { routes, type OperatorDeps, type Route } from './routes.ts';

let folder: string;
let server: ConsoleServer;
let sessions: ConsoleSessions;
let hints: Hints;
let people: ConsolePeople;
/** Who is in the directory; each has the password `right`. */
let groupsOf: Record<string, string[]>;
const audited: string[] = [];

const personOf = (user: string): Person => ({
  id: `d:${user}`,
  directory: 'd',
  user,
  displayName: user,
  dn: `uid=${user}`,
  groups: groupsOf[user]!,
  attributes: {},
});
const directory = {
  name: 'd',
  authenticate: (user: string, password: string) =>
    Promise.resolve(
      !groupsOf[user]
        ? { ok: false, reason: 'unknown-user' }
        : password === 'right'
          ? { ok: true, person: personOf(user) }
          : { ok: false, reason: 'wrong-password' },
    ),
  look: (id: string) => {
    const user = id.slice(2);
    return Promise.resolve(groupsOf[user] && { person: personOf(user), barred: undefined });
  },
} as unknown as Directory;

beforeEach(() => {
  groupsOf = { 'li.na': ['desk', 'nantong-it'], 'wu.di': ['people'] };
});
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>console</title>');
  writeFileSync(join(folder, 'assets/a-1.js'), 'export const a = 1;\n'.repeat(500));
  writeFileSync(join(folder, 'notes.txt'), 'not served');
  sessions = new ConsoleSessions(systemClock);
  hints = new Hints(systemClock);
  people = new ConsolePeople({
    roles: [
      { group: 'desk', role: 'help' },
      { group: 'nantong-it', role: 'operate', sites: ['nantong'] },
    ],
    sessions,
    store: bareHub().store,
    directories: new Directories([directory]),
    brake: new Brake(systemClock),
    log: silentLog,
  });
  server = await openConsoleServer({
    host: '127.0.0.1',
    port: 0,
    origins: ['https://console.call.example'],
    pageDir: folder,
    sessions,
    people,
    hints,
    deps: bareHub(),
    clock: systemClock,
    log: silentLog,
  });
});
afterAll(async () => {
  hints[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** A hub of which only what the door needs is there: whatever else a route touches fails. */
function bareHub(): OperatorDeps {
  const deps: Partial<OperatorDeps> = {
    name: 'test-hub',
    version: '0.1.0',
    store: {
      installation: { hubId: 'hub_1' },
      addAudit: (_by: unknown, act: string) => Promise.resolve(void audited.push(act)),
      session: (id: string) => Promise.resolve({ site: id === 'x' ? 'nantong' : 'shanghai' }),
      tcs: () => Promise.resolve([{ state: 'enrolled', fingerprint: 'F', seat: 'n1' }]),
    } as unknown as OperatorDeps['store'],
    console: undefined,
  };
  return deps as OperatorDeps;
}

interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

async function ask(path: string, { method = 'GET', headers = {}, body }: Asking = {}) {
  const own = `127.0.0.1:${server.port}`;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = httpRequest(
      {
        port: server.port,
        host: '127.0.0.1',
        method,
        path,
        agent: false,
        headers: {
          host: own,
          ...(method === 'GET' ? {} : { origin: `http://${own}`, 'content-type': 'application/json' }),
          ...headers,
        },
      },
      resolve,
    );
    asked.once('error', reject);
    asked.end(method === 'GET' ? undefined : (body ?? '{}'));
  });
  return { status: answer.statusCode!, headers: answer.headers, text: await text(answer) };
}

function enter(role: OperatorRole): string {
  const { secret } = sessions.enter(sessions.link('li.na', role, 60_000).code)!;
  return `anyseat_hub_1=${secret}`;
}

const codeOf = (said: string): string | undefined =>
  (JSON.parse(said) as { error?: { code: string } }).error?.code;
const pathOf = ({ path }: Pick<Route, 'path'>) => API_PREFIX + path.replaceAll(/:\w+/g, 'x');

const shown = routes.filter(({ only }) => only !== 'socket');
const events: Pick<Route, 'method' | 'path' | 'needs'> = { method: 'GET', path: '/events', needs: 'view' };

test('there are routes enough to speak of', () => {
  expect(shown.length).toBeGreaterThan(25);
  expect(routes.length - shown.length).toBe(4);
});

test.each([...shown, events].map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s is for nobody without a session, and for no page but ours',
  async (_, route) => {
    const path = pathOf(route);
    const { method } = route;
    const cookie = enter('administer');
    const told = [
      await ask(path, { method }),
      await ask(path.replace('api', '%61pi'), { method }),
      await ask(path, { method, headers: { cookie: cookie.replace(/=.{8}/, '=AAAAAAAA') } }),
      await ask(path, { method, headers: { cookie, host: 'evil.example' } }),
      await ask(path, { method, headers: { cookie, origin: 'https://evil.example' } }),
      await ask(path, { method, headers: { cookie, 'sec-fetch-site': 'cross-site' } }),
      ...(method === 'POST'
        ? [await ask(path, { method, headers: { cookie, 'content-type': 'text/plain' }, body: 'x' })]
        : []),
    ];
    expect(told.map(({ status, text }) => `${status} ${codeOf(text)}`)).toEqual([
      '401 no-session',
      '401 no-session',
      '401 no-session',
      '421 foreign-host',
      '403 foreign-origin',
      '403 foreign-origin',
      ...(method === 'POST' ? ['415 not-json'] : []),
    ]);
  },
);

test.each(shown.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s is for those who may, and for nobody else',
  async (_, route) => {
    const refused: OperatorRole[] = [];
    for (const role of operatorRoles) {
      const cookie = enter(role);
      const { text } = await ask(pathOf(route), { method: route.method, headers: { cookie } });
      if (codeOf(text) === 'not-allowed') refused.push(role);
    }
    expect(refused).toEqual(operatorRoles.slice(0, operatorRoles.indexOf(route.needs)));
  },
);

test('what names files of the hub’s machine, or makes links, is for the socket alone', async () => {
  const cookie = enter('administer');
  for (const { path, method } of routes.filter(({ only }) => only === 'socket'))
    expect((await ask(pathOf({ path }), { method, headers: { cookie } })).status).toBe(404);
});

test('a link lets one browser in, once, and out again', async () => {
  audited.length = 0;
  const { code } = sessions.link('li.na', 'help', 60_000);
  const body = JSON.stringify({ code });
  const door = `${API_PREFIX}/enter`;
  expect(
    (await ask(door, { method: 'POST', headers: { origin: 'https://evil.example' }, body })).status,
  ).toBe(403);
  const first = await ask(door, { method: 'POST', body });
  expect([first.status, JSON.parse(first.text)]).toEqual([200, { name: 'li.na', role: 'help' }]);
  const [said] = first.headers['set-cookie']!;
  expect(said).toMatch(/^anyseat_hub_1=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const again = await ask(door, { method: 'POST', body });
  expect([again.status, codeOf(again.text)]).toEqual([403, 'console-code-invalid']);
  expect(audited).toEqual(['console.entered']);

  const cookie = said!.split(';')[0]!;
  const me = await ask(`${API_PREFIX}/me`, { headers: { cookie } });
  expect(JSON.parse(me.text)).toMatchObject({ name: 'li.na', role: 'help', may: ['view', 'help'] });
  await ask(`${API_PREFIX}/leave`, { method: 'POST', headers: { cookie } });
  expect((await ask(`${API_PREFIX}/me`, { headers: { cookie } })).status).toBe(401);
});

test('a session that a browser brought along is not the one that a link gives', async () => {
  const before = `anyseat_hub_1=${'A'.repeat(43)}`;
  const { code } = sessions.link('li.na', 'view', 60_000);
  const answer = await ask(`${API_PREFIX}/enter`, {
    method: 'POST',
    headers: { cookie: before },
    body: JSON.stringify({ code }),
  });
  expect(answer.headers['set-cookie']![0]).not.toContain(before);
  expect((await ask(`${API_PREFIX}/me`, { headers: { cookie: before } })).status).toBe(401);
});

test('wrong codes are answered ever more slowly, and shut nobody out', async () => {
  const wrong = async () =>
    (await ask(`${API_PREFIX}/enter`, { method: 'POST', body: '{"code":"guessed"}' })).status;
  const told = new Set<number>();
  for (let i = 0; i < 30; i++) told.add(await wrong());
  expect([...told]).toEqual([403, 429]);
  const body = JSON.stringify({ code: sessions.link('li.na', 'view', 60_000).code });
  expect((await ask(`${API_PREFIX}/enter`, { method: 'POST', body })).status).toBe(200);
});

test('behind a proxy with TLS the cookie is for TLS alone', async () => {
  const { code } = sessions.link('li.na', 'view', 60_000);
  const answer = await ask(`${API_PREFIX}/enter`, {
    method: 'POST',
    headers: { host: 'console.call.example', origin: 'https://console.call.example' },
    body: JSON.stringify({ code }),
  });
  expect(answer.headers['set-cookie']![0]).toMatch(/; Secure$/);
});

test('the page and its files are there for everybody, and may load nothing but them', async () => {
  const page = await ask('/');
  expect([page.status, page.headers['content-type'], page.headers['cache-control']]).toEqual([
    200,
    'text/html; charset=utf-8',
    'no-store',
  ]);
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/);
  expect(policy).not.toContain('unsafe');
  const script = await new Promise<Buffer>((resolve, reject) => {
    const headers = { 'accept-encoding': 'gzip' };
    httpGet({ port: server.port, path: '/assets/a-1.js', headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('end', () => resolve(Buffer.concat(parts)));
    }).once('error', reject);
  });
  expect(gunzipSync(script).toString()).toMatch(/^export const a/);
  const others = await Promise.all(
    ['/notes.txt', '/../package.json', '/assets/', '/%2e%2e/x'].map(async (path) => (await ask(path)).status),
  );
  expect(others).toEqual([404, 404, 404, 404]);
  expect((await ask('/', { headers: { host: 'evil.example' } })).status).toBe(421);
});

test('hints come as long as the session lasts', async () => {
  const cookie = enter('view');
  const heard = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(
      { port: server.port, path: `${API_PREFIX}/events`, headers: { cookie }, agent: false },
      resolve,
    ).once('error', reject);
  });
  let said = '';
  const hint = new Promise<void>((resolve) => {
    heard.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.includes('hello') && !said.includes('data:')) hints.tell('tcs', 'sessions', 'tcs');
      if (said.includes('data:')) resolve();
    });
  });
  await hint;
  expect(/data: (.*)\n\n/.exec(said)![1]).toBe('{"kinds":["tcs","sessions"]}');
  const end = new Promise((resolve) => heard.once('end', resolve));
  await ask(`${API_PREFIX}/leave`, { method: 'POST', headers: { cookie } });
  await end;
});

const password = (user: string, typed: string, headers: Record<string, string> = {}) =>
  ask(`${API_PREFIX}/password`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ user, password: typed }),
  });

test('who is in a group that has a role comes in by their own password', async () => {
  audited.length = 0;
  expect(JSON.parse((await ask(`${API_PREFIX}/door`)).text)).toEqual({ hub: 'test-hub', password: true });
  const before = `anyseat_hub_1=${'A'.repeat(43)}`;
  const answer = await password('li.na', 'right', { cookie: before });
  expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { name: 'li.na', role: 'operate' }]);
  const cookie = answer.headers['set-cookie']![0]!.split(';')[0]!;
  expect(cookie).not.toBe(before);
  const me = await ask(`${API_PREFIX}/me`, { headers: { cookie } });
  expect(JSON.parse(me.text)).toMatchObject({
    may: ['view', 'help', 'operate'],
    rights: [{ role: 'help' }, { role: 'operate', sites: ['nantong'] }],
  });
  expect(audited).toEqual(['console.entered']);
});

test('roles that lead nowhere are told', async () => {
  const told: unknown[] = [];
  const log = { warn: (about: unknown) => void told.push(about) } as unknown as Log;
  const roles: RoleOfGroup[] = [
    { group: 'desk', role: 'help' },
    { group: 'dsk', role: 'operate', sites: ['nantong', 'nantogn'] },
  ];
  const knowing = { ...directory, unknownGroups: (groups: string[]) => Promise.resolve(groups.slice(1)) };
  const deps = { roles, sessions, store: bareHub().store, brake: new Brake(systemClock), log };
  const some = new ConsolePeople({ ...deps, directories: new Directories([knowing]) });
  await some.sayMistakes(new Map([['nantong', {}]]));
  expect(told).toEqual([{ group: 'dsk', site: 'nantogn' }, { group: 'dsk' }]);
});

test('who has no role, or no right password, is told so, and nobody learns which names there are', async () => {
  const told = [
    await password('wu.di', 'right'),
    await password('wu.di', 'x'),
    await password('nobody', 'x'),
  ];
  expect(told.map(({ status, text, headers }) => [status, codeOf(text), headers['set-cookie']])).toEqual([
    [403, 'no-console-role', undefined],
    [403, 'wrong-password', undefined],
    [403, 'wrong-password', undefined],
  ]);
  expect(told[1]!.text).toBe(told[2]!.text);
  const foreign = await password('li.na', 'right', { origin: 'https://evil.example' });
  expect([foreign.status, codeOf(foreign.text)]).toEqual([403, 'foreign-origin']);
});

test('guessing at a name is braked as at a seat', async () => {
  groupsOf['guessed'] = ['desk'];
  const told: unknown[] = [];
  for (let i = 0; i < 5; i++) told.push((await password('guessed', `no-${i}`)).status);
  expect(told).toEqual([403, 403, 403, 403, 429]);
  const right = await password('guessed', 'right');
  expect([right.status, codeOf(right.text)]).toEqual([429, 'too-many-attempts']);
});

test('who may do something at one site only may not at another, nor what concerns them all', async () => {
  groupsOf['it'] = ['nantong-it'];
  const cookie = (await password('it', 'right')).headers['set-cookie']![0]!.split(';')[0]!;
  const tried = async (path: string, method = 'POST') => {
    const { text } = await ask(API_PREFIX + path, { method, headers: { cookie } });
    return codeOf(text) === 'not-allowed'
      ? (JSON.parse(text) as { error: { message: string } }).error.message
      : 'may';
  };
  expect({
    here: await tried('/sessions/x/end'),
    there: await tried('/sessions/y/end'),
    all: await tried('/pools/office/close'),
    look: await tried('/status', 'GET'),
    why: await tried('/explain'),
    higher: await tried('/apply'),
  }).toEqual({
    here: 'may',
    there: 'this needs the role “help” at site shanghai',
    all: 'this needs the role “operate” at every site',
    look: 'may',
    why: 'may',
    higher: 'this needs the role “administer”',
  });
});

test('who leaves their groups, or the directory, is out at the next look', async () => {
  groupsOf['gone'] = ['desk'];
  const cookie = (await password('gone', 'right')).headers['set-cookie']![0]!.split(';')[0]!;
  const status = async () => (await ask(`${API_PREFIX}/me`, { headers: { cookie } })).status;
  await people.look();
  expect(await status()).toBe(200);
  groupsOf['gone'] = ['desk', 'nantong-it'];
  await people.look();
  expect(JSON.parse((await ask(`${API_PREFIX}/me`, { headers: { cookie } })).text)).toMatchObject({
    role: 'operate',
  });
  delete groupsOf['gone'];
  audited.length = 0;
  await people.look();
  expect([await status(), audited]).toEqual([401, ['console.rights-changed']]);
});

test('a stranger may send no more than a name and a password take', async () => {
  const { status } = await ask(`${API_PREFIX}/password`, { method: 'POST', body: `"${'x'.repeat(9000)}"` });
  expect(status).toBe(413);
});

/** What the hub answers to raw requests on one connection. */
function raw(...requests: string[]): { socket: Socket; said: () => string } {
  const socket = connect(server.port, '127.0.0.1');
  let said = '';
  socket.on('data', (part: Buffer) => (said += part.toString()));
  socket.on('error', () => undefined);
  for (const request of requests) socket.write(request);
  return { socket, said: () => said };
}
const until = async (holds: () => boolean) => {
  for (let i = 0; i < 3000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
};

test('a hint that comes for a page whose session is over, and whose answer waits for its turn, harms nobody', async () => {
  const [first, second] = [enter('view'), enter('view')];
  const get = (cookie: string) =>
    `GET ${API_PREFIX}/events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nCookie: ${cookie}\r\n\r\n`;
  const { socket, said } = raw(get(first), get(second));
  await until(() => said().includes('hello'));
  await ask(`${API_PREFIX}/leave`, { method: 'POST', headers: { cookie: second } });
  hints.tell('audit');
  await until(() => said().includes('audit'));
  socket.destroy();
});

test('who was put out while the last of their request was on its way does nothing any more', async () => {
  const { secret } = sessions.open('li.na', [{ role: 'administer' }], 'd:li.na');
  const own = `127.0.0.1:${server.port}`;
  const { socket, said } = raw(
    `POST ${API_PREFIX}/console/sessions/x/end HTTP/1.1\r\nHost: ${own}\r\nOrigin: http://${own}\r\nContent-Type: application/json\r\n` +
      `Cookie: anyseat_hub_1=${secret}\r\nContent-Length: 2\r\n\r\n{`,
  );
  // Another answer on the way: the first part has been heard by then.
  await ask(`${API_PREFIX}/door`);
  sessions.judge('d:li.na', []);
  socket.write('}');
  await until(() => said().includes('\r\n\r\n'));
  socket.destroy();
  expect(said()).toMatch(/^HTTP\/1.1 401 /);
});

// The last: from here on the door is shut to names that never came in.
test('names that nobody has shut the door to nobody who came in before', async () => {
  groupsOf['before'] = ['desk'];
  expect((await password('before', 'right')).status).toBe(200);
  const told = new Set<number>();
  for (let i = 0; i < 25; i++) told.add((await password(`nobody-${i}`, 'x')).status);
  expect([...told]).toEqual([403, 429]);
  expect((await password('before', 'right')).status).toBe(200);
});
