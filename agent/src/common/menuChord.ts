/** A key of the chord, as far as it matters. */
export type ChordKey = 'control' | 'alt' | 'home';

/** Control, Alt and Home together. What else is pressed nobody asks. */
export class MenuChord {
  readonly #down = { control: false, alt: false };

  /** Returns whether this key completes the chord. */
  press(key: ChordKey): boolean {
    if (key === 'home') return this.#down.control && this.#down.alt;
    this.#down[key] = true;
    return false;
  }

  release(key: ChordKey): void {
    if (key !== 'home') this.#down[key] = false;
  }
}
