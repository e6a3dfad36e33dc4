import { z } from 'zod';

/**
 * What a thin client says of its own program, at each new connection and when it has changed; one that was not installed so
 * that it can be updated over the wire says nothing. `ready`: the release lies there whole, and waits for the word to be
 * started. `trial`: it is started now, and has to prove itself. `failed` and `rolledBack`: what runs is what ran before.
 */
export const updateReport = z.object({
  type: z.literal('update'),
  epoch: z.int().nonnegative(),
  running: z.string().min(1).max(32),
  /** As Debian calls it. */
  arch: z.string().max(16),
  state: z.enum(['idle', 'fetching', 'ready', 'trial', 'failed', 'rolledBack']),
  /** Of the release that the state is about. */
  version: z.string().max(32).optional(),
  /** Why, for operators. */
  text: z.string().max(300).optional(),
  /** Of `failed`: it may work another time. */
  again: z.boolean().optional(),
});
export type UpdateReport = z.infer<typeof updateReport>;

/** Where a hub has releases, for those whom it told a ticket. */
export const RELEASES_PATH = '/releases/';

const ring = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a ring is called by small letters, digits and dashes');

/** The last ring: everybody who is in no other. */
export const LAST_RING = 'rest';

export const startUpdateRequest = z.strictObject({
  version: z.string().min(1).max(32),
  /** In this order; `rest` is those that have no tag `ring`, or one that is not named here. */
  rings: z
    .array(ring)
    .min(1)
    .max(20)
    .refine((rings) => new Set(rings).size === rings.length, 'a ring is named twice')
    .default([LAST_RING]),
  /** So many are started anew at a time, and so many fetch. */
  atOnce: z.int().min(1).max(1000).default(20),
  /** After a ring is through, the next one waits so long. */
  soakMinutes: z.number().min(0).max(10_080).default(60),
  /** More that failed, in all rings together, and the hub pauses by itself. */
  mostFailed: z.int().min(0).max(10_000).default(1),
});
export type StartUpdate = z.output<typeof startUpdateRequest>;
export const changeUpdateRequest = z.strictObject({ to: z.enum(['running', 'paused', 'stopped']) });

export interface ReleaseView {
  version: string;
  arch: string;
  bytes: number;
  sha256: string;
  addedAt: number;
}

/** How far one ring is, in thin clients. */
export interface RingView {
  name: string;
  all: number;
  updated: number;
  /** Fetching, waiting for the end of a session, or being started. */
  underWay: number;
  failed: number;
  offline: number;
}

export interface UpdateView {
  version: string;
  state: 'running' | 'paused' | 'stopped' | 'done';
  startedAt: number;
  atOnce: number;
  soakMinutes: number;
  mostFailed: number;
  rings: RingView[];
  /** What happens now and why, a sentence each. */
  words: string[];
  /** Thin clients that did not take it, the first hundred. */
  failures: { tc: string; seat?: string; state: string; text: string }[];
}

export interface UpdatesAnswer {
  releases: ReleaseView[];
  update?: UpdateView;
}
