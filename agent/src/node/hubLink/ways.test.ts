import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import type { LinkNews } from '../../common/linkState.ts';
import { openIdentity } from '../identity.ts';
import { makeCertificate, ScriptedHub } from '../scriptedHub.fixture.ts';
import { Inbox, until } from '../waiting.fixture.ts';
import type { HubLinkDeps, LinkTimes } from './conversation.ts';
import { HubLink } from './hubLink.ts';
import { Pins } from './pins.ts';

const certificate = makeCertificate();
const QUICK = { firstPauseMs: 20, mostPauseMs: 40 };

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'anyseat-agent-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

function link(
  way: Pick<HubLinkDeps, 'url' | 'fallbacks' | 'mayMove'> & {
    pins?: string[];
    proxy?: { url: string; loginFile?: string };
  },
  times: Partial<LinkTimes> = {},
) {
  const news = new Inbox<LinkNews>();
  const hubLink = new HubLink({
    ...way,
    trust: { pins: new Pins(way.pins ?? [], stateDir, silentLog), proxy: way.proxy },
    identity: openIdentity(stateDir),
    clock: systemClock,
    log: silentLog,
    introduce: () => ({ agentVersion: '1', machine: { hostName: 'box', macs: [] } }),
    onNews: (one) => news.put(one),
    onFrame: () => undefined,
    times: { ...QUICK, ...times },
  });
  const next = (kind: LinkNews['kind']) => news.take((one) => one.kind === kind, kind);
  return Object.assign(hubLink, { next });
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  await using hub = await ScriptedHub.listen();
  return hub.port;
}

describe('a list of addresses', () => {
  test('is gone through in order, until one serves', async () => {
    await using second = await ScriptedHub.listen();
    const nobody = `ws://127.0.0.1:${await closedPort()}/tc`;
    await using agent = link({ url: nobody, fallbacks: [nobody, second.url] });
    await second.welcome();
    await agent.next('welcome');
    expect(agent.url).toBe(second.url);
  });

  test('begins with the first again when a connection that served is lost', async () => {
    await using second = await ScriptedHub.listen();
    const port = await closedPort();
    await using agent = link({ url: `ws://127.0.0.1:${port}/tc`, fallbacks: [second.url] });
    const talk = await second.welcome();
    await using first = await ScriptedHub.listen({ port });
    talk.socket.terminate();
    await first.welcome();
    await until(() => agent.url === first.url);
  });

  test('goes on to the next when the first takes the connection and says nothing', async () => {
    await using silent = await silentServer();
    await using second = await ScriptedHub.listen();
    await using agent = link(
      { url: `wss://127.0.0.1:${silent.port}/tc`, fallbacks: [second.url] },
      { nextAddressMs: 100 },
    );
    await second.welcome();
    await agent.next('welcome');
  });

  test('is left for the first by itself, once that answers and nobody waits for anything', async () => {
    await using second = await ScriptedHub.listen();
    const port = await closedPort();
    let busy = true;
    let asked = 0;
    await using agent = link(
      {
        url: `ws://127.0.0.1:${port}/tc`,
        fallbacks: [second.url],
        mayMove: () => {
          asked++;
          return !busy;
        },
      },
      { returnMs: 40 },
    );
    await second.welcome();
    await agent.next('welcome');
    await using first = await ScriptedHub.listen({ port });
    await until(() => asked >= 2);
    expect(agent.url).toBe(second.url);
    busy = false;
    await first.welcome();
    await until(() => agent.url === first.url);
  });
});

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
test('a hub on IPv6 is reached by its address in brackets', async (ctx) => {
  if (!hasIPv6) ctx.skip('this machine has no IPv6 loopback');
  await using hub = await ScriptedHub.listen({ host: '::1' });
  expect(hub.url).toContain('://[::1]:');
  await using agent = link({ url: hub.url });
  await hub.welcome();
  await agent.next('welcome');
});

