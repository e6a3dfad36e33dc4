import type { TcId } from './session.ts';

/**
 * A thin client. Its identity is its key; its seat is what the store says (rule 9).
 *
 * - `pending`: it showed a key nobody knows; an operator compares the fingerprint and approves.
 * - `enrolled`: it may serve people once it stands at a seat.
 * - `retired`: its key is refused.
 */
export interface Tc {
  id: TcId;
  fingerprint: string;
  /** Ed25519, SPKI DER, base64. */
  publicKey: string;
  state: 'pending' | 'enrolled' | 'retired';
  seat: string | undefined;
  /** What operators say of it, for allocators. */
  tags: Readonly<Record<string, string>>;
  hostName: string;
  model: string | undefined;
  macs: readonly string[];
  agentVersion: string;
  /** Where it last came from. */
  address: string;
  firstSeenAt: number;
  lastSeenAt: number;
}
