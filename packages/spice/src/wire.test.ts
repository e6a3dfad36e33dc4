import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  HEADER_BYTES,
  MAGIC,
  PUBLIC_KEY_BYTES,
  readHeader,
  readLinkMessage,
  readLinkReply,
  readMessageHeader,
  uuidBytes,
  uuidText,
  writeLinkMessage,
  writeLinkReply,
  writeMessage,
} from './wire.ts';

const START = MAGIC.length + HEADER_BYTES;
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const caps = fc.uniqueArray(fc.integer({ min: 0, max: 200 })).map((bits) => new Set(bits));
const publicKey = fc
  .uint8Array({ minLength: PUBLIC_KEY_BYTES, maxLength: PUBLIC_KEY_BYTES })
  .map((bytes) => Buffer.from(bytes));

test('a link message is read as it was written', () => {
  const messages = fc.record({
    connectionId: uint32,
    channelType: fc.integer({ min: 0, max: 255 }),
    channelId: fc.integer({ min: 0, max: 255 }),
    commonCaps: caps,
    channelCaps: caps,
  });
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = writeLinkMessage(message);
      expect(readHeader(bytes.subarray(MAGIC.length))).toEqual({
        major: 2,
        minor: 2,
        size: bytes.length - START,
      });
      expect(readLinkMessage(bytes.subarray(START))).toEqual(message);
    }),
  );
});

test('a link reply is read as it was written', () => {
  fc.assert(
    fc.property(fc.record({ error: uint32, publicKey, commonCaps: caps, channelCaps: caps }), (reply) => {
      expect(readLinkReply(writeLinkReply(reply).subarray(START))).toEqual(reply);
    }),
  );
});

test('whatever the bytes of a link message or reply are, reading them gives a message or nothing', () => {
  const bytes = fc.uint8Array({ maxLength: 400 }).map((body) => Buffer.from(body));
  fc.assert(
    fc.property(bytes, (body) => {
      readLinkMessage(body);
      readLinkReply(body);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['more capabilities than the message has room for', [0xffff, 0, 18]],
  ['counts whose sum would wrap round in 32 bits', [0xffffffff, 1, 18]],
  ['an offset behind the end', [1, 0, 0xfffffff0]],
  ['an offset into the fixed part', [1, 0, 4]],
])('a link message with %s is none', (_, [common, channel, offset]) => {
  const body = Buffer.alloc(64);
  body.writeUInt32LE(common!, 6);
  body.writeUInt32LE(channel!, 10);
  body.writeUInt32LE(offset!, 14);
  expect(readLinkMessage(body)).toBeUndefined();
});

test.each([
  ['short', true, 6],
  ['long', false, 18],
] as const)('a message with the %s header carries type and size', (_, mini, headerBytes) => {
  const bytes = writeMessage(114, Buffer.alloc(16, 7), mini, 3);
  expect(readMessageHeader(bytes.subarray(0, headerBytes), mini)).toEqual({ type: 114, size: 16 });
  expect(bytes.subarray(headerBytes)).toEqual(Buffer.alloc(16, 7));
});

test('a UUID travels as sixteen bytes in the order in which it is written', () => {
  const uuid = '6f9619ff-8b86-d011-b42d-00cf4fc964ff';
  expect(uuidBytes(uuid.toUpperCase()).toString('hex')).toBe('6f9619ff8b86d011b42d00cf4fc964ff');
  expect(uuidText(uuidBytes(uuid))).toBe(uuid);
  expect(() => uuidBytes('desk-07')).toThrow('not a UUID');
});
