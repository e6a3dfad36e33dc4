import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog, systemClock } from '@anyseat/base';
import { CloseCode, closeReason, type ToTcInput } from '@anyseat/protocol';
import type { LinkNews } from '../../common/linkState.ts';
import type { AnswerFrame } from '../../common/seat.ts';
import { openIdentity } from '../identity.ts';
import { makeCertificate, ScriptedHub } from '../scriptedHub.fixture.ts';
import { Inbox, until } from '../waiting.fixture.ts';
import { HubLink } from './hubLink.ts';
import { Pins } from './pins.ts';

const certificate = makeCertificate();
const other = makeCertificate();
const QUICK = { firstPauseMs: 20, mostPauseMs: 40 };
const pin = (character: string) => `sha256/${character.repeat(43)}=`;

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'anyseat-agent-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

function link(url: string, trust: { pins?: string[]; caFile?: string } = {}, times = {}) {
  const news = new Inbox<LinkNews>();
  const frames = new Inbox<AnswerFrame>();
  const hubLink = new HubLink({
    url,
    trust: { pins: new Pins(trust.pins ?? [], stateDir, silentLog), caFile: trust.caFile },
    identity: openIdentity(stateDir),
    clock: systemClock,
    log: silentLog,
    introduce: () => ({ agentVersion: '1', machine: { hostName: 'box', macs: [] } }),
    onNews: (one) => news.put(one),
    onFrame: (frame) => frames.put(frame),
    times: { ...QUICK, ...times },
  });
  const next = (kind: LinkNews['kind']) => news.take((one) => one.kind === kind, kind);
  return Object.assign(hubLink, { next, frames });
}

describe('an agent', () => {
  test('proves its key, is welcomed, and hears and says frames', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url);
    const talk = await hub.welcome();
    expect(await agent.next('welcome')).toMatchObject({ welcome: { seat: { label: '1-001' }, epoch: 1 } });
    expect(hub.proved).toEqual([openIdentity(stateDir).fingerprint]);

    talk.send({ type: 'release', sessionId: 'ses_1', code: 'moved' });
    expect(await agent.frames.take(() => true, 'a frame')).toEqual({
      type: 'release',
      sessionId: 'ses_1',
      code: 'moved',
      fields: {},
    });
    agent.send({ type: 'cancel', requestId: 'request-1' });
    expect(await talk.next('cancel')).toEqual({ type: 'cancel', requestId: 'request-1' });
  });

  test('ignores frames of a newer hub, and leaves one that sends bad ones', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url);
    const talk = await hub.welcome();
    talk.send({ type: 'of-tomorrow' } as unknown as ToTcInput);
    talk.send({ type: 'grant', requestId: 7 } as unknown as ToTcInput);
    expect(await talk.closed()).toBe(CloseCode.badFrame);
    expect(agent.frames.rest).toEqual([]);
    await hub.welcome();
  });

  test('knows how far away the hub is, and how many of its pings were lost', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url, {}, { pingEveryMs: 20, deadAfterMs: 60_000 });
    expect(agent.roundTrip()).toBeUndefined();
    const talk = await hub.welcome();
    await until(() => agent.roundTrip() !== undefined);
    expect(agent.roundTrip()!.rttMs).toBeGreaterThanOrEqual(0);
    talk.socket.pause();
    let lost = 0;
    await until(() => (lost += agent.roundTrip()!.lost) >= 3);
    talk.socket.resume();
  });

  test('hears nothing but the answer to its proof before it is welcomed', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url);
    const talk = await hub.hello();
    talk.send({ type: 'release', sessionId: 'ses_1', code: 'moved' });
    talk.send({ type: 'rejected', code: 'tc-retired', retryAfterMs: 0 });
    expect(await agent.next('rejected')).toEqual({ kind: 'rejected', code: 'tc-retired' });
    expect(agent.frames.rest).toEqual([]);
  });

  test('says its name once a connection: a second challenge could be somebody else’s', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url);
    const talk = await hub.hello();
    talk.send({
      type: 'challenge',
      protocol: { oldest: 1, newest: 1 },
      hubId: 'hub_other',
      nonce: 'x'.repeat(32),
    });
    talk.send({ type: 'pending', fingerprint: 'F', retryAfterMs: 60_000 });
    await agent.next('pending');
    // Whatever it had said to the second challenge is here before this.
    agent.send({ type: 'cancel', requestId: 'request-1' });
    await talk.next('cancel');
    expect(talk.rest).toEqual([]);
  });

  test('that waits for approval is told on the same connection, and asks again on a new one', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url);
    const talk = await hub.hello();
    talk.send({ type: 'pending', fingerprint: 'F', retryAfterMs: 50 });
    expect(await agent.next('pending')).toEqual({ kind: 'pending', fingerprint: 'F' });
    const again = await hub.hello();
    again.send({ type: 'pending', fingerprint: 'F', retryAfterMs: 60_000 });
    await agent.next('pending');
    again.send({
      type: 'welcome',
      tcId: 'tc_1',
      epoch: 2,
      hubTime: 0,
      reportEveryMs: 1,
      pins: [],
      capabilities: [],
    });
    expect(await agent.next('welcome')).toMatchObject({ welcome: { epoch: 2 } });
  });

  test('that speaks another version says so and stays away', async () => {
    await using server = await wsServer((talk) =>
      talk({ type: 'challenge', protocol: { oldest: 7, newest: 9 }, hubId: 'h', nonce: 'n'.repeat(32) }),
    );
    await using agent = link(server.url);
    expect(await agent.next('lost')).toMatchObject({ trouble: 'version' });
  });
});

