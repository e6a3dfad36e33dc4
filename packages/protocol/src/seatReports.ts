import { z } from 'zod';

/**
 * What a seat says of itself every so often: state, never deltas that could be lost. Nothing of it is kept by a report;
 * nothing of it is authority.
 */
const count = z.int().nonnegative().max(10_000_000);

/**
 * What the person at a seat did in the last interval: counts, never which key (rule 8). Only while their desktop is on the
 * screen, each `reportEveryMs`; none from a box that cannot count.
 */
export const activityReport = z.object({
  type: z.literal('activity'),
  epoch: z.int().nonnegative(),
  sessionId: z.string().min(1).max(64),
  /** How long the counts took to come together. */
  overMs: z.int().nonnegative().max(3_600_000),
  /** Keys that went down; one that is held counts once. */
  keys: count,
  clicks: count,
  /** Steps of the wheel. */
  wheel: count,
  /** Movements of the pointer, as the hardware told them. */
  moves: count,
  /** Since anything was touched. */
  idleMs: z.int().nonnegative(),
});
export type ActivityReport = z.infer<typeof activityReport>;
