import type { ViewerEnd } from '@anyseat/protocol';
import type { CloudServer } from './cloudServer.ts';
import type { Desktop } from './desktop.ts';
import { areManyDown, type CloudHost, type HostDoubt } from './hosts.ts';
import type { Session } from './session.ts';
import type { SwapPolicy } from './swap.ts';

/** Ends of a viewer that speak of a desktop that is lost. What a person or the seat itself did is none. */
const LOST: ReadonlySet<ViewerEnd> = new Set(['link-lost', 'closed-by-desktop', 'unreachable', 'timed-out']);

/** The seat says that the desktop is gone from its screen, and did not end it itself. */
export const seatLostIt = ({ state, viewerEnd }: Pick<Session, 'state' | 'viewerEnd'>): boolean =>
  state === 'away' && viewerEnd !== undefined && LOST.has(viewerEnd);

/**
 * What the cloud says of a desktop that its seat has lost; undefined: nothing that would make it a broken one. By itself this stops
 * hand-out and nothing else (rule 11).
 */
export function cloudSaysLost(
  server: CloudServer | 'gone',
  doubt: HostDoubt | undefined,
): string | undefined {
  if (server === 'gone') return 'its server is gone';
  switch (server.state) {
    case 'failed':
      return server.fault?.message.trim() || 'the cloud reports ERROR and gives no reason';
    case 'stopped':
      return `its server was powered off (${server.words})`;
    case 'leaving':
      return 'somebody else deleted its server';
    case 'running':
    case 'busy':
    case 'building':
    case 'unknown':
      return doubt?.kind === 'down' ? doubt.text : undefined;
    default:
      return server.state satisfies never;
  }
}

/** Why the hub leaves a lost desktop to its person, in words; undefined: it may swap it. Pure. */
export function whyNotByRule(world: {
  desktop: Pick<Desktop, 'state' | 'unconfirmedSince'>;
  policy: Pick<SwapPolicy, 'byRule' | 'bound'>;
  hosts: readonly CloudHost[] | undefined;
}): string | undefined {
  const { desktop, policy, hosts } = world;
  if (!policy.byRule) return 'its pool says so (swaps.byRule)';
  if (desktop.state === 'bound' && !policy.bound)
    return 'it belongs to somebody, and what is on it would stay behind (swaps.bound)';
  if (desktop.unconfirmedSince !== undefined)
    return 'whose it is stands in a restored backup, and no seat has confirmed it';
  if (hosts && areManyDown(hosts)) return 'more than a tenth of the hosts look down';
  return undefined;
}