describe.skipIf(!certificate)('a proxy (certificates by openssl)', () => {
  test('is asked for a tunnel with its login, and hears nothing of what is said', async () => {
    await using hub = await ScriptedHub.listen({ certificate: certificate! });
    await using proxy = await proxyServer();
    const loginFile = join(stateDir, 'login');
    writeFileSync(loginFile, 'box:secret\n');
    await using agent = link({
      url: hub.url,
      pins: [certificate!.pin],
      proxy: { url: proxy.url, loginFile },
    });
    await hub.welcome();
    await agent.next('welcome');
    expect(proxy.asked).toEqual([
      { authority: `127.0.0.1:${hub.port}`, login: `Basic ${Buffer.from('box:secret').toString('base64')}` },
    ]);
    expect(proxy.carried()).not.toContain('agentVersion');
  });

  test('makes a tunnel that lasts longer than it took to be made', async () => {
    await using hub = await ScriptedHub.listen({ certificate: certificate! });
    await using proxy = await proxyServer();
    await using agent = link(
      { url: hub.url, pins: [certificate!.pin], proxy: { url: proxy.url } },
      { answerMs: 3000, pingEveryMs: 400, deadAfterMs: 60_000 },
    );
    const talk = await hub.welcome();
    await agent.next('welcome');
    const tunnels = proxy.asked.length;
    let pings = 0;
    await new Promise<void>((resolve) => talk.socket.on('ping', () => ++pings === 9 && resolve()));
    expect(proxy.asked).toHaveLength(tunnels);
  });

  test.each([407, 403, 502])(
    'that answers %i is a hub that cannot be reached, and is asked again',
    async (status) => {
      await using hub = await ScriptedHub.listen({ certificate: certificate! });
      await using proxy = await proxyServer(status);
      await using agent = link({ url: hub.url, pins: [certificate!.pin], proxy: { url: proxy.url } });
      expect(await agent.next('lost')).toMatchObject({ trouble: 'unreachable' });
      expect(hub.heardBytes).toBe(0);
      proxy.status = 200;
      await hub.welcome();
      await agent.next('welcome');
    },
  );

  test('that is not there, or is none, is told as unreachable', async () => {
    await using hub = await ScriptedHub.listen({ certificate: certificate! });
    await using other = await ScriptedHub.listen();
    for (const url of [`http://127.0.0.1:${await closedPort()}`, `http://127.0.0.1:${other.port}`]) {
      await using agent = link({ url: hub.url, pins: [certificate!.pin], proxy: { url } });
      expect(await agent.next('lost')).toMatchObject({ trouble: 'unreachable' });
    }
  });

  test('in the middle that shows its own certificate hears not a byte', async () => {
    const stranger = makeCertificate()!;
    await using hub = await ScriptedHub.listen({ certificate: certificate! });
    await using forged = await ScriptedHub.listen({ certificate: stranger });
    await using proxy = await proxyServer(200, forged.port);
    await using agent = link({ url: hub.url, pins: [certificate!.pin], proxy: { url: proxy.url } });
    expect(await agent.next('lost')).toMatchObject({ trouble: 'untrusted' });
    expect(forged.heardBytes).toBe(0);
  });
});

/** Takes connections, and says nothing. */
async function silentServer() {
  const sockets = new Set<Socket>();
  const server = createHttp();
  server.on('connection', (socket) => sockets.add(socket.pause()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An HTTP proxy that makes tunnels, or answers with another status; to another port where one is given. */
async function proxyServer(status = 200, to?: number) {
  const asked: { authority: string; login: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const bytes: Buffer[] = [];
  const server = createHttp();
  const state = { status };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push({ authority: request.url!, login: request.headers['proxy-authorization'] });
    if (state.status !== 200) {
      socket.end(`HTTP/1.1 ${state.status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host, port] = request.url!.split(':');
    const onward = connect(to ?? Number(port), host);
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.on('data', (data) => bytes.push(data));
      socket.pipe(onward).pipe(socket);
    });
    socket.once('close', () => onward.destroy());
    onward.once('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    carried: () => Buffer.concat(bytes).toString('latin1'),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
