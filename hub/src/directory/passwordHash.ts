import { argon2, randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * Passwords as a users file keeps them, in the PHC string format:
 * `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH` or `$scrypt$ln=15,r=8,p=1$SALT$HASH`, base64 without padding.
 */
export type HashScheme = 'argon2id' | 'scrypt';

type Parsed =
  | { scheme: 'argon2id'; memoryKiB: number; passes: number; lanes: number; salt: Buffer; hash: Buffer }
  | { scheme: 'scrypt'; logCost: number; blockSize: number; lanes: number; salt: Buffer; hash: Buffer };

/** OWASP's recommendation of 2025 for either scheme: 19 MiB and two passes; 2^15, 32 MiB and three lanes for scrypt. */
const ARGON2ID = { memoryKiB: 19_456, passes: 2, lanes: 1 };
const SCRYPT = { logCost: 15, blockSize: 8, lanes: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** One check may not cost more than this: a users file is not to stop the hub. */
const MOST_KIB = 262_144;
const MOST_PASSES = 16;

const scryptAsync = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
const argon2Async = promisify(argon2);

/** A new hash with a salt of its own. Takes some tens of milliseconds, off the event loop. */
export async function hashPassword(password: string, scheme: HashScheme = 'argon2id'): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = Buffer.alloc(HASH_BYTES);
  const parsed: Parsed =
    scheme === 'argon2id' ? { scheme, ...ARGON2ID, salt, hash } : { scheme, ...SCRYPT, salt, hash };
  return format({ ...parsed, hash: await compute(password, parsed) });
}

/** Whether this is the password of that hash. A text that is no hash is nobody's. Takes the same time for any password. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parseHash(hash);
  if (parsed === undefined) return false;
  return timingSafeEqual(await compute(password, parsed), parsed.hash);
}

/** Whether a text is a hash that `isPassword` can check, at a cost that it may have. */
export const isPasswordHash = (text: string): boolean => parseHash(text) !== undefined;

function parseHash(text: string): Parsed | undefined {
  const parts = /^\$(argon2id|scrypt)\$(?:v=19\$)?([a-z0-9=,]+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    text,
  );
  if (parts === null) return undefined;
  const [, scheme, options, salt64, hash64] = parts as unknown as [
    string,
    HashScheme,
    string,
    string,
    string,
  ];
  const salt = Buffer.from(salt64, 'base64');
  const hash = Buffer.from(hash64, 'base64');
  if (salt.length < 8 || hash.length < 16 || hash.length > 64) return undefined;
  const parsed = scheme === 'argon2id' ? readArgon2(options) : readScrypt(options);
  return parsed === undefined ? undefined : { ...parsed, salt, hash };
}

function readArgon2(options: string) {
  const [memoryKiB, passes, lanes] = numbers(/^m=(\d+),t=(\d+),p=(\d+)$/, options);
  const isSane =
    within(passes, 1, MOST_PASSES) && within(lanes, 1, 16) && within(memoryKiB, 8 * (lanes ?? 1), MOST_KIB);
  return isSane
    ? ({ scheme: 'argon2id', memoryKiB: memoryKiB!, passes: passes!, lanes: lanes! } as const)
    : undefined;
}

function readScrypt(options: string) {
  const [logCost, blockSize, lanes] = numbers(/^ln=(\d+),r=(\d+),p=(\d+)$/, options);
  const isSane =
    within(logCost, 1, 20) &&
    within(blockSize, 1, 32) &&
    within(lanes, 1, 16) &&
    (2 ** logCost! * blockSize!) / 8 <= MOST_KIB;
  return isSane
    ? ({ scheme: 'scrypt', logCost: logCost!, blockSize: blockSize!, lanes: lanes! } as const)
    : undefined;
}

const numbers = (shape: RegExp, text: string): number[] => (shape.exec(text) ?? []).slice(1).map(Number);

const within = (n: number | undefined, least: number, most: number): boolean =>
  n !== undefined && n >= least && n <= most;

async function compute(password: string, parsed: Parsed): Promise<Buffer> {
  const { salt, hash, lanes } = parsed;
  if (parsed.scheme === 'scrypt') {
    const options = { N: 2 ** parsed.logCost, r: parsed.blockSize, p: lanes, maxmem: 2 * MOST_KIB * 1024 };
    return scryptAsync(password, salt, hash.length, options);
  }
  return argon2Async('argon2id', {
    message: password,
    nonce: salt,
    parallelism: lanes,
    tagLength: hash.length,
    memory: parsed.memoryKiB,
    passes: parsed.passes,
  });
}

function format(parsed: Parsed): string {
  const b64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const options =
    parsed.scheme === 'argon2id'
      ? `v=19$m=${parsed.memoryKiB},t=${parsed.passes},p=${parsed.lanes}`
      : `ln=${parsed.logCost},r=${parsed.blockSize},p=${parsed.lanes}`;
  return `$${parsed.scheme}$${options}$${b64(parsed.salt)}$${b64(parsed.hash)}`;
}
