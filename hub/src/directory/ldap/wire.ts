/**
 * LDAP messages as they come from a server, checked before anything else reads them.
 *
 * The client library trusts lengths: inside a message it loops for ever on an element that is longer than its parent,
 * and reads an empty bind response as success (ldapts 9.2, BerReader). So a message is handed on only when every length
 * fits exactly, and when it is one of the answers that the request could have.
 */

/** Response tags (RFC 4511 section 4.2 onwards). */
export const RESPONSE = {
  bind: 0x61,
  entry: 0x64,
  searchDone: 0x65,
  modify: 0x67,
  reference: 0x73,
  extended: 0x78,
} as const;

export type ResponseTag = (typeof RESPONSE)[keyof typeof RESPONSE];

export interface Message {
  id: number;
  tag: number;
  /** The whole message, header included. */
  bytes: Buffer;
}

/** What a server sent is no LDAP, or more than it may be. The text never holds what the server sent. */
export class NotLdap extends Error {
  override readonly name = 'NotLdap';
}

/** Largest single message: an entry with some thousand groups is a few hundred kilobytes. */
const LARGEST_MESSAGE = 4 * 1024 * 1024;
const DEEPEST = 12;

const INTEGER = 0x02;
const OCTETS = 0x04;
const ENUMERATED = 0x0a;
const SEQUENCE = 0x30;
const SET = 0x31;
const CONTROLS = 0xa0;

/** Cuts a stream of bytes into whole messages. Holds no more than one unfinished message. */
export class MessageCutter {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** How long the unfinished message will be, once its header is there. */
  #wanted = 0;

  /** Whether a message has begun that is not all there. */
  get unfinished(): boolean {
    return this.#heldBytes > 0;
  }