describe('a lost connection', () => {
  test('is made again after a pause', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url);
    const talk = await hub.welcome();
    await agent.next('welcome');
    talk.socket.terminate();
    expect(await agent.next('lost')).toMatchObject({ trouble: 'closed' });
    await hub.welcome({ epoch: 2 });
    expect(await agent.next('welcome')).toMatchObject({ welcome: { epoch: 2 } });
  });

  test('is noticed when the line is dead without a word', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url, {}, { pingEveryMs: 40, deadAfterMs: 100 });
    const talk = await hub.welcome();
    await agent.next('welcome');
    // The hub hangs: the kernel still takes the pings, nobody answers them.
    talk.socket.pause();
    expect(await agent.next('lost')).toMatchObject({ trouble: 'silent' });
    talk.socket.terminate();
  });

  test('does not count as dead while pongs come', async () => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url, {}, { pingEveryMs: 150, deadAfterMs: 1000 });
    const talk = await hub.welcome();
    let pings = 0;
    // For longer than a silent line would have lived.
    await new Promise<void>((resolve) => talk.socket.on('ping', () => ++pings === 9 && resolve()));
    talk.send({ type: 'release', sessionId: 'ses_1', code: 'moved' });
    await agent.frames.take(() => true, 'a frame on the same connection');
  });

  test.each([
    [CloseCode.goingAway, 'going-away'],
    [CloseCode.replaced, 'replaced'],
    [CloseCode.tooMany, 'too-many'],
  ])('closed with %i is told as %s, and not tried again before the hub said', async (code, trouble) => {
    await using hub = await ScriptedHub.listen();
    await using agent = link(hub.url);
    const talk = await hub.welcome();
    await agent.next('welcome');
    const before = systemClock.now();
    talk.socket.close(code, closeReason(60_000));
    const lost = await agent.next('lost');
    expect(lost).toMatchObject({ trouble });
    expect((lost as { retryAt: number }).retryAt - before).toBeGreaterThanOrEqual(60_000);
  });

  test('to a host that accepts and says nothing is given up in time', async () => {
    await using server = await rawServer(() => {});
    await using agent = link(`ws://127.0.0.1:${server.port}/tc`, {}, { answerMs: 60 });
    expect(await agent.next('lost')).toMatchObject({ trouble: expect.stringMatching(/silent|unreachable/) });
  });

  test('to nobody at all is told as unreachable, and tried again', async () => {
    const { port } = await rawServer(() => {}).then(async (server) => {
      await server[Symbol.asyncDispose]();
      return server;
    });
    await using agent = link(`ws://127.0.0.1:${port}/tc`);
    expect(await agent.next('lost')).toMatchObject({ trouble: 'unreachable' });
    await using hub = await ScriptedHub.listen({ port });
    await hub.welcome();
    await agent.next('welcome');
  });
});

