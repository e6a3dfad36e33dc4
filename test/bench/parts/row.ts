import type { Noise } from './machine.ts';
import { spreadOf, type Spread } from './spread.ts';

/** One line of the table: what we measured, its floor in the same run on the same machine, and their ratio. */
export interface Row {
  name: string;
  unit: string;
  better: 'more' | 'less';
  measured: Spread;
  /** What the floor is, in words. */
  floorIs: string;
  floor: Spread;
  /** Measured over floor, of rounds that ran one after the other: both met the same neighbours. */
  ratio: Spread;
  /** What is to be reached; undefined where nothing was promised. */
  goal: Goal | undefined;
  met: boolean | undefined;
}

export type Goal = { ratioAtLeast: number } | { ratioAtMost: number } | { atMost: number };

export interface Report {
  rows: Row[];
  /** What explains the rows: shares of time and of CPU, one line each. */
  notes: string[];
}

/** A benchmark by name; it takes its rounds, and leaves nothing behind. */
export interface Benchmark {
  name: string;
  about: string;
  /** Why it cannot run here; undefined when it can. */
  missing?(): string | undefined;
  /** @param say tells whoever waits what is going on */
  run(say: (line: string) => void): Promise<Report>;
}

export interface Finished extends Report {
  benchmark: string;
  tookMs: number;
  noise: Noise;
}

/** @param rounds pairs of one round of ours and one of the floor */
export function rowOf(
  row: Pick<Row, 'name' | 'unit' | 'better' | 'floorIs'> & { goal?: Goal },
  rounds: readonly { measured: number; floor: number }[],
): Row {
  const measured = spreadOf(rounds.map((round) => round.measured));
  const ratio = spreadOf(rounds.map((round) => round.measured / round.floor));
  const { goal, ...rest } = row;
  return {
    ...rest,
    measured,
    floor: spreadOf(rounds.map((round) => round.floor)),
    ratio,
    goal,
    met: goal && isMet(goal, measured.median, ratio.median),
  };
}

function isMet(goal: Goal, measured: number, ratio: number): boolean {
  if ('atMost' in goal) return measured <= goal.atMost;
  return 'ratioAtMost' in goal ? ratio <= goal.ratioAtMost : ratio >= goal.ratioAtLeast;
}
