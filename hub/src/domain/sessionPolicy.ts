import { MINUTE, SECOND } from '@anyseat/base';
import type { AllocatorSpec, ViewerSettings } from '@anyseat/protocol';

/** What an allocator says of a session, as it stood at the login: a change of the rule leaves running sessions alone. */
export interface SessionPolicy {
  /** Who has a higher one is served before those who came earlier. */
  queuePriority: number;
  /** How long the desktop waits for its person; undefined: as its pool says. */
  graceMs?: number | undefined;
  /** When nobody touches the seat for so long; a warning comes first. */
  idle?: { afterMs: number; warnMs: number; action: 'lock' | 'logOff' } | undefined;
  /** Longer it does not last: by its length, and by the clock on the wall of its site. */
  atMost?: { ms: number | undefined; hours: readonly string[] | undefined; warnMs: number } | undefined;
  /** What becomes of a pooled desktop; undefined: as its pool says. */
  afterUse?: 'replace' | 'rebuild' | undefined;
  /** What of the seat the desktop is given. */
  viewer?: ViewerSettings | undefined;
}

export const ordinaryPolicy: SessionPolicy = { queuePriority: 0 };

export const policyOf = ({
  queuePriority = 0,
  graceSeconds,
  idle,
  atMost,
  afterUse,
  viewer,
}: AllocatorSpec): SessionPolicy => ({
  queuePriority,
  ...(graceSeconds === undefined ? {} : { graceMs: graceSeconds * SECOND }),
  ...(afterUse === undefined || afterUse === 'keep' ? {} : { afterUse }),
  ...(viewer ? { viewer } : {}),
  ...(idle
    ? {
        idle: {
          afterMs: idle.afterMinutes * MINUTE,
          warnMs: idle.warnMinutes * MINUTE,
          action: idle.action,
        },
      }
    : {}),
  ...(atMost
    ? {
        atMost: {
          ms: atMost.minutes === undefined ? undefined : atMost.minutes * MINUTE,
          hours: atMost.hours,
          warnMs: atMost.warnMinutes * MINUTE,
        },
      }
    : {}),
});
