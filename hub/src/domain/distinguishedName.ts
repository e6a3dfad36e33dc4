/**
 * Distinguished names as strings (RFC 4514): taken apart, put together, compared.
 *
 * Two names are the same when their *keys* are: attribute types without regard to case or to being written as an OID,
 * values without regard to case, to runs of spaces, or to the way they were escaped (RFC 4518, as far as directories
 * agree on it: NFKC and lower case). So `OU=Vertrieb\, S\C3\BCd` is `ou=vertrieb\2c süd`.
 */

/** One `type=value` pair; the value is plain text, no escapes left. */
export interface Pair {
  readonly type: string;
  readonly value: string;
}

/** One step of a name: one pair, seldom several joined by `+`. */
export type Rdn = readonly Pair[];

/** A name, the entry's own step first, the root last. No step at all is the root. */
export type DistinguishedName = readonly Rdn[];

/** A name made ready for comparing: one text for each step, entry first. Made once, compared often. */
export type DnKey = readonly string[];

/** The short names that RFC 4514 section 3 gives to OIDs: a server may write either. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'cn',
  '2.5.4.6': 'c',
  '2.5.4.7': 'l',
  '2.5.4.8': 'st',
  '2.5.4.9': 'street',
  '2.5.4.10': 'o',
  '2.5.4.11': 'ou',
  '0.9.2342.19200300.100.1.1': 'uid',
  '0.9.2342.19200300.100.1.25': 'dc',
};

/** `undefined` when the text is no distinguished name. The empty text is the root. */
export function parseDn(text: string): DistinguishedName | undefined {
  const reader = new DnReader(text);
  return reader.read();
}

/** Every name read by `parseDn` is written so that it reads back the same (RFC 4514 section 2). */
export function formatDn(dn: DistinguishedName): string {
  return dn.map((rdn) => rdn.map(formatPair).join('+')).join(',');
}

