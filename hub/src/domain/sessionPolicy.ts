import { SECOND } from '@anyseat/base';
import type { AllocatorSpec } from '@anyseat/protocol';

/** What an allocator says of a session, as it stood at the login: a change of the rule leaves running sessions alone. */
export interface SessionPolicy {
  /** Who has a higher one is served before those who came earlier. */
  queuePriority: number;
  /** How long the desktop waits for its person; undefined: as its pool says. */
  graceMs?: number | undefined;
}

export const ordinaryPolicy: SessionPolicy = { queuePriority: 0 };

export const policyOf = ({ queuePriority = 0, graceSeconds }: AllocatorSpec): SessionPolicy => ({
  queuePriority,
  ...(graceSeconds === undefined ? {} : { graceMs: graceSeconds * SECOND }),
});
