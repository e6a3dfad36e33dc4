import { hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Actor, AuditRow } from '../../domain/audit.ts';
import type { Beside } from './writer.ts';

interface Head {
  seq: number;
  hash: string;
}

/** What the first row of a chain follows. */
const ORIGIN = '0'.repeat(64);
/** A few milliseconds' worth. */
const VERIFIED_AT_ONCE = 1000;

/**
 * This hub's chain of audit rows: each carries the hash of the one before, so that none can be changed or taken out
 * unseen. Rows are added inside the transaction of the act that they tell of.
 */
export class AuditChain implements Beside {
  readonly #hubId: string;
  readonly #insert;
  readonly #page;
  readonly #pageOf;
  readonly #after;
  #head: Head;

  constructor(db: Database, hubId: string) {
    this.#hubId = hubId;
    this.#insert = db.prepare(
      `INSERT INTO audit (hub, seq, at, actor_kind, actor, act, subject, details, previous_hash, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#page = db.prepare<[string, number, number], Row>(
      'SELECT * FROM audit WHERE hub = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
    );
    this.#pageOf = db.prepare<[string, string, number, number], Row>(
      'SELECT * FROM audit WHERE hub = ? AND subject = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
    );
    this.#after = db.prepare<[string, number, number, number], Row>(
      'SELECT * FROM audit WHERE hub = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
    );
    const last = this.#page.get(hubId, Number.MAX_SAFE_INTEGER, 1);
    this.#head = last ? { seq: last.seq, hash: last.hash } : { seq: 0, hash: ORIGIN };
  }

  save(): unknown {
    return this.#head;
  }

  restore(saved: unknown): void {
    this.#head = saved as Head;
  }

  /** Adds one row; call it inside a unit of the writer. */
  add(
    at: number,
    actor: Actor,
    act: string,
    subject: string,
    details: Readonly<Record<string, unknown>>,
  ): void {
    const seq = this.#head.seq + 1;
    const text = JSON.stringify(details);
    const own = rowHash(this.#head.hash, [this.#hubId, seq, at, actor.kind, actor.name, act, subject, text]);
    this.#insert.run(this.#hubId, seq, at, actor.kind, actor.name, act, subject, text, this.#head.hash, own);
    this.#head = { seq, hash: own };
  }

  page(filter: { before?: number | undefined; limit: number; subject?: string | undefined }): AuditRow[] {
    const before = filter.before ?? Number.MAX_SAFE_INTEGER;
    const rows = filter.subject
      ? this.#pageOf.all(this.#hubId, filter.subject, before, filter.limit)
      : this.#page.all(this.#hubId, before, filter.limit);
    return rows.map(auditRow);
  }

  /** Others are served in between: a year of rows is minutes of work. Of rows that are added meanwhile nothing is said. */
  async verify(): Promise<{ rows: number; brokenAt: number | undefined }> {
    const to = this.#head.seq;
    let rows = 0;
    let previous: Head = { seq: 0, hash: ORIGIN };
    for (;;) {
      const some = this.#after.all(this.#hubId, previous.seq, to, VERIFIED_AT_ONCE);
      for (const row of some) {
        rows++;
        if (!follows(row, previous)) return { rows, brokenAt: row.seq };
        previous = { seq: row.seq, hash: row.hash };
      }
      if (some.length < VERIFIED_AT_ONCE) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The newest are missing: the head that this hub went on from is not among them.
    return { rows, brokenAt: previous.seq === to ? undefined : previous.seq + 1 };
  }
}

interface Row {
  hub: string;
  seq: number;
  at: number;
  actor_kind: string;
  actor: string;
  act: string;
  subject: string;
  details: string;
  previous_hash: string;
  hash: string;
}

function follows(row: Row, previous: Head): boolean {
  const { hub, seq, at, actor_kind, actor, act, subject, details } = row;
  return (
    seq === previous.seq + 1 &&
    row.previous_hash === previous.hash &&
    row.hash === rowHash(previous.hash, [hub, seq, at, actor_kind, actor, act, subject, details])
  );
}

/** JSON of an array keeps the fields apart: no two different rows have one text. */
const rowHash = (previous: string, fields: readonly (string | number)[]): string =>
  hash('sha256', JSON.stringify([previous, ...fields]), 'hex');

const auditRow = (row: Row): AuditRow => ({
  hubId: row.hub,
  seq: row.seq,
  at: row.at,
  actor: { kind: row.actor_kind as Actor['kind'], name: row.actor },
  act: row.act,
  subject: row.subject,
  details: JSON.parse(row.details) as Record<string, unknown>,
  previousHash: row.previous_hash,
  hash: row.hash,
});
