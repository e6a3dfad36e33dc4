import { randomBytes, randomInt } from 'node:crypto';

/** Where ids, addresses and jitter come from: the machine's own randomness, or a seed that repeats itself exactly. */
export interface Chance {
  /** A whole number from 0 up to, and without, `n`. */
  below(n: number): number;
  /** From 0 up to, and without, 1. */
  fraction(): number;
  hex(digits: number): string;
  uuid(): string;
  /** Letters and digits, as Nova makes passwords and reservation ids. */
  letters(n: number, alphabet?: string): string;
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** The same seed gives the same run. Without one, nothing can be guessed. */
export function newChance(seed?: number): Chance {
  const word = seed === undefined ? machineWord() : seededWord(seed);
  const below = seed === undefined ? (n: number) => randomInt(n) : (n: number) => word() % n;
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += word().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  };
  return {
    below,
    fraction: () => word() / 2 ** 32,
    hex,
    uuid: () => {
      const h = hex(32);
      const variant = '89ab'[below(4)]!;
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
    },
    letters: (n, alphabet = LETTERS) =>
      Array.from({ length: n }, () => alphabet[below(alphabet.length)]!).join(''),
  };
}

function machineWord(): () => number {
  let pool = randomBytes(4096);
  let at = 0;
  return () => {
    if (at === pool.length) {
      pool = randomBytes(4096);
      at = 0;
    }
    at += 4;
    return pool.readUInt32LE(at - 4);
  };
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state are enough to tell runs apart. */
function seededWord(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}