/** A value as it must stand inside a distinguished name: `Müller, Anna` is `Müller\, Anna`. */
export function escapeDnValue(value: string): string {
  return value
    .replace(/["+,;<=>\\]/g, '\\$&') // '=' need not be escaped, but Samba takes no other
    .replaceAll('\0', '\\00')
    .replace(/ $/, '\\ ')
    .replace(/^[ #]/, '\\$&');
}

/** `undefined` when the text is no distinguished name. */
export function dnKey(name: string | DistinguishedName): DnKey | undefined {
  const dn = typeof name === 'string' ? parseDn(name) : name;
  return dn?.map((rdn) =>
    rdn
      .map((pair) => formatPair({ type: typeKey(pair.type), value: valueKey(pair.value) }))
      .sort()
      .join('+'),
  );
}

/** One text that is the same for all spellings of one name; what is no name stands for itself, in lower case. */
export function dnText(name: string): string {
  return dnKey(name)?.join(',') ?? name.toLowerCase();
}

/** Whether two texts name the same entry. What is no name is the same as nothing, itself included. */
export function isSameDn(a: string | DnKey, b: string | DnKey): boolean {
  const [left, right] = [keyOf(a), keyOf(b)];
  return left !== undefined && right !== undefined && left.length === right.length && endsWith(left, right);
}

/**
 * Whether an entry is this OU or lives anywhere below it (LDAP's scope `sub`). Everything lives under the root, the
 * empty name; what is no name lives nowhere.
 */
export function isUnder(dn: string | DnKey, ou: string | DnKey): boolean {
  const [inner, outer] = [keyOf(dn), keyOf(ou)];
  return inner !== undefined && outer !== undefined && endsWith(inner, outer);
}

/** The name one step up; `undefined` for the root and for what is no name. */
export function parentDn(dn: string): string | undefined {
  const steps = parseDn(dn);
  return steps === undefined || steps.length === 0 ? undefined : formatDn(steps.slice(1));
}

const keyOf = (name: string | DnKey): DnKey | undefined => (typeof name === 'string' ? dnKey(name) : name);

function endsWith(inner: DnKey, outer: DnKey): boolean {
  const skip = inner.length - outer.length;
  return skip >= 0 && outer.every((step, i) => step === inner[skip + i]);
}

const formatPair = (pair: Pair): string => `${pair.type}=${escapeDnValue(pair.value)}`;

function typeKey(type: string): string {
  const bare = type.toLowerCase().replace(/^oid\./, '');
  return SHORT_NAMES[bare] ?? bare;
}

/** Lower case letter by letter: of a whole word it would depend on the place of a Greek sigma. */
function valueKey(value: string): string {
  const even = PLAIN_ASCII.test(value)
    ? value.toLowerCase()
    : value.normalize('NFKC').replace(/\p{L}/gu, lower);
  return even.trim().replace(/\s+/g, ' ');
}

const PLAIN_ASCII = /^[ -~]*$/;

const lower = (letter: string): string => (letter === 'ς' ? 'σ' : letter.toLowerCase());

const TYPE = /^(?:oid\.)?(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)*)$/i;
/** The start of a value as nearly all values are: nothing escaped. */
const UNESCAPED = /[^"+,;<>\\\0]*/y;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();

/** Reads one name from its start to its end; `;` as a separator and quoted values are read too (RFC 2253 section 4). */
class DnReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): DistinguishedName | undefined {
    if (this.#text.trim() === '') return [];
    const steps: Pair[][] = [[]];
    for (;;) {
      const pair = this.#pair();
      if (pair === undefined) return undefined;
      steps.at(-1)!.push(pair);
      const next = this.#text[this.#at++];
      if (next === undefined) return steps;
      if (next !== '+') steps.push([]);
    }
  }

  /** Stops at the separator, which it leaves. */
  #pair(): Pair | undefined {
    const equals = this.#text.indexOf('=', this.#at);
    if (equals < 0) return undefined;
    const type = this.#text.slice(this.#at, equals).trim();
    if (!TYPE.test(type)) return undefined;
    this.#at = equals + 1;
    this.#skipSpaces();
    const value = this.#value();
    return value === undefined ? undefined : { type, value };
  }

  #value(): string | undefined {
    const first = this.#text[this.#at];
    if (first === '#') return this.#hexValue();
    if (first === '"') return this.#quotedValue();
    return this.#unescapedValue() ?? this.#plainValue();
  }

  #unescapedValue(): string | undefined {
    UNESCAPED.lastIndex = this.#at;
    const run = UNESCAPED.exec(this.#text)![0];
    const next = this.#text[this.#at + run.length];
    if (next !== undefined && !/[,;+]/.test(next)) return undefined;
    this.#at += run.length;
    return run.replace(/ +$/, '');
  }

  #plainValue(): string | undefined {
    const bytes: number[] = [];
    let meant = 0; // how much stands up to the last thing that is not a loose space
    for (let c = this.#char(); c !== undefined && !/[,;+]/.test(c); c = this.#char()) {
      if (/["<>\0]/.test(c)) return undefined;
      const escaped = c === '\\';
      if (escaped ? !this.#escape(bytes) : !this.#take(c, bytes)) return undefined;
      if (escaped || c !== ' ') meant = bytes.length;
    }
    return decode(bytes.slice(0, meant));
  }

  #quotedValue(): string | undefined {
    const bytes: number[] = [];
    this.#at++;
    for (let c = this.#char(); c !== '"'; c = this.#char()) {
      if (c === undefined) return undefined;
      if (c === '\\' ? !this.#escape(bytes) : !this.#take(c, bytes)) return undefined;
    }
    this.#at++;
    return this.#atSeparator() ? decode(bytes) : undefined;
  }

  /** `#` and the value's BER in hexadecimal: read where it is one of the string types, all that names are made of. */
  #hexValue(): string | undefined {
    const hex = /^#((?:[0-9a-f]{2})+)/i.exec(this.#text.slice(this.#at))?.[1];
    if (hex === undefined) return undefined;
    this.#at += hex.length + 1;
    const [tag, length, ...content] = hex.match(/../g)!.map((byte) => Number.parseInt(byte, 16));
    const isText = tag === 0x04 || tag === 0x0c || tag === 0x13 || tag === 0x16;
    if (!isText || length === undefined || length > 127 || length !== content.length) return undefined;
    return this.#atSeparator() ? decode(content) : undefined;
  }

  /** After the backslash: two hexadecimal digits are one byte of UTF-8, anything else stands for itself. */
  #escape(bytes: number[]): boolean {
    this.#at++;
    const hex = /^[0-9a-f]{2}/i.exec(this.#text.slice(this.#at, this.#at + 2))?.[0];
    if (hex !== undefined) {
      bytes.push(Number.parseInt(hex, 16));
      this.#at += 2;
      return true;
    }
    const c = this.#char();
    return c !== undefined && /[ "#+,;<=>\\]/.test(c) && this.#take(c, bytes);
  }

  #take(c: string, bytes: number[]): true {
    bytes.push(...toUtf8.encode(c));
    this.#at += c.length;
    return true;
  }

  #char(): string | undefined {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  #skipSpaces(): void {
    while (this.#text[this.#at] === ' ') this.#at++;
  }

  #atSeparator(): boolean {
    this.#skipSpaces();
    return this.#at >= this.#text.length || /[,;+]/.test(this.#text[this.#at]!);
  }
}

function decode(bytes: readonly number[]): string | undefined {
  try {
    return utf8.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** `cn=Sales,ou=…` is called `sales`; a group without a distinguished name is called what it is called. */
export function plainName(group: string): string {
  return (parseDn(group)?.[0]?.[0]?.value ?? group).toLowerCase();
}
