import type { Asker } from './allocator.ts';
import type { SessionId } from './session.ts';

/**
 * How a session came by its desktop at first: `new`: from the ready ones; `bound`: the one that was bound already;
 * `queue`: none was ready; `unusable`: the bound one could not be used at once.
 */
export type Outcome = 'new' | 'bound' | 'queue' | 'unusable';

/** Why a login went as it did: everything that the allocators looked at, and the rules that were in force. */
export interface Reason {
  session: SessionId;
  /** Epoch ms. */
  at: number;
  asker: Asker;
  /** Number of the last change of the resources before the login. */
  change: number;
  outcome: Outcome;
  /** What the login came to, as the session has it. */
  allocator: string;
  pools: readonly string[];
}

/** One apply: everything that was changed together. */
export interface ResourceChangeRecord {
  number: number;
  /** Epoch ms. */
  at: number;
  author: string;
  resources: readonly { kind: string; name: string; revision: number; deleted: boolean }[];
}
