import { generateKeyPairSync } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '@anyseat/base';
import { bareLink } from './bareLink.ts';
import { newTicketKey } from './acceptLink.ts';
import { proveIdentity } from './proveIdentity.ts';
import {
  COMMON_CAP,
  MAGIC,
  MESSAGE,
  PUBLIC_KEY_BYTES,
  uuidBytes,
  word,
  writeLinkReply,
  writeMessage,
} from './wire.ts';

const UUID = '6f9619ff-8b86-d011-b42d-00cf4fc964ff';
const key = newTicketKey();
const reply = (publicKey: Buffer = key.publicDer, ...commonCaps: number[]) =>
  writeLinkReply({ error: 0, publicKey, commonCaps: new Set(commonCaps), channelCaps: new Set() });
const name = (text: string) => Buffer.concat([word(text.length), Buffer.from(text)]);
/** All that an honest server says, with the long header. */
const HONEST = [
  reply(),
  word(0),
  writeMessage(MESSAGE.init, Buffer.alloc(32), false, 1),
  writeMessage(MESSAGE.name, name('desk-7\0'), false, 2),
  writeMessage(MESSAGE.uuid, uuidBytes(UUID), false, 3),
];

/** A server that talks without listening. */
async function say(talk: (socket: Socket) => unknown) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).resume();
    talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

test('a server without short headers, auth selection or hurry is read byte by byte', async () => {
  await using server = await say(async (socket) => {
    for (const byte of Buffer.concat(HONEST)) {
      socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
  });
  expect(await proveIdentity(server.endpoint)).toEqual({ outcome: 'proved', name: 'desk-7', uuid: UUID });
});

const linked = (...messages: Buffer[]) => Buffer.concat([...HONEST.slice(0, 2), ...messages]);
const header = (type: number, size: number) =>
  writeMessage(type, Buffer.alloc(0), false, 1).fill(word(size), 10, 14);

test.each<[string, Buffer, 'end' | 'stay', object]>([
  ['an SSH server', Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), 'stay', { outcome: 'not-spice' }],
  ['a TLS alert', Buffer.from('15030100020246', 'hex'), 'end', { outcome: 'not-spice' }],
  ['a server that closes at once', Buffer.alloc(0), 'end', { outcome: 'unreachable' }],
  [
    'a server that says nothing',
    Buffer.alloc(0),
    'stay',
    { outcome: 'timed-out', why: 'waited 150 ms, at the end for the link reply' },
  ],
  ['half a link reply', HONEST[0]!.subarray(0, 90), 'end', { outcome: 'closed' }],
  ['half a link reply for ever', HONEST[0]!.subarray(0, 90), 'stay', { outcome: 'timed-out' }],
  ['another version', Buffer.concat([MAGIC, word(1), word(0), word(178)]), 'stay', { outcome: 'not-spice' }],
  [
    'a link reply of 4 GB',
    Buffer.concat([MAGIC, word(2), word(2), word(0xffffffff)]),
    'stay',
    { outcome: 'not-spice' },
  ],
  [
    'a link reply of no bytes',
    Buffer.concat([MAGIC, word(2), word(2), word(0)]),
    'stay',
    { outcome: 'not-spice' },
  ],
  ['a key that is none', reply(Buffer.alloc(PUBLIC_KEY_BYTES, 0x30)), 'stay', { outcome: 'not-spice' }],
  ['a key of another kind', reply(otherKey()), 'stay', { outcome: 'not-spice' }],
  [
    'a server that takes SASL only',
    reply(key.publicDer, COMMON_CAP.authSelection, COMMON_CAP.authSasl),
    'stay',
    { outcome: 'refused' },
  ],
  [
    'a strange answer to the ticket',
    Buffer.concat([reply(), word(77)]),
    'stay',
    { outcome: 'refused', error: 77 },
  ],
  ['an end after the ticket', linked(), 'end', { outcome: 'closed' }],
  [
    'no word after the ticket',
    linked(),
    'stay',
    { outcome: 'timed-out', why: 'waited 150 ms, at the end for its name and UUID' },
  ],
  [
    'a ping before any name',
    linked(HONEST[2]!, header(MESSAGE.ping, 250_000)),
    'stay',
    { outcome: 'no-identity' },
  ],
  [
    'a UUID without a name, and an end',
    linked(HONEST[4]!),
    'end',
    { outcome: 'proved', name: '', uuid: UUID },
  ],
  ['a name of 4 GB', linked(header(MESSAGE.name, 0xffffffff)), 'stay', { outcome: 'not-spice' }],
  [
    'a name longer than its message',
    linked(writeMessage(MESSAGE.name, Buffer.concat([word(99), Buffer.from('x')]), false, 1)),
    'stay',
    { outcome: 'not-spice' },
  ],
  [
    'a name without a length',
    linked(writeMessage(MESSAGE.name, Buffer.from('x'), false, 1)),
    'stay',
    { outcome: 'not-spice' },
  ],
  [
    'a short UUID',
    linked(writeMessage(MESSAGE.uuid, Buffer.alloc(15), false, 1)),
    'stay',
    { outcome: 'not-spice' },
  ],
  [
    'a message that skips 60 kB and an identity',
    linked(writeMessage(1000, Buffer.alloc(60_000), false, 1), ...HONEST.slice(3)),
    'stay',
    { outcome: 'proved' },
  ],
])('%s', async (_, bytes, then, expected) => {
  await using server = await say((socket) => (then === 'end' ? socket.end(bytes) : socket.write(bytes)));
  expect(await proveIdentity(server.endpoint, { timeoutMs: 150 })).toMatchObject(expected);
});

