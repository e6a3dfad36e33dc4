import type { InputReading } from '../../common/idleMeter.ts';

/** What tells that something on this box is touched. One adapter a source. */
export interface Input {
  /** Begins to count. Never throws: a box that cannot count says so by its readings, and in the log once. */
  count(): InputMeter;
  /** So many keys are about to be pressed by this program: they are nobody's. */
  ownKeys?(count: number): void;
}

/** Counts until it is disposed. */
export interface InputMeter extends Disposable {
  /** What was done since the last reading; undefined while nothing can be counted. */
  read(): InputReading | undefined;
}