describe.skipIf(!certificate)('with TLS (certificates by openssl)', () => {
  test('a hub with a pinned key is spoken to, and the hello is bound to the channel', async () => {
    await using hub = await ScriptedHub.listen({ certificate: certificate! });
    await using agent = link(hub.url, { pins: [pin('a'), certificate!.pin] });
    const talk = await hub.welcome();
    expect(talk.channel).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    await agent.next('welcome');
    expect(hub.heardBytes).toBeGreaterThan(0);
  });

  test('a hub with another key hears not a byte', async () => {
    await using hub = await ScriptedHub.listen({ certificate: certificate! });
    await using agent = link(hub.url, { pins: [other!.pin] });
    expect(await agent.next('lost')).toMatchObject({ trouble: 'untrusted' });
    expect(await agent.next('lost')).toMatchObject({ trouble: 'untrusted' });
    expect(hub.heardBytes).toBe(0);
  });

  test('a CA file decides where there are no pins', async () => {
    await using hub = await ScriptedHub.listen({ certificate: certificate! });
    const caFile = (name: string, pem: string) => {
      writeFileSync(join(stateDir, name), pem);
      return join(stateDir, name);
    };
    await using good = link(hub.url, { caFile: caFile('good.pem', certificate!.cert) });
    await hub.welcome();
    await good.next('welcome');
    await using bad = link(hub.url, { caFile: caFile('bad.pem', other!.cert) });
    expect(await bad.next('lost')).toMatchObject({ trouble: 'untrusted' });
    await using system = link(hub.url);
    expect(await system.next('lost')).toMatchObject({ trouble: 'untrusted' });
  });

  test('the pins of the welcome are accepted from then on, and survive the agent', async () => {
    const configured = [certificate!.pin];
    {
      await using hub = await ScriptedHub.listen({ certificate: certificate! });
      await using agent = link(hub.url, { pins: configured });
      await hub.welcome({ pins: [other!.pin] });
      await agent.next('welcome');
    }
    await using next = await ScriptedHub.listen({ certificate: other! });
    await using agent = link(next.url, { pins: configured });
    await next.welcome();
    await agent.next('welcome');
  });
});

describe('pins', () => {
  test('keep the one that was shown, whatever the hub says', () => {
    const pins = new Pins([pin('a')], stateDir, silentLog);
    pins.learn(['rubbish', pin('b')], pin('a'));
    expect(['a', 'b', 'c'].map((c) => pins.accepts(pin(c)))).toEqual([true, true, false]);
    pins.learn([], pin('a'));
    expect(pins.accepts(pin('b'))).toBe(true);
    // Rotated: the old key is not accepted any more.
    pins.learn([pin('c')], pin('b'));
    expect(['a', 'b', 'c'].map((c) => new Pins([pin('a')], stateDir, silentLog).accepts(pin(c)))).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('of changed settings win over what was learnt, and rubbish on the disk is as if nothing was', () => {
    new Pins([pin('a')], stateDir, silentLog).learn([pin('b')], pin('a'));
    expect(new Pins([pin('d')], stateDir, silentLog).accepts(pin('b'))).toBe(false);
    writeFileSync(
      join(stateDir, 'pins.json'),
      readFileSync(join(stateDir, 'pins.json'), 'utf8').slice(0, 40),
    );
    expect(new Pins([pin('a')], stateDir, silentLog).accepts(pin('a'))).toBe(true);
  });
});

async function rawServer(onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function wsServer(onTalk: (send: (frame: ToTcInput) => void) => void) {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => onTalk((frame) => socket.send(JSON.stringify(frame))));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/tc`,
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
