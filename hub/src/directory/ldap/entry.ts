import type { Entry } from 'ldapts';

/** An entry as a search gave it: attribute names without regard to case, every value as a list. */
export class LdapEntry {
  readonly dn: string;
  readonly #values = new Map<string, readonly (string | Buffer)[]>();

  constructor(entry: Entry) {
    this.dn = entry.dn;
    for (const [name, value] of Object.entries(entry)) {
      if (name === 'dn') continue;
      this.#values.set(name.toLowerCase(), Array.isArray(value) ? value : [value]);
    }
  }

  /** All values that are text; what is not UTF-8 is left out. */
  texts(attribute: string): string[] {
    return (this.#values.get(attribute.toLowerCase()) ?? []).filter((value) => typeof value === 'string');
  }

  text(attribute: string): string | undefined {
    return this.texts(attribute)[0];
  }

  bytes(attribute: string): Buffer | undefined {
    return this.allBytes(attribute)[0];
  }

  allBytes(attribute: string): Buffer[] {
    const values = this.#values.get(attribute.toLowerCase()) ?? [];
    return values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value));
  }

  /** Whether the server holds back some values of an attribute (`memberOf;range=0-1499`, [MS-ADTS] 3.1.1.3.1.3.3). */
  isPartial(attribute: string): boolean {
    const start = `${attribute.toLowerCase()};range=`;
    return [...this.#values.keys()].some((name) => name.startsWith(start));
  }
}

/** objectGUID as people and tools write it: the first three groups are little-endian ([MS-DTYP] 2.3.4.2). */
export function formatGuid(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) return undefined;
  const hex = (from: number, to: number) => bytes.toString('hex', from, to);
  const turned = (from: number, to: number) =>
    [...bytes.subarray(from, to)]
      .toReversed()
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('');
  return [turned(0, 4), turned(4, 6), turned(6, 8), hex(8, 10), hex(10, 16)].join('-');
}

/** The bytes behind `formatGuid`; `undefined` when the text is none. */
export function bytesOfGuid(text: string): Buffer | undefined {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return undefined;
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  for (const [from, to] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ] as const)
    bytes.subarray(from, to).reverse();
  return bytes;
}

/** The SID of a group of the same domain: a person's own with another last number ([MS-DTYP] 2.4.2.2). */
export function siblingSid(sid: Buffer, relativeId: number): Buffer | undefined {
  if (sid.length < 12 || sid.length !== 8 + 4 * sid[1]!) return undefined;
  const sibling = Buffer.from(sid);
  sibling.writeUInt32LE(relativeId, sid.length - 4);
  return sibling;
}
