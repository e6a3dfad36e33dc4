import {
  constants,
  generateKeyPairSync,
  privateDecrypt,
  randomInt,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ByteReader } from './byteReader.ts';
import {
  CHANNEL_MAIN,
  CLIENT_MESSAGE,
  COMMON_CAP,
  HEADER_BYTES,
  LARGEST_LINK_BYTES,
  LINK_ERROR,
  MAGIC,
  MAIN_CAP,
  MESSAGE,
  TICKET_BYTES,
  VERSION,
  messageHeaderBytes,
  readHeader,
  readLinkMessage,
  readMessageHeader,
  refusal,
  uuidBytes,
  word,
  writeLinkReply,
  writeMessage,
  type LinkMessage,
} from './wire.ts';

/** What one connection may link to. */
export interface SpiceDesktop {
  name: string;
  uuid: string;
  /** The ticket. Absent: tickets are off and any is good. Empty: tickets are on and none is set, so none is good. */
  password?: string | undefined;
  /** The main channel wants TLS: a plain link is refused, as with QEMU's `tls-channel=default`. */
  tlsOnly?: boolean | undefined;
}

/** The key that tickets are encrypted with: made once, it may serve every connection. */
export interface TicketKey {
  readonly privateKey: KeyObject;
  readonly publicDer: Buffer;
}

export function newTicketKey(): TicketKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 8 * TICKET_BYTES });
  return { privateKey, publicDer: publicKey.export({ type: 'spki', format: 'der' }) };
}

/** A client that may have the desktop: what it announced decides how it is spoken to. */
export type Accepted = Pick<LinkMessage, 'commonCaps' | 'channelCaps'>;

/**
 * The server's half of a link to the main channel, up to the point where the ticket was found good. `undefined`: the
 * client was refused, and told so as spice-server tells it. Rejects with PeerGone when the client goes away, which is
 * how every bare link ends.
 */
export async function acceptLink(
  socket: Socket,
  reader: ByteReader,
  desktop: SpiceDesktop,
  key: TicketKey,
): Promise<Accepted | undefined> {
  const message = await readClientMessage(reader);
  const error = typeof message === 'number' ? message : objection(socket, message, desktop);
  if (typeof message === 'number' || error !== LINK_ERROR.ok) {
    socket.end(refusal(error));
    return undefined;
  }
  socket.write(
    writeLinkReply({
      error: LINK_ERROR.ok,
      publicKey: key.publicDer,
      commonCaps: new Set([COMMON_CAP.authSelection, COMMON_CAP.authSpice, COMMON_CAP.miniHeader]),
      channelCaps: new Set(),
    }),
  );
  if (message.commonCaps.has(COMMON_CAP.authSelection)) {
    const mechanism = (await reader.read(4)).readUInt32LE(0);
    if (mechanism !== COMMON_CAP.authSpice) {
      socket.end(refusal(LINK_ERROR.invalidData));
      return undefined;
    }
  }
  if (!isGood(decrypt(key.privateKey, await reader.read(TICKET_BYTES)), desktop.password)) {
    socket.end(word(LINK_ERROR.permissionDenied));
    return undefined;
  }
  return message;
}

/** What a client is told that has just linked: that it is, and to whom. */
export function greeting(desktop: SpiceDesktop, client: Accepted): Buffer {
  const mini = client.commonCaps.has(COMMON_CAP.miniHeader);
  const messages: [type: number, body: Buffer][] = [[MESSAGE.init, initBody()]];
  if (client.channelCaps.has(MAIN_CAP.nameAndUuid)) {
    const name = Buffer.from(`${desktop.name}\0`, 'utf8');
    messages.push([MESSAGE.name, Buffer.concat([word(name.length), name])]);
    messages.push([MESSAGE.uuid, uuidBytes(desktop.uuid)]);
  }
  const written = messages.map(([type, body], i) => writeMessage(type, body, mini, i + 1));
  return Buffer.concat([word(LINK_ERROR.ok), ...written]);
}

/**
 * Answers a linked client for as long as it stays: which channels there are (none but the main one), whenever it asks. The
 * rest of what clients say concerns screens and guest agents, which there are none of. Rejects with PeerGone at the end.
 */
export async function answerClient(socket: Socket, reader: ByteReader, client: Accepted): Promise<never> {
  const mini = client.commonCaps.has(COMMON_CAP.miniHeader);
  const headerBytes = messageHeaderBytes(mini);
  const noChannels = word(0);
  // INIT, NAME and UUID were numbered before.
  for (let serial = 4; ;) {
    const { type, size } = readMessageHeader(await reader.read(headerBytes), mini);
    await reader.skip(size);
    if (type === CLIENT_MESSAGE.attachChannels)
      socket.write(writeMessage(MESSAGE.channelsList, noChannels, mini, serial++));
  }
}

/** The client's link message, or the number of the error that it is answered with. */
async function readClientMessage(reader: ByteReader): Promise<LinkMessage | number> {
  if (!MAGIC.equals(await reader.read(MAGIC.length))) return LINK_ERROR.invalidMagic;
  const header = readHeader(await reader.read(HEADER_BYTES));
  if (header.major !== VERSION.major) return LINK_ERROR.versionMismatch;
  if (header.size > LARGEST_LINK_BYTES) return LINK_ERROR.invalidData;
  return readLinkMessage(await reader.read(header.size)) ?? LINK_ERROR.invalidData;
}

function objection(socket: Socket, message: LinkMessage, desktop: SpiceDesktop): number {
  if (message.channelType !== CHANNEL_MAIN) return LINK_ERROR.channelNotAvailable;
  if (desktop.tlsOnly && !isTls(socket)) return LINK_ERROR.needSecured;
  return LINK_ERROR.ok;
}

/** `undefined`: it was not encrypted with our key. */
function decrypt(key: KeyObject, ticket: Buffer): string | undefined {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const text = privateDecrypt({ key, padding, oaepHash: 'sha1' }, ticket).toString('utf8');
    const end = text.indexOf('\0');
    return end === -1 ? text : text.slice(0, end);
  } catch {
    return undefined;
  }
}

function isGood(ticket: string | undefined, password: string | undefined): boolean {
  if (ticket === undefined || password === '') return false;
  if (password === undefined) return true;
  const [given, wanted] = [Buffer.from(ticket), Buffer.from(password)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Session id, one display, mouse modes (server and client; now server), no guest agent. */
function initBody(): Buffer {
  return Buffer.concat([randomInt(1, 2 ** 31), 1, 3, 1, 0, 0, 0, 0].map(word));
}

export function isTls(socket: Socket): boolean {
  return socket instanceof TLSSocket;
}
