import type { Clock, Fault } from '@anyseat/base';
import { refusalKind, troubleRules, waitMs, type TroubleKind } from '../domain/pool/trouble.ts';

/** Why a pool makes no desktops just now, and when it tries again. It keeps serving what it has. */
export interface PoolTrouble {
  kind: TroubleKind;
  /** The cloud's own words. */
  text: string;
  /** Epoch ms. */
  since: number;
  /** How often in a row. */
  times: number;
  /** Epoch ms. */
  retryAt: number;
}

/** So many desktops in a row that never became ready, and the pool slows down: something is wrong with all of them. */
const FAILED_BOOTS = 3;

interface Held extends PoolTrouble {
  /** Monotonic ms: a clock that was set back holds no pool up. */
  retryFrom: number;
}

/** Restraint: what went wrong with creating, and how long to leave the cloud alone for it. One a pool. */
export class PoolHealth {
  readonly #clock: Clock;
  readonly #held = new Map<TroubleKind, Held>();
  #failedBoots = 0;
  readonly #failedOf = new Map<string, number>();
  #specRevision = 0;
  #notRebuilt: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The one that is waited for longest. */
  get trouble(): PoolTrouble | undefined {
    return this.#longest();
  }

  /** Why the last rebuild came to nothing; undefined since one succeeded. */
  get rebuildFault(): string | undefined {
    return this.#notRebuilt;
  }

  notRebuilt(why: string): void {
    this.#notRebuilt = why;
  }

  rebuilt(): void {
    this.#notRebuilt = undefined;
  }

  /** How many orders may go out: none while it waits, one to find out whether the trouble is over, else any number. */
  mayCreate(): number {
    const held = this.#longest();
    if (!held) return Infinity;
    return this.#clock.monotonic() >= held.retryFrom ? 1 : 0;
  }

  /** An order goes out. While there is trouble it is the only one until it has come to something, or its time is over. */
  ordered(): void {
    const now = this.#clock.monotonic();
    for (const held of this.#held.values()) {
      if (now >= held.retryFrom) this.#wait(held, waitMs(held.kind, held.times));
    }
  }

  /** A new specification is a new try. */
  specIs(revision: number): void {
    if (revision === this.#specRevision) return;
    this.#specRevision = revision;
    this.#held.clear();
    this.#failedBoots = 0;
    this.#failedOf.clear();
  }

  /** The cloud would not take an order. */
  refused(fault: Fault): void {
    this.#hit(refusalKind(fault), fault.message, Number(fault.fields['retryAfterMs']) || 0);
  }

  /** The cloud took an order and could not carry it out, for a reason that the next one would meet too. */
  buildFailed(kind: TroubleKind, text: string): void {
    this.#hit(kind, text, 0);
  }

  accepted(): void {
    this.#over('taken');
  }

  running(): void {
    this.#over('taken', 'running');
  }

  /**
   * A desktop was made and did not become ready. After so many in a row of one image it is that image where it may be
   * (`freeze`, and the count begins anew), else the pool slows down.
   */
  bootFailed(text: string, image?: string, mayFreeze?: (image: string) => boolean): 'freeze' | undefined {
    this.#failedBoots++;
    if (image !== undefined) {
      const ofImage = (this.#failedOf.get(image) ?? 0) + 1;
      this.#failedOf.set(image, ofImage);
      if (ofImage >= FAILED_BOOTS && mayFreeze?.(image)) {
        this.#failedOf.delete(image);
        this.#failedBoots = 0;
        this.#held.delete('boots-fail');
        return 'freeze';
      }
    }
    if (this.#failedBoots >= FAILED_BOOTS)
      this.#hit('boots-fail', `${this.#failedBoots} in a row, the last: ${text}`, 0);
    return undefined;
  }

  becameReady(image?: string): void {
    this.#failedBoots = 0;
    if (image !== undefined) this.#failedOf.delete(image);
    this.#over('taken', 'running', 'ready');
  }

  #hit(kind: TroubleKind, text: string, atLeastMs: number): void {
    const before = this.#held.get(kind);
    // What was ordered before the first of them failed fails for the same reason.
    const again = before && this.#clock.monotonic() < before.retryFrom && kind !== 'boots-fail';
    const times = (before?.times ?? 0) + (again ? 0 : 1);
    const since = before?.since ?? this.#clock.now();
    const held: Held = { kind, text, since, times, retryAt: 0, retryFrom: 0 };
    this.#wait(held, Math.max(atLeastMs, waitMs(kind, times)));
    this.#held.set(kind, held);
  }

  #wait(held: Held, ms: number): void {
    held.retryFrom = this.#clock.monotonic() + ms;
    held.retryAt = this.#clock.now() + ms;
  }

  #over(...reached: ('taken' | 'running' | 'ready')[]): void {
    for (const kind of this.#held.keys())
      if (reached.includes(troubleRules[kind].overAt)) this.#held.delete(kind);
  }

  #longest(): Held | undefined {
    let longest: Held | undefined;
    for (const held of this.#held.values())
      if (!longest || held.retryFrom > longest.retryFrom) longest = held;
    return longest;
  }
}
