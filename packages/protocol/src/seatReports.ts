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

const mb = z.number().nonnegative().max(1e9);

/** How a box is, each other `reportEveryMs`. What it cannot know is absent. Counts are of the time since the last one. */
export const healthReport = z.object({
  type: z.literal('health'),
  epoch: z.int().nonnegative(),
  overMs: z.int().nonnegative(),
  upMs: z.int().nonnegative(),
  /** The mean of a minute, of all cores together. */
  load: z.number().nonnegative().max(100_000),
  cores: z.int().positive().max(4096),
  memory: z.object({ totalMb: mb, availableMb: mb }).optional(),
  /** The file system that the agent's own files lie on. */
  disk: z.object({ totalMb: mb, freeMb: mb }).optional(),
  /** The hottest place that the kernel knows of, °C. */
  hottestC: z.number().min(-100).max(1000).optional(),
  /** The way to the hub: the interface of the default route. */
  network: z
    .object({
      name: z.string().max(32),
      up: z.boolean(),
      /** Where the hardware says it. */
      mbps: z.number().nonnegative().max(1e6).optional(),
      errors: count,
      dropped: count,
    })
    .optional(),
  /** Segments that TCP had to send again, of all that it sent, 0 to 1. */
  resent: z.number().min(0).max(1).optional(),
  /** From the pings of this connection: the last one that came back, and how many did not. */
  hub: z.object({ rttMs: z.number().nonnegative().max(3_600_000), lost: count }).optional(),
  viewerMb: mb.optional(),
  /** Hub's clock less the box's. */
  clockOffsetMs: z.number().min(-1e13).max(1e13),
});
export type HealthReport = z.infer<typeof healthReport>;

const named = z.string().max(96);
const device = z.object({
  name: named,
  /** `audio`: something to hear and speak by; `input`: keyboard, mouse and the like. */
  kind: z.enum(['audio', 'input', 'storage', 'other']).catch('other'),
  /** `046d:0a44` */
  id: z.string().max(16).optional(),
});

/** What a box is made of and what is plugged into it: at the beginning of a connection, and when it has changed. */
export const inventoryReport = z.object({
  type: z.literal('inventory'),
  epoch: z.int().nonnegative(),
  manufacturer: named.optional(),
  model: named.optional(),
  serial: named.optional(),
  system: named.optional(),
  macs: z.array(z.string().max(17)).max(8),
  displays: z.array(named).max(8),
  /** On USB, hubs left out. */
  usb: z.array(device).max(32),
  /** Sound cards, those on USB too. */
  audio: z.array(named).max(8),
});
export type InventoryReport = z.infer<typeof inventoryReport>;
