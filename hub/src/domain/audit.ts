/** Who did something: an operator, a person at a seat, a thin client, or the hub by a written rule. */
export interface Actor {
  kind: 'operator' | 'person' | 'tc' | 'hub';
  name: string;
}

export const theHub: Actor = { kind: 'hub', name: 'hub' };

/** One act, as the audit chain keeps it; each row carries the hash of the one before. */
export interface AuditRow {
  hubId: string;
  seq: number;
  /** Epoch ms. */
  at: number;
  actor: Actor;
  /** `desktop.leased`, `resources.applied`, … */
  act: string;
  subject: string;
  details: Readonly<Record<string, unknown>>;
  previousHash: string;
  hash: string;
}
