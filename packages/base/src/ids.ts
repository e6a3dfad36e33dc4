import { randomBytes, randomFillSync } from 'node:crypto';

/** An id that says what it names: `ses_01JD…` cannot be passed where a desktop's id is wanted. */
export type Id<Kind extends string> = string & { readonly idOf: Kind };

const PREFIX = {
  installation: 'ins',
  hub: 'hub',
  tc: 'tc',
  desktop: 'dt',
  session: 'ses',
  binding: 'bnd',
  token: 'tok',
  alert: 'alt',
} as const;

export type IdKind = keyof typeof PREFIX;

/** Crockford's base 32 in lower case: no i, l, o, u, so that an id can be read out on the telephone. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const pool = new Uint8Array(1024);
let used = pool.length;

function randomByte(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++]!;
}

/**
 * A new id: its kind's prefix, ten characters of time (ms), ten of chance (50 bits). Ids of one kind sort by birth.
 * 24 characters at most, so that it fits an OpenStack tag (60) with a prefix of ours.
 */
export function newId<K extends IdKind>(kind: K, now: number): Id<K> {
  let time = '';
  for (let rest = Math.floor(now), i = 0; i < 10; i++) {
    time = ALPHABET[rest % 32]! + time;
    rest = Math.floor(rest / 32);
  }
  let chance = '';
  for (let i = 0; i < 10; i++) chance += ALPHABET[randomByte() & 31]!;
  return `${PREFIX[kind]}_${time}${chance}` as Id<K>;
}

/** A secret of 256 bits in URL-safe text. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
