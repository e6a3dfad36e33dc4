/** What chance decides in a world: everything follows from the seed (mulberry32, Tommy Ettinger, public domain). */
export class Dice {
  #state: number;

  constructor(seed: number, forWhat = '') {
    this.#state = seed >>> 0;
    for (const letter of forWhat) this.#state = (Math.imul(this.#state, 31) + letter.charCodeAt(0)) >>> 0;
    for (let i = 0; i < 4; i++) this.word();
  }

  /** 32 bits. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** From 0 up to, and without, 1. */
  fraction = (): number => this.word() / 2 ** 32;

  between(least: number, most: number): number {
    return least + (most - least) * this.fraction();
  }

  below(n: number): number {
    return Math.floor(this.fraction() * n);
  }

  happens(chance: number): boolean {
    return this.fraction() < chance;
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  bytes(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.word() & 255;
  }
}
