/**
 * What SPICE's link looks like on the wire: numbers, and bytes to plain data and back. All integers are little-endian.
 * Source of every number: spice-protocol's `protocol.h` and `enums.h`, checked against QEMU 7.2 with spice-server 0.15.
 *
 *     client                                   server
 *       │ header, link message (channel, caps) ▶ │
 *       │ ◀ header, link reply (error, key, caps) │   a bare link ends here: nobody is thrown out
 *       │ auth mechanism, encrypted ticket     ▶ │
 *       │ ◀ result                                │   0: linked; whoever was linked before is thrown out
 *       │ ◀ messages: INIT, NAME, UUID, …         │
 */

export const MAGIC = Buffer.from('REDQ', 'latin1');
export const VERSION = { major: 2, minor: 2 } as const;

/** The main channel: there is one in every SPICE server, and a full link to it makes a client the desktop's client. */
export const CHANNEL_MAIN = 1;

/** Bits of the capabilities that every channel may announce. */
export const COMMON_CAP = { authSelection: 0, authSpice: 1, authSasl: 2, miniHeader: 3 } as const;

/** Bits of the main channel's own capabilities. A client that announces `nameAndUuid` is told both. */
export const MAIN_CAP = { nameAndUuid: 1 } as const;

/** Answers to a link message or to a ticket. */
export const LINK_ERROR = {
  ok: 0,
  error: 1,
  invalidMagic: 2,
  invalidData: 3,
  versionMismatch: 4,
  needSecured: 5,
  needUnsecured: 6,
  permissionDenied: 7,
  badConnectionId: 8,
  channelNotAvailable: 9,
} as const;

/** Messages from the server on the main channel. */
export const MESSAGE = { setAck: 3, ping: 4, init: 103, channelsList: 104, name: 113, uuid: 114 } as const;

/** Messages from the client; the last one, on the main channel, is answered by `channelsList`, as often as it is said. */
export const CLIENT_MESSAGE = { ackSync: 1, ack: 2, pong: 3, attachChannels: 104 } as const;

/** What follows MAGIC before a link message and before a link reply. */
export const HEADER_BYTES = 12;
/** An RSA key of 1024 bits in DER (SubjectPublicKeyInfo). */
export const PUBLIC_KEY_BYTES = 162;
export const TICKET_BYTES = 128;
/** spice-server refuses longer link messages; nobody has reason to send one. */
export const LARGEST_LINK_BYTES = 4096;

const LINK_MESSAGE_BYTES = 18;
const LINK_REPLY_BYTES = 4 + PUBLIC_KEY_BYTES + 12;

/** Capabilities as the set of their bits: bit 35 is bit 3 of the second word. */
export type Capabilities = ReadonlySet<number>;

export interface LinkMessage {
  /** 0 asks for a new session; a session's further channels name it. */
  connectionId: number;
  channelType: number;
  channelId: number;
  commonCaps: Capabilities;
  channelCaps: Capabilities;
}

export interface LinkReply {
  error: number;
  publicKey: Buffer;
  commonCaps: Capabilities;
  channelCaps: Capabilities;
}

/** What follows MAGIC. */
export function readHeader(bytes: Buffer): { major: number; minor: number; size: number } {
  return { major: bytes.readUInt32LE(0), minor: bytes.readUInt32LE(4), size: bytes.readUInt32LE(8) };
}

export function writeLinkMessage(message: LinkMessage): Buffer {
  const fixed = Buffer.alloc(LINK_MESSAGE_BYTES);
  fixed.writeUInt32LE(message.connectionId, 0);
  fixed.writeUInt8(message.channelType, 4);
  fixed.writeUInt8(message.channelId, 5);
  return withHeader(withCapabilities(fixed, 6, message));
}

/** `undefined`: the lengths in it do not fit its own size. */
export function readLinkMessage(body: Buffer): LinkMessage | undefined {
  if (body.length < LINK_MESSAGE_BYTES) return undefined;
  const caps = readCapabilities(body, 6, LINK_MESSAGE_BYTES);
  if (!caps) return undefined;
  return {
    connectionId: body.readUInt32LE(0),
    channelType: body.readUInt8(4),
    channelId: body.readUInt8(5),
    ...caps,
  };
}

