import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLog } from '@anyseat/base';
import type { Intent, PageState, ToPage } from '../../common/bridge.ts';
import { Inbox, until } from '../waiting.fixture.ts';
import { BridgeServer } from './bridgeServer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseat-bridge-'));
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'page', 'assets', 'main-1.js'), '1');
  writeFileSync(join(folder, 'secret.html'), 'secret');
});
afterEach(() => rmSync(folder, { recursive: true }));

const state = (kind: 'login' | 'noSeat'): PageState => ({
  language: 'en',
  hub: { phase: 'online' },
  place: {},
  clockOffsetMs: 0,
  box: { fingerprint: 'F', hostName: 'box', version: '1' },
  screen: { kind },
});

class FakeCore {
  page = state('login');
  readonly intents = new Inbox<Intent>();
  readonly listeners = new Set<(page: PageState) => void>();
  onPage(listener: (page: PageState) => void) {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }
  intend(intent: Intent) {
    this.intents.put(intent);
  }
  change(page: PageState) {
    this.page = page;
    for (const listener of this.listeners) listener(page);
  }
}

const open = async (core = new FakeCore(), onPages?: (count: number) => void) =>
  Object.assign(
    await BridgeServer.open({
      core,
      port: 0,
      pageDir: join(folder, 'page'),
      runDir: join(folder, 'run'),
      log: silentLog,
      ...(onPages ? { onPages } : {}),
    }),
    { core },
  );

function get(url: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const request = httpRequest(url, { headers, method }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      });
      request.on('error', reject).end();
    },
  );
}

/** What a browser does with an address of ours. */
async function enter(address: string): Promise<string> {
  const { status, headers } = await get(address);
  expect([status, headers.location]).toEqual([303, '/']);
  return String(headers['set-cookie']).split(';')[0]!;
}

function wire(origin: string, headers: Record<string, string>) {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/bridge`, { headers });
  const states = new Inbox<PageState>();
  socket.on('message', (data: Buffer) => states.put((JSON.parse(data.toString()) as ToPage).state));
  return new Promise<{ socket: WebSocket; next: () => Promise<PageState> } | { refused: string }>(
    (resolve) => {
      socket.once('open', () => resolve({ socket, next: () => states.take(() => true, 'a state') }));
      socket.once('error', (error) => resolve({ refused: error.message }));
    },
  );
}

async function opened(origin: string, headers: Record<string, string>) {
  const page = await wire(origin, headers);
  if ('refused' in page) throw new Error(page.refused);
  return page;
}

test('a page gets the present state and every later one, and says what the person wants', async () => {
  const counts: number[] = [];
  await using bridge = await open(undefined, (count) => counts.push(count));
  const cookie = await enter(bridge.onceAddress());
  const page = await opened(bridge.origin, { cookie, origin: bridge.origin });
  expect(await page.next()).toEqual(state('login'));
  bridge.core.change(state('noSeat'));
  expect(await page.next()).toEqual(state('noSeat'));
  const intents: Intent[] = [
    { type: 'login', user: 'lina', password: 'secret' },
    { type: 'setLanguage', language: 'zh-CN' },
    { type: 'wantNewPassword', user: '' },
    { type: 'changePassword', user: 'lina', password: 'secret', newPassword: 'another' },
  ];
  for (const intent of intents) page.socket.send(JSON.stringify(intent));
  for (const intent of intents)
    expect(await bridge.core.intents.take(() => true, 'an intent')).toEqual(intent);
  page.socket.close();
  await until(() => counts.at(-1) === 0);
  expect(counts).toEqual([1, 0]);
});

test('what is no intent closes the wire', async () => {
  await using bridge = await open();
  const cookie = await enter(bridge.lastingAddress);
  for (const message of ['{}', 'rubbish', '{"type":"login","user":"lina"}', '{"type":"eval"}']) {
    const { socket } = await opened(bridge.origin, { cookie, origin: bridge.origin });
    socket.send(message);
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1008);
  }
  expect(bridge.core.intents.rest).toEqual([]);
});

describe('a stranger', () => {
  test('is not let in without the cookie, or from another page, or under another name', async () => {
    await using bridge = await open();
    const cookie = await enter(bridge.lastingAddress);
    const { host } = new URL(bridge.origin);
    const refused = { refused: 'Unexpected server response: 403' };
    expect([
      await wire(bridge.origin, { origin: bridge.origin }),
      await wire(bridge.origin, { cookie: `${cookie}x`, origin: bridge.origin }),
      await wire(bridge.origin, { cookie }),
      await wire(bridge.origin, { cookie, origin: 'http://evil.example' }),
      await wire(bridge.origin, { cookie, origin: 'http://evil.example', host: 'evil.example' }),
    ]).toEqual([refused, refused, refused, refused, refused]);
    expect((await get(bridge.origin)).status).toBe(403);
    expect((await get(bridge.origin, { cookie, host: 'evil.example' })).status).toBe(421);
    expect((await get(bridge.origin, { cookie, host })).status).toBe(200);
  });

  test('cannot use an address that was used', async () => {
    await using bridge = await open();
    const address = bridge.onceAddress();
    await enter(address);
    expect((await get(address)).status).toBe(403);
    expect((await get(`${bridge.origin}/open/`)).status).toBe(403);
    expect((await get(`${bridge.origin}/open/guess`)).status).toBe(403);
  });

  test('reads no file but those of the page', async () => {
    await using bridge = await open();
    const cookie = await enter(bridge.lastingAddress);
    for (const path of ['/../secret.html', '/..%2fsecret.html', '/assets/../../secret.html', '/nothing']) {
      expect((await get(`${bridge.origin}${path}`, { cookie })).status).toBe(404);
    }
    expect((await get(bridge.origin, { cookie }, 'POST')).status).toBe(405);
  });
});

test('the page may load nothing but itself, and is kept by nobody', async () => {
  await using bridge = await open();
  const cookie = await enter(bridge.lastingAddress);
  const index = await get(bridge.origin, { cookie });
  expect(index.body).toContain('<title>page</title>');
  expect(index.headers).toMatchObject({
    'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  const asset = await get(`${bridge.origin}/assets/main-1.js`, { cookie });
  expect(asset.headers).toMatchObject({
    'cache-control': 'max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
  });
});

test('the printed address and the cookie it gave outlive the agent', async () => {
  let code: string;
  let cookie: string;
  {
    await using bridge = await open();
    code = bridge.lastingAddress.split('/').at(-1)!;
    cookie = (await enter(bridge.lastingAddress)).split('=')[1]!;
  }
  expect(statSync(join(folder, 'run', 'page.key')).mode & 0o777).toBe(0o600);
  await using bridge = await open();
  expect(bridge.lastingAddress.split('/').at(-1)).toBe(code);
  const { port } = new URL(bridge.origin);
  expect((await get(bridge.origin, { cookie: `anyseat_${port}=${cookie}` })).status).toBe(200);
});

test('a page that was never built says how to build it', async () => {
  rmSync(join(folder, 'page'), { recursive: true });
  await using bridge = await open();
  const cookie = await enter(bridge.lastingAddress);
  expect((await get(bridge.origin, { cookie })).body).toContain('npm run build:page');
});

test('a port that is taken is said in words', async () => {
  await using bridge = await open();
  const port = Number(new URL(bridge.origin).port);
  await expect(
    BridgeServer.open({
      core: bridge.core,
      port,
      pageDir: folder,
      runDir: join(folder, 'run'),
      log: silentLog,
    }),
  ).rejects.toThrow(`port ${port} on 127.0.0.1 cannot be used for the login page`);
});
