import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import type { Grant } from '@anyseat/protocol';
import { HubProcess } from './parts/hubProcess.ts';
import { frame, OPCODE, RawAgent, upgradeRequest } from './parts/rawAgent.ts';
import { SeatClient } from './parts/seatClient.ts';
import { cloudSettings, PASSWORD, smallSite, temporaryFolder, writeUsers } from './parts/smallSite.ts';
import { waitFor } from './parts/waitFor.ts';

/**
 * Whatever comes to the hub's doors: it stays up, a neighbour's login is answered all the while, nobody's work is lost,
 * and nobody is shown our insides.
 */
const people = Array.from({ length: 400 }, (_, i) => `u${i + 1}`);
const run = promisify(execFile);

interface Stage extends AsyncDisposable {
  hub: HubProcess;
  cloud: Minicloud;
  seat: (name: string) => Promise<SeatClient>;
  /** Somebody who works all through the attack. */
  atWork: { seat: SeatClient; grant: Grant };
}

async function stage(tls: boolean): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder('attack')).path;
  const cloud = opening.use(await startMinicloud({ speed: 20 }));
  await writeUsers(join(folder, 'users.yaml'), people);
  const hub = opening.use(
    await HubProcess.start({
      folder: join(folder, 'hub'),
      clouds: cloudSettings(folder, cloud),
      directories: [{ type: 'file', name: 'local', file: join(folder, 'users.yaml') }],
      tls,
      more: { log: { level: 'info' } },
    }),
  );
  await hub.apply(smallSite(40, { floor: 1, ceiling: 3 }));
  const kept = opening.move();
  const seat = async (name: string): Promise<SeatClient> => {
    const { token } = await hub.ask<{ token: string }>('POST', '/tokens', { seat: name });
    const client = kept.use(await SeatClient.connect(hub.url, { token }));
    await client.welcome();
    return client;
  };
  const desk = await seat('s1');
  const grant = await desk.granted('u1', PASSWORD);
  await desk.viewer(grant, 'connected');
  return {
    hub,
    cloud,
    seat,
    atWork: { seat: desk, grant },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

let neighbours = 1;

/** A neighbour types a password, and is answered: the time that it takes is told, not judged. */
async function neighbourIsAnswered(s: Stage, during: string): Promise<void> {
  const from = performance.now();
  await using seat = await SeatClient.connect(s.hub.url, { key: s.atWork.seat.key });
  await seat.welcome();
  expect(await seat.login(`u${++neighbours}`, 'wrong')).toMatchObject({ code: 'wrong-password' });
  console.log(`${during}: a neighbour was answered after ${Math.round(performance.now() - from)} ms`);
}

/** Tries, as an agent does, until the door opens. */
async function isLetIn({ hub }: Stage): Promise<void> {
  await waitFor('the door to open', async () => {
    await using box = await RawAgent.upgraded(hub.url);
    await waitFor('the challenge', () => box.closed || box.received.includes('challenge'));
    return box.received.includes('challenge');
  });
}

async function nothingIsLost({ hub, atWork }: Stage): Promise<void> {
  expect(hub.running).toBe(true);
  const session = (await hub.get('sessions')).find((x) => x.id === atWork.grant.sessionId);
  expect(session).toMatchObject({ user: 'u1', state: 'connected' });
  // pino's 50 is an error of ours; V8 writes its stacks so.
  expect(hub.log.match(/"level":50.*/)?.[0]).toBeUndefined();
  expect(hub.log).not.toMatch(/^\s+at /m);
}

const requestId = fc.string({ minLength: 0, maxLength: 70 });
const likely = fc.oneof(
  fc.constantFrom<unknown>(
    '__proto__',
    'constructor',
    '',
    null,
    -1,
    0,
    Number.MAX_VALUE,
    2 ** 53,
    true,
    [],
    {},
    'login',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.integer(),
  fc.double(),
);
/** Frames as the schema has them, with any field anything. */
const anyFrame = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom('hello', 'login', 'cancel', 'resume', 'viewer', 'logoff', 'grant', 'toString'),
      requestId: fc.oneof(requestId, likely),
      protocol: fc.oneof(fc.constant(1), likely),
      agentVersion: likely,
      publicKey: likely,
      signature: likely,
      token: likely,
      machine: fc.oneof(likely, fc.record({ hostName: likely, macs: fc.array(likely) })),
      user: likely,
      password: likely,
      language: likely,
      sessionId: likely,
      secret: likely,
      generation: likely,
      want: fc.oneof(fc.constantFrom('attach', 'display'), likely),
      epoch: likely,
      state: fc.oneof(fc.constantFrom('starting', 'connected', 'ended'), likely),
      end: likely,
      tookMs: likely,
    },
    { requiredKeys: ['type'] },
  ),
  fc.jsonValue({ maxDepth: 5 }),
  fc.object({ key: fc.constantFrom('__proto__', 'type', 'constructor', 'a'), maxDepth: 4 }),
);
const anyText = fc.oneof(
  { weight: 6, arbitrary: anyFrame.map((value) => JSON.stringify(value) ?? '') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 2000 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('[', '{"a":', '{"type":"login","user":[', '"'),
        fc.integer({ min: 1, max: 3000 }),
      )
      .map(([part, times]) => part.repeat(times).slice(0, 16_000)),
  },
  { weight: 1, arbitrary: fc.constant('{"__proto__":{"type":"login","admin":true},"type":"cancel"}') },
);