  /** @throws NotLdap; the stream is of no use afterwards. */
  cut(chunk: Buffer): Message[] {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#wanted) return [];
    let rest = this.#held.length === 1 ? chunk : Buffer.concat(this.#held, this.#heldBytes);
    const messages: Message[] = [];
    for (;;) {
      this.#wanted = messageLength(rest);
      if (this.#wanted === 0 || rest.length < this.#wanted) break;
      messages.push(readMessage(rest.subarray(0, this.#wanted)));
      rest = rest.subarray(this.#wanted);
    }
    this.#held = rest.length === 0 ? [] : [rest];
    this.#heldBytes = rest.length;
    return messages;
  }
}

/** The length of the message at the start, header included; 0 while its header is not all there. */
function messageLength(bytes: Buffer): number {
  if (bytes.length === 0) return 0;
  if (bytes[0] !== SEQUENCE) throw new NotLdap('what it sends does not begin like an LDAP message');
  const header = readHeader(bytes, 0, bytes.length);
  if (header === undefined) return 0;
  if (header.end > LARGEST_MESSAGE) throw new NotLdap(`it announces a message of ${header.end} bytes`);
  return header.end;
}

/** The result code of an answer that has one; -1 of any other. */
export function resultCodeOf(message: Message): number {
  const [, operation] = childrenOf(message.bytes, readHeader(message.bytes, 0, message.bytes.length)!);
  const [code] = childrenOf(message.bytes, operation!);
  if (code?.tag !== ENUMERATED) return -1;
  return message.bytes.readIntBE(code.start, code.end - code.start);
}

interface Header {
  tag: number;
  start: number;
  end: number;
}

/** A tag and its length; `undefined` while bytes are missing. Indefinite lengths are not LDAP (RFC 4511 section 5.1). */
function readHeader(bytes: Buffer, at: number, limit: number): Header | undefined {
  if (at + 2 > limit) return undefined;
  const tag = bytes[at]!;
  if ((tag & 0x1f) === 0x1f) throw new NotLdap('it uses a tag that LDAP does not have');
  const short = bytes[at + 1]!;
  if (short < 0x80) return { tag, start: at + 2, end: at + 2 + short };
  const count = short - 0x80;
  if (count === 0 || count > 4) throw new NotLdap('a length is not written as LDAP writes it');
  if (at + 2 + count > limit) return undefined;
  const length = bytes.readUIntBE(at + 2, count);
  return { tag, start: at + 2 + count, end: at + 2 + count + length };
}

function readMessage(bytes: Buffer): Message {
  const parts = childrenOf(bytes, readHeader(bytes, 0, bytes.length)!);
  const [id, operation, controls] = parts;
  if (parts.length > 3 || operation === undefined)
    throw new NotLdap('a message is not made as LDAP messages are');
  const idLength = id!.end - id!.start;
  if (id!.tag !== INTEGER || idLength < 1 || idLength > 4) throw new NotLdap('a message has no number');
  if (controls !== undefined) checkControls(bytes, controls);
  checkOperation(bytes, operation);
  return { id: bytes.readIntBE(id!.start, idLength), tag: operation.tag, bytes };
}

function checkOperation(bytes: Buffer, operation: Header): void {
  switch (operation.tag) {
    case RESPONSE.bind:
    case RESPONSE.searchDone:
    case RESPONSE.modify:
    case RESPONSE.extended:
      return checkResult(bytes, operation);
    case RESPONSE.entry:
      return checkEntry(bytes, operation);
    case RESPONSE.reference:
      return want(
        childrenOf(bytes, operation).every((part) => part.tag === OCTETS),
        'a reference',
      );
    default:
      throw new NotLdap('it sends something that answers nothing that was asked');
  }
}

/** LDAPResult (RFC 4511 section 4.1.9), whatever an operation puts behind it. */
function checkResult(bytes: Buffer, operation: Header): void {
  const [code, matched, text, ...more] = childrenOf(bytes, operation);
  const codeLength = code === undefined ? 0 : code.end - code.start;
  want(code?.tag === ENUMERATED && codeLength >= 1 && codeLength <= 4, 'a result');
  want(matched?.tag === OCTETS && text?.tag === OCTETS, 'a result');
  for (const part of more) checkNested(bytes, part, 0);
}

/** SearchResultEntry (section 4.5.2): a name, and attributes that are each a type and a set of values. */
function checkEntry(bytes: Buffer, operation: Header): void {
  const [name, attributes, ...more] = childrenOf(bytes, operation);
  want(name?.tag === OCTETS && attributes?.tag === SEQUENCE && more.length === 0, 'an entry');
  for (const attribute of childrenOf(bytes, attributes!)) {
    const [type, values, ...rest] = childrenOf(bytes, attribute);
    want(attribute.tag === SEQUENCE && rest.length === 0, 'an attribute');
    want(type?.tag === OCTETS && values?.tag === SET, 'an attribute');
    want(
      childrenOf(bytes, values!).every((value) => value.tag === OCTETS),
      'an attribute',
    );
  }
}

function checkControls(bytes: Buffer, controls: Header): void {
  want(controls.tag === CONTROLS, 'a list of controls');
  for (const control of childrenOf(bytes, controls)) {
    want(control.tag === SEQUENCE, 'a control');
    const parts = childrenOf(bytes, control);
    const [type, second, third] = parts.map((part) => part.tag);
    const fits =
      second === undefined || second === OCTETS || (second === 0x01 && (third ?? OCTETS) === OCTETS);
    want(type === OCTETS && fits && parts.length <= (second === 0x01 ? 3 : 2), 'a control');
  }
}

function checkNested(bytes: Buffer, part: Header, depth: number): void {
  want(depth < DEEPEST, 'a result');
  if ((part.tag & 0x20) === 0) return;
  for (const child of childrenOf(bytes, part)) checkNested(bytes, child, depth + 1);
}

/** The elements that fill a constructed one, exactly. */
function childrenOf(bytes: Buffer, parent: Header): Header[] {
  const children: Header[] = [];
  for (let at = parent.start; at < parent.end;) {
    const child = readHeader(bytes, at, parent.end);
    if (child === undefined || child.end > parent.end)
      throw new NotLdap('a length does not fit where it stands');
    children.push(child);
    at = child.end;
  }
  return children;
}

function want(fits: boolean, what: string): void {
  if (!fits) throw new NotLdap(`${what} is not made as LDAP makes it`);
}