export function writeLinkReply(reply: LinkReply): Buffer {
  const fixed = Buffer.alloc(LINK_REPLY_BYTES);
  fixed.writeUInt32LE(reply.error, 0);
  reply.publicKey.copy(fixed, 4, 0, PUBLIC_KEY_BYTES);
  return withHeader(withCapabilities(fixed, 4 + PUBLIC_KEY_BYTES, reply));
}

/** `undefined`: the lengths in it do not fit its own size. */
export function readLinkReply(body: Buffer): LinkReply | undefined {
  if (body.length < LINK_REPLY_BYTES) return undefined;
  const caps = readCapabilities(body, 4 + PUBLIC_KEY_BYTES, LINK_REPLY_BYTES);
  if (!caps) return undefined;
  return { error: body.readUInt32LE(0), publicKey: body.subarray(4, 4 + PUBLIC_KEY_BYTES), ...caps };
}

/** The reply that says nothing but why not. */
export function refusal(error: number): Buffer {
  return writeLinkReply({
    error,
    publicKey: Buffer.alloc(PUBLIC_KEY_BYTES),
    commonCaps: new Set(),
    channelCaps: new Set(),
  });
}

/** A message, either way. The short header is used when both sides announced it. */
export function writeMessage(type: number, body: Buffer, miniHeader: boolean, serial: number): Buffer {
  const header = Buffer.alloc(miniHeader ? 6 : 18);
  let at = 0;
  if (!miniHeader) at = header.writeBigUInt64LE(BigInt(serial), 0);
  at = header.writeUInt16LE(type, at);
  header.writeUInt32LE(body.length, at);
  return Buffer.concat([header, body]);
}

export function messageHeaderBytes(miniHeader: boolean): number {
  return miniHeader ? 6 : 18;
}

export function readMessageHeader(bytes: Buffer, miniHeader: boolean): { type: number; size: number } {
  const at = miniHeader ? 0 : 8;
  return { type: bytes.readUInt16LE(at), size: bytes.readUInt32LE(at + 2) };
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}

/** Sixteen bytes, in the order in which people write them, as lower-case text with hyphens. */
export function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Throws on what is not a UUID: only our own code calls it with one. */
export function uuidBytes(uuid: string): Buffer {
  const hex = uuid.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new TypeError(`not a UUID: ${uuid}`);
  return Buffer.from(hex, 'hex');
}

function withHeader(body: Buffer): Buffer {
  return Buffer.concat([MAGIC, word(VERSION.major), word(VERSION.minor), word(body.length), body]);
}

type BothCapabilities = Pick<LinkMessage, 'commonCaps' | 'channelCaps'>;

/** Writes both counts and the offset at `at` of the fixed part, and appends the words. */
function withCapabilities(fixed: Buffer, at: number, caps: BothCapabilities): Buffer {
  const common = capabilityWords(caps.commonCaps);
  const channel = capabilityWords(caps.channelCaps);
  fixed.writeUInt32LE(common.length, at);
  fixed.writeUInt32LE(channel.length, at + 4);
  fixed.writeUInt32LE(fixed.length, at + 8);
  return Buffer.concat([fixed, ...[...common, ...channel].map(word)]);
}

function capabilityWords(caps: Capabilities): number[] {
  const words: number[] = [];
  for (const bit of caps) {
    const index = bit >>> 5;
    while (words.length <= index) words.push(0);
    words[index] = (words[index]! | (1 << (bit & 31))) >>> 0;
  }
  return words;
}

function readCapabilities(body: Buffer, at: number, fixedBytes: number): BothCapabilities | undefined {
  const common = body.readUInt32LE(at);
  const channel = body.readUInt32LE(at + 4);
  const offset = body.readUInt32LE(at + 8);
  if (common + channel === 0) return { commonCaps: new Set(), channelCaps: new Set() };
  // Plain numbers, not 32-bit ones: no sum of these can wrap round.
  if (offset < fixedBytes || offset + 4 * (common + channel) > body.length) return undefined;
  return {
    commonCaps: readBits(body, offset, common),
    channelCaps: readBits(body, offset + 4 * common, channel),
  };
}

function readBits(body: Buffer, offset: number, words: number): Set<number> {
  const bits = new Set<number>();
  for (let index = 0; index < words; index++) {
    const value = body.readUInt32LE(offset + 4 * index);
    for (let bit = 0; bit < 32; bit++) if ((value >>> bit) & 1) bits.add(32 * index + bit);
  }
  return bits;
}
