/** One figure over several rounds: the middle one, and how far the others are from it. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  /** In the order of the rounds. */
  rounds: readonly number[];
}

export function spreadOf(rounds: readonly number[]): Spread {
  if (rounds.length === 0) throw new RangeError('nothing was measured');
  return { median: quantile(rounds, 0.5), min: Math.min(...rounds), max: Math.max(...rounds), rounds };
}

/** The value below which this share of all values lies; between two of them, in proportion. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (above - below) * (at - Math.floor(at));
}
