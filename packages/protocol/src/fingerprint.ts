/** Crockford's base 32 without i, l, o, u, in capitals: read from a screen and over the telephone. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 4;
const GROUP = 4;

/**
 * The short name of a thin client's key, as the box shows it and an operator approves it: `K7F2-9QWM-3XTD-0V8N`.
 * The first 80 bits of SHA-256 over the public key (SPKI, DER): finding a second key with the same name takes 2^80
 * tries. Both sides hash with what they have (`node:crypto`); here is only the form, so that pages can import it.
 *
 * @param sha256 the 32 bytes of the digest
 */
export function fingerprintOf(sha256: Uint8Array): string {
  if (sha256.length !== 32) throw new RangeError('a fingerprint is made of a SHA-256 digest of 32 bytes');
  const characters: string[] = [];
  let held = 0;
  let bits = 0;
  for (let i = 0; characters.length < GROUPS * GROUP; i++) {
    held = ((held << 8) | sha256[i]!) & 0xfff;
    bits += 8;
    while (bits >= 5 && characters.length < GROUPS * GROUP) {
      bits -= 5;
      characters.push(ALPHABET[(held >> bits) & 31]!);
    }
  }
  return grouped(characters.join(''));
}

/**
 * What somebody typed, as `fingerprintOf` writes it: small letters, spaces, missing dashes, and o, i, l for 0 and 1
 * are forgiven. `undefined` when it cannot be one.
 */
export function readFingerprint(typed: string): string | undefined {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{16}$/.test(plain) ? grouped(plain) : undefined;
}

const grouped = (plain: string): string => plain.match(/.{4}/g)!.join('-');