test('a server that pours messages without end is left after 64 kB of them', async () => {
  let poured = 0;
  await using server = await say((socket) => {
    const message = writeMessage(1000, Buffer.alloc(1000), false, 1);
    const pour = () => {
      while (!socket.destroyed && (poured += message.length) && socket.write(message)) continue;
    };
    socket.on('drain', pour).write(linked());
    pour();
  });
  expect(await proveIdentity(server.endpoint)).toMatchObject({ outcome: 'not-spice' });
});

test('a server that trickles is left when the time is over, and not before', async () => {
  await using server = await say(async (socket) => {
    for (const byte of HONEST[0]!) {
      if (!socket.write(Buffer.of(byte)) || socket.destroyed) return;
      await systemClock.sleep(20);
    }
  });
  const began = systemClock.monotonic();
  expect(await bareLink(server.endpoint, { timeoutMs: 200 })).toMatchObject({ outcome: 'timed-out' });
  expect(systemClock.monotonic() - began).toBeGreaterThan(190);
  expect(systemClock.monotonic() - began).toBeLessThan(5000);
});

test('whatever bytes a server says, the outcome is one of those we know', async () => {
  let bytes = Buffer.alloc(0);
  await using server = await say((socket) => socket.end(bytes));
  // Honest talk with some bytes changed comes further than pure chance.
  const changed = fc
    .array(fc.tuple(fc.nat(Buffer.concat(HONEST).length - 1), fc.integer({ min: 0, max: 255 })), {
      maxLength: 6,
    })
    .map((changes) => {
      const talk = Buffer.concat(HONEST);
      for (const [at, byte] of changes) talk[at] = byte;
      return talk;
    });
  const chance = fc.uint8Array({ maxLength: 300 }).map((tail) => Buffer.concat([MAGIC, tail]));
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, chance), async (talk) => {
      bytes = Buffer.from(talk);
      outcomes.add((await proveIdentity(server.endpoint, { timeoutMs: 1000 })).outcome);
    }),
    { numRuns: 400 },
  );
  const known = [
    'proved',
    'refused-ticket',
    'no-identity',
    'closed',
    'not-spice',
    'refused',
    'needs-tls',
    'unreachable',
    'timed-out',
  ];
  expect([...outcomes].filter((outcome) => !known.includes(outcome))).toEqual([]);
  expect(outcomes).toContain('proved');
});

test.each([
  [{ host: '127.0.0.1', port: 1 }],
  [{ host: '127.0.0.1', tlsPort: 1 }],
  [{ host: 'no-such-host.invalid', port: 5900 }],
  [{ host: '127.0.0.1', port: 70_000 }],
  [{ host: '127.0.0.1', port: -1 }],
  [{ host: '127.0.0.1' }],
])('nobody is there: %j', async (endpoint) => {
  expect(await proveIdentity(endpoint)).toMatchObject({ outcome: 'unreachable' });
});

/** An elliptic curve's key, padded to the length of the RSA key that belongs there. */
function otherKey(): Buffer {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return Buffer.concat([
    publicKey.export({ type: 'spki', format: 'der' }),
    Buffer.alloc(PUBLIC_KEY_BYTES),
  ]).subarray(0, PUBLIC_KEY_BYTES);
}
