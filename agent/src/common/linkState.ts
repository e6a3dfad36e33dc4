import type { Welcome } from '@anyseat/protocol';

/** Why there is no connection to the hub. */
export type LinkTrouble =
  /** Nobody answers at the address, or not in time. */
  | 'unreachable'
  /** Somebody answers, with a key that is not pinned or a certificate that does not hold. Nothing was said to them. */
  | 'untrusted'
  /** The connection died without a word. */
  | 'silent'
  /** The hub closed it. */
  | 'closed'
  /** The hub stops for a moment and said so. */
  | 'going-away'
  /** Another box proved the same key and is served instead. */
  | 'replaced'
  /** The hub speaks no version of the protocol that this agent does. */
  | 'version'
  /** The hub found this box too noisy. */
  | 'too-many';

/** What the hub said last about this box; kept while the connection is away. */
export type Standing =
  | { kind: 'unknown' }
  | { kind: 'pending'; fingerprint: string }
  | { kind: 'rejected'; code: string }
  | { kind: 'welcome'; welcome: Welcome };

/**
 * Between this box and the hub.
 *
 * - `connecting`: on the way, the first time or again.
 * - `online`: the hub has answered on this connection; what it said is the standing.
 * - `offline`: no connection; the next try is at `retryAt` (epoch ms).
 */
export type LinkState = { standing: Standing } & (
  | { phase: 'connecting'; trouble?: LinkTrouble }
  | { phase: 'online' }
  | { phase: 'offline'; trouble: LinkTrouble; retryAt: number }
);

/** What the connection has to tell. */
export type LinkNews =
  | { kind: 'dialing' }
  | { kind: 'lost'; trouble: LinkTrouble; retryAt: number }
  | { kind: 'pending'; fingerprint: string }
  | { kind: 'rejected'; code: string }
  | { kind: 'welcome'; welcome: Welcome };

export const firstLink: LinkState = { phase: 'connecting', standing: { kind: 'unknown' } };

export function nextLink(link: LinkState, news: LinkNews): LinkState {
  switch (news.kind) {
    case 'dialing':
      return { phase: 'connecting', standing: link.standing, ...troubleOf(link) };
    case 'lost':
      return { phase: 'offline', standing: link.standing, trouble: news.trouble, retryAt: news.retryAt };
    case 'pending':
    case 'rejected':
    case 'welcome':
      return { phase: 'online', standing: news };
    default:
      return news satisfies never;
  }
}

/** What went wrong last, for as long as it has not gone right; a page that says it does not flicker between tries. */
export function troubleOf(link: LinkState): { trouble?: LinkTrouble } {
  return link.phase === 'online' || link.trouble === undefined ? {} : { trouble: link.trouble };
}

/** The welcome of the connection that stands now; without one nothing may be said to the hub. */
export function welcomeOf(link: LinkState): Welcome | undefined {
  return link.phase === 'online' && link.standing.kind === 'welcome' ? link.standing.welcome : undefined;
}