function stageFor(tls: boolean): () => Stage {
  let s: Stage;
  beforeAll(async () => {
    s = await stage(tls);
  });
  afterAll(() => s[Symbol.asyncDispose]());
  return () => s;
}

describe.each([{ tls: false }, { tls: true }])(
  'a hub under attack before anybody is known, TLS $tls',
  ({ tls }) => {
    const staged = stageFor(tls);

    test('frames of strangers, whatever is in them', async () => {
      const s = staged();
      const texts = fc.sample(anyText, { numRuns: 150, seed: 41 });
      await Promise.all(
        texts.map(async (text) => {
          await using box = await RawAgent.upgraded(s.hub.url);
          box.write(frame(OPCODE.text, Buffer.from(text)));
          await waitFor('the door to close', () => box.closed || box.received.includes('retryAfterMs'));
          expect(box.received.toString('latin1')).not.toMatch(/Error|at .*\.ts/);
        }),
      );
      await neighbourIsAnswered(s, 'after frames of strangers');
      await nothingIsLost(s);
    });

    test('half handshakes, slow ones and none: the door stays open for those who mean it', async () => {
      const s = staged();
      await using held = new AsyncDisposableStack();
      const openings: ((box: RawAgent) => void)[] = [
        () => undefined,
        (box) => box.write('GET /tc HTTP/1.1\r\n'),
        (box) => box.write('G'),
        (box) => box.write(`${upgradeRequest.slice(0, -4)}\r\nX: ${'y'.repeat(100_000)}`),
        (box) => box.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])),
        (box) => box.write(Buffer.alloc(5000, 0)),
        (box) => box.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
        (box) => box.write('POST /tc HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nx'),
        (box) => box.write(upgradeRequest),
      ];
      const boxes: RawAgent[] = [];
      for (let i = 0; i < 600; i++) {
        const box = held.use(await (i % 2 ? RawAgent.connect(s.hub.url) : RawAgent.plain(s.hub.url)));
        openings[i % openings.length]!(box);
        boxes.push(box);
      }
      await neighbourIsAnswered(s, 'behind 600 half handshakes');
      await nothingIsLost(s);
      await waitFor('the idle to be cut off', () => boxes.filter((box) => !box.closed).length < 150, 60_000);
    });
  },
);

