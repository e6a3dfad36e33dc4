import type { Binding } from './binding.ts';
import type { Desktop } from './desktop.ts';

/** What is known of a bound desktop's server, and of all the others. */
export interface BoundWorld {
  desktop: Desktop;
  /** Bound desktops of the same cloud that have a server, this one among them. */
  bound: readonly Desktop[];
  /** The newest whole listing of the cloud; undefined while there is none. */
  listing:
    { complete: boolean; startedAt: number; has: (serverId: string) => boolean; size: number } | undefined;
  /** What the cloud says when it is asked for this very server. */
  answer: 'gone' | 'there' | 'unknown';
}

/** More than so many of a cloud's bound desktops away at once is a wrong project or region, not lost desktops. */
const MOST_MISSING = 0.1;

/**
 * Whether a bound desktop is gone for good: the cloud says so of this very server, a complete listing that began after the
 * desktop was bound has it not, and has others of ours, and nearly all other bound ones are there.
 */
export function isGoneForGood({ desktop, bound, listing, answer }: BoundWorld): boolean {
  if (desktop.state === 'gone') return true;
  if (answer !== 'gone' || desktop.serverId === undefined) return false;
  if (!listing?.complete || listing.startedAt <= desktop.stateSince) return false;
  if (listing.has(desktop.serverId) || listing.size === 0) return false;
  const missing = bound.filter((one) => one.serverId !== undefined && !listing.has(one.serverId)).length;
  return missing <= Math.max(1, Math.floor(bound.length * MOST_MISSING));
}

export interface ExpiryWorld {
  bindings: readonly Binding[];
  /** Days without use after which the bindings of this allocator end; undefined: never. */
  daysOf: (allocator: string) => number | undefined;
  /** Somebody has it open. */
  isInUse: (binding: Binding) => boolean;
  /** Epoch ms. */
  now: number;
}

const DAY_MS = 86_400_000;
/** More at once than this is a clock that is wrong, or a rule that was not meant so: an operator says first. */
const MOST_AT_ONCE = 0.05;
const MOST_AT_ONCE_LEAST = 10;

/** The bindings that nobody used for as long as their allocator says, and whether they are too many to end unasked. */
export function dueBindings({ bindings, daysOf, isInUse, now }: ExpiryWorld): {
  due: Binding[];
  tooMany: boolean;
} {
  const due = bindings.filter((binding) => {
    const days = binding.allocator === undefined ? undefined : daysOf(binding.allocator);
    return days !== undefined && !isInUse(binding) && now - binding.usedAt >= days * DAY_MS;
  });
  const most = Math.max(MOST_AT_ONCE_LEAST, Math.floor(bindings.length * MOST_AT_ONCE));
  return { due, tooMany: due.length > most };
}
