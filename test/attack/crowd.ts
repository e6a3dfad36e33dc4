import type { KeyObject } from 'node:crypto';
import { systemClock } from '@anyseat/base';
import type { Grant } from '@anyseat/protocol';
import { PersistentPerson, type WhereIsTheHub } from '../simulation/parts/persistentPerson.ts';
import type { Ledger } from './ledger.ts';

/** Somebody with two seats to choose from, each with a thin client of its own. */
export interface Visitor {
  user: string;
  keys: readonly { publicKey: KeyObject; privateKey: KeyObject }[];
}

/** Between two acts of one person, at the most. */
const THINKS_MS = 500;
/** Over this nobody who is in the middle of an act waits for a hub: it is told as a failure. */
const PATIENCE_MS = 600_000;

/** People who log in, at one seat or another, see their picture, log in elsewhere, log off, and begin again. */
export class Crowd implements AsyncDisposable {
  readonly #where: WhereIsTheHub;
  readonly #ledger: Ledger;
  readonly #lives: Promise<void>[];
  readonly #desks: PersistentPerson[] = [];
  #stopping = false;
  /** People whose lives ended before they were asked to stop, and why. */
  readonly failures: string[] = [];

  constructor(visitors: readonly Visitor[], where: WhereIsTheHub, ledger: Ledger) {
    this.#where = where;
    this.#ledger = ledger;
    this.#lives = visitors.map((visitor) =>
      this.#life(visitor).catch((error: unknown) => void this.failures.push(String(error))),
    );
  }

  /** Why logins were refused, and how often. */
  get refused(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const code of this.#desks.flatMap((desk) => desk.refused)) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  }

  /** Everybody ends the act in which they are, and does nothing more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#lives);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    for (const desk of this.#desks) await desk[Symbol.asyncDispose]();
  }

  async #life({ user, keys }: Visitor): Promise<void> {
    const desks = keys.map((key) => new PersistentPerson(user, this.#where, key));
    this.#desks.push(...desks);
    let at: { desk: PersistentPerson; grant: Grant } | undefined;
    while (!this.#stopping) {
      await systemClock.sleep(Math.random() * THINKS_MS);
      if (at && Math.random() < 0.4) {
        this.#ledger.leaves(user);
        await at.desk.logOff(at.grant, PATIENCE_MS);
        this.#ledger.left(user);
        at = undefined;
        continue;
      }
      const desk: PersistentPerson = desks[Math.floor(Math.random() * desks.length)]!;
      const grant = await desk.logIn(PATIENCE_MS);
      this.#ledger.granted(user, grant);
      at = { desk, grant };
      if (Math.random() < 0.7) await desk.see(grant, saidOnce(), PATIENCE_MS);
    }
  }
}

/** A report has no answer: it is sent, and may be lost with the hub. */
function saidOnce(): () => Promise<boolean> {
  let asked = 0;
  return () => Promise.resolve(asked++ > 0);
}