describe('a hub under attack', () => {
  const staged = stageFor(false);

  test('frames of enrolled boxes, whatever is in them', async () => {
    const s = staged();
    const texts = fc.sample(anyText, { numRuns: 300, seed: 42 });
    const boxes = await Promise.all(['s2', 's3', 's4'].map((name) => s.seat(name)));
    const keys = boxes.map((box) => box.key);
    for (const [i, box] of boxes.entries()) {
      let line = box;
      for (const text of texts.filter((_, n) => n % boxes.length === i)) {
        if (line.closed) {
          expect([1009, 4400, 4429]).toContain(line.closed.code);
          expect(line.closed.reason).toMatch(/^(retryAfterMs=\d+)?$/);
          line = await SeatClient.connect(s.hub.url, { key: keys[i]! });
          await line.welcome();
        }
        line.sendRaw(text);
        await new Promise((resolve) => setImmediate(resolve));
      }
      line.drop();
    }
    await neighbourIsAnswered(s, 'after frames of boxes');
    await nothingIsLost(s);
  });

  test('bytes that are no frames: invalid UTF-8, huge, endless, in pieces, pinging, reserved', async () => {
    const s = staged();
    const attacks: ((box: RawAgent) => void)[] = [
      (box) => box.write(frame(OPCODE.text, Buffer.from([0xff, 0xfe, 0xc0, 0x80]))),
      (box) => box.write(frame(OPCODE.text, Buffer.alloc(1024 * 1024, 'x'))),
      (box) => box.write(frame(OPCODE.binary, Buffer.alloc(100))),
      (box) => box.write(frame(OPCODE.text, Buffer.from('{"type":'), false)),
      (box) => {
        box.write(frame(OPCODE.text, Buffer.from('"'), false));
        for (let i = 0; i < 20_000; i++) box.write(frame(OPCODE.continuation, Buffer.from('x'), false));
      },
      (box) => {
        box.write(frame(OPCODE.text, Buffer.from('"'), false));
        for (let i = 0; i < 20_000; i++) box.write(frame(OPCODE.continuation, Buffer.alloc(0), false));
      },
      (box) => {
        box.socket.pause();
        for (let i = 0; i < 20_000; i++) box.write(frame(OPCODE.ping, Buffer.alloc(120)));
      },
      (box) => {
        for (let i = 0; i < 20_000; i++) box.write(frame(OPCODE.pong, Buffer.alloc(120)));
      },
      (box) => box.write(frame(3, Buffer.from('reserved'))),
      (box) => box.write(Buffer.concat([Buffer.from([0xff, 0xff]), Buffer.alloc(8, 0xff), Buffer.alloc(4)])),
      (box) => box.write(frame(OPCODE.close, Buffer.from([0]))),
    ];
    const boxes = await Promise.all(attacks.map(() => RawAgent.upgraded(s.hub.url)));
    for (const [i, attack] of attacks.entries()) attack(boxes[i]!);
    await neighbourIsAnswered(s, 'while frames were broken');
    // Each is cut off, soon, whether it answers our good-bye or not.
    for (const box of boxes) {
      box.socket.resume();
      await waitFor('the attacker to be cut off', () => box.closed, 15_000);
    }
    await nothingIsLost(s);
  });

  test('a box that hears our good-bye and goes on talking is cut off', async () => {
    const s = staged();
    await using box = await RawAgent.upgraded(s.hub.url);
    box.write(frame(OPCODE.text, Buffer.from('no hello')));
    await waitFor('the good-bye', () => box.received.includes('retryAfterMs'));
    const from = performance.now();
    while (!box.closed && performance.now() - from < 10_000) {
      box.write(
        Buffer.concat(Array.from({ length: 500 }, () => frame(OPCODE.text, Buffer.from('{"type":"x"}')))),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(box.closed).toBe(true);
    await nothingIsLost(s);
  });

  test('a thousand strangers who say nothing keep nobody out', async () => {
    const s = staged();
    await using held = new AsyncDisposableStack();
    for (let i = 0; i < 1100; i++) {
      const box = held.use(await RawAgent.connect(s.hub.url));
      box.write(upgradeRequest);
    }
    await isLetIn(s);
    await neighbourIsAnswered(s, 'behind 1100 silent strangers');
    await nothingIsLost(s);
  });

  test('a hub without a file descriptor left goes on with those whom it has', async (ctx) => {
    const s = staged();
    if (!existsSync('/usr/bin/prlimit')) ctx.skip('prlimit (util-linux) is not installed');
    const working = await s.seat('s5');
    await run('prlimit', ['--pid', String(s.hub.pid), '--nofile=80:']);
    await using held = new AsyncDisposableStack();
    const port = Number(new URL(s.hub.url).port);
    for (let i = 0; i < 200; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      held.defer(() => void socket.destroy());
    }
    expect(await working.login(`u${++neighbours}`, 'wrong')).toMatchObject({ code: 'wrong-password' });
    await held.disposeAsync();
    await run('prlimit', ['--pid', String(s.hub.pid), '--nofile=20000:']);
    await isLetIn(s);
    await neighbourIsAnswered(s, 'with descriptors again');
    await nothingIsLost(s);
  });

  test('garbage on the operators’ socket is refused in words', async () => {
    const s = staged();
    const answers = await Promise.all(
      [
        'GARBAGE\r\n\r\n',
        'GET /api/v1/get/__proto__ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        'GET /api/v1/audit?limit=99999999&before=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        post('/explain', '{"user":"u1","seat":{"$ne":1}}'),
        post('/explain', '{"user":"*)(uid=*","seat":"s1"}'),
        post('/tokens', '{"hours":1e400}'),
        post('/tokens', '{"__proto__":{"hours":1},"constructor":1}'),
        post('/apply', '['.repeat(100_000)),
        post('/apply', JSON.stringify({ text: '['.repeat(100_000) })),
        post('/apply', JSON.stringify({ text: `a: ${'{a: '.repeat(20_000)}` })),
        post('/apply', JSON.stringify({ text: 'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n'.repeat(50) })),
        post('/apply', JSON.stringify({ text: 'x', file: 7 })),
        post('/backup', '{"file":"relative"}'),
        post('/backup', '{"file":"/nowhere/at/all"}'),
        post('/restore', '{"file":"/etc/passwd"}'),
        post(`/tcs/${encodeURIComponent("' OR 1=1 --")}/approve`, '{}'),
        post(`/sessions/${encodeURIComponent("x' OR '1'='1")}/end`, '{}'),
        post('/desktops/%00%ff/retire', '{}'),
        post(`/desktops/${'9'.repeat(5000)}/retire`, '{}'),
      ].map((text) => overRawSocket(s.hub.socket, text)),
    );
    for (const [i, answer] of answers.entries()) {
      expect(answer, `answer ${i}`).toMatch(/^HTTP\/1\.1 (4\d\d|503) /);
      expect(answer).not.toMatch(/\n\s+at |\.ts:\d+|RangeError|SQLITE/);
    }
    await neighbourIsAnswered(s, 'after garbage on the operators’ socket');
    await nothingIsLost(s);
  });
});

const post = (path: string, body: string): string =>
  `POST /api/v1${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

function overRawSocket(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.once('close', () => resolve(answer));
    socket.once('error', (error) => (answer ? resolve(answer) : reject(error)));
    socket.write(text);
  });
}
