import type { Database } from 'better-sqlite3';
import { Fault, isFault, messageOf, SECOND, type Clock } from '@anyseat/base';

interface Unit {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** State beside the database that a rolled-back unit must not leave behind (the head of the audit chain). */
export interface Beside {
  save(): unknown;
  restore(saved: unknown): void;
}

/** After the commit of two units or more: a rest of so many times what it cost each of them. */
const REST = 32;
const LONGEST_REST_MS = 20;
const FAILURE_TOLD_MS = 30 * SECOND;
/** A timer of less is one of a millisecond. */
const SHORTEST_REST_MS = 0.5;

/**
 * One writer, group commit: all units of one event-loop turn are committed together, with one fsync, and only then is
 * any of them answered (measured: 9 times the claims of one commit each, and one stall of the loop instead of many).
 * A unit that throws is rolled back by itself; the others of its turn are kept.
 *
 * While units come faster than they are committed, the next commit waits for more of them: the longer, the slower the
 * disk and the fewer there were. A unit that comes alone never waits, nor do many.
 */
export class Writer {
  readonly #db: Database;
  readonly #say: Says;
  readonly #beside: Beside;
  readonly #clock: Clock;
  #restUntil = -Infinity;
  #waiting: Unit[] = [];
  #failure: { why: string; at: number; isLast: boolean } | undefined;

  constructor(db: Database, beside: Beside, clock: Clock) {
    this.#db = db;
    this.#say = says(db);
    this.#beside = beside;
    this.#clock = clock;
  }

  /**
   * Why a turn could not be committed, the last one or one of the last half minute; undefined when all is well. On a full disk
   * one unit finds room and the next does not: whoever looks in between is not to hear that all is well.
   */
  get failure(): string | undefined {
    const { why, at, isLast } = this.#failure ?? { why: undefined, at: 0, isLast: false };
    return isLast || this.#clock.monotonic() - at < FAILURE_TOLD_MS ? why : undefined;
  }

  /**
   * Runs a unit of work, durable when the promise resolves.
   * @throws what the unit threw; `store-full`, `store-failed` (transient) when nothing could be committed.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as Unit['resolve'], reject });
      if (this.#waiting.length === 1) this.#plan();
    });
  }

  #plan(): void {
    const restMs = this.#restUntil - this.#clock.monotonic();
    const commit = () => this.#commitTurn();
    if (restMs >= SHORTEST_REST_MS) this.#clock.sleep(restMs).then(commit, commit);
    else setImmediate(commit);
  }

  /** Everything still waiting, now; for the end. */
  flush(): void {
    if (this.#waiting.length > 0) this.#commitTurn();
  }

  #commitTurn(): void {
    const units = this.#waiting;
    if (units.length === 0) return;
    this.#waiting = [];
    const answers: (() => void)[] = [];
    const before = this.#beside.save();
    try {
      this.#say.begin.run();
      for (const unit of units) answers.push(this.#runUnit(unit));
      this.#commit(units.length);
      if (this.#failure) this.#failure.isLast = false;
    } catch (error) {
      if (this.#db.open && this.#db.inTransaction) this.#db.exec('ROLLBACK');
      this.#beside.restore(before);
      const fault = storeFault(error);
      this.#failure = { why: fault.message, at: this.#clock.monotonic(), isLast: true };
      for (const unit of units) unit.reject(fault);
      return;
    }
    for (const answer of answers) answer();
  }

  #commit(units: number): void {
    const from = this.#clock.monotonic();
    this.#say.commit.run();
    const to = this.#clock.monotonic();
    const restMs = units === 1 ? 0 : Math.min((REST * (to - from)) / units, LONGEST_REST_MS);
    this.#restUntil = to + restMs;
  }

  #runUnit(unit: Unit): () => void {
    this.#say.save.run();
    const before = this.#beside.save();
    try {
      const value = unit.work();
      this.#say.release.run();
      return () => unit.resolve(value);
    } catch (error) {
      // A full disk ends the whole transaction by itself (SQLite, "Error handling" of ROLLBACK): nobody's unit is kept.
      if (!this.#db.inTransaction || isEngineFault(error)) throw error;
      this.#db.exec('ROLLBACK TO unit; RELEASE unit');
      this.#beside.restore(before);
      return () => unit.reject(isFault(error) ? error : storeFault(error));
    }
  }
}

/** Prepared once: `exec` reads its SQL anew every time, twice for each unit (measured: a tenth of a claim). */
const says = (db: Database) => ({
  begin: db.prepare('BEGIN IMMEDIATE'),
  commit: db.prepare('COMMIT'),
  save: db.prepare('SAVEPOINT unit'),
  release: db.prepare('RELEASE unit'),
});
type Says = ReturnType<typeof says>;

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** The engine failed, not the unit: nothing else of this turn can be trusted to have been kept. */
const isEngineFault = (error: unknown): boolean =>
  /^SQLITE_(FULL|IOERR|NOMEM|CORRUPT|READONLY|CANTOPEN|NOTADB|PROTOCOL)/.test(codeOf(error));

function storeFault(error: unknown): Fault {
  const code = codeOf(error);
  if (code === 'SQLITE_FULL') {
    return new Fault('store-full', 'transient', 'the disk of the store is full', { cause: error });
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return new Fault('store-refused', 'bug', `the store refused a change: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return new Fault('store-failed', 'transient', `the store failed: ${messageOf(error)}`, {
    cause: error,
    fields: { engine: code },
  });
}
