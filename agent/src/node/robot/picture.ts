/** What stands on a screen: a number a point, row by row; equal numbers are equal colours. */
export interface Picture {
  width: number;
  height: number;
  points: Uint32Array;
}

/** Fewer points than a letter has: so many have to change before a picture counts as another. */
export const FEWEST_POINTS = 6;

/** Whether all of it has one colour, but for a few points. */
export function isBlank({ points }: Picture): boolean {
  const first = points[0];
  let others = 0;
  for (const point of points) if (point !== first && ++others >= FEWEST_POINTS) return false;
  return true;
}

/** The points of a picture that change by themselves: a clock, a cursor that blinks, a film. Watched before anything is typed. */
export class Restless {
  readonly #moves: Uint8Array;
  #count = 0;

  constructor({ points }: Picture) {
    this.#moves = new Uint8Array(points.length);
  }

  /** What differs between these two has changed by itself. */
  learn(before: Picture, after: Picture): void {
    for (let i = 0; i < this.#moves.length; i++) {
      if (before.points[i] === after.points[i] || this.#moves[i] === 1) continue;
      this.#moves[i] = 1;
      this.#count++;
    }
  }

  /** How much of the picture it is, 0 to 1. */
  get share(): number {
    return this.#count / this.#moves.length;
  }

  /** Whether something else changed than what changes by itself. */
  answered(before: Picture, after: Picture): boolean {
    // A screen that was given another size is another picture in any case.
    if (before.points.length !== after.points.length) return true;
    let changed = 0;
    for (let i = 0; i < this.#moves.length; i++) {
      if (before.points[i] !== after.points[i] && this.#moves[i] === 0 && ++changed >= FEWEST_POINTS)
        return true;
    }
    return false;
  }
}
