/** What a person did at their seat in an interval: counts, never which key (rule 8). */
export interface Activity {
  /** Since anything was touched. */
  idleMs: number;
  /** The interval of the counts. */
  overMs: number;
  /** Keys that went down; one that is held counts once. */
  keys: number;
  clicks: number;
  /** Steps of the wheel. */
  wheel: number;
  /** Movements of the pointer. */
  moves: number;
}
