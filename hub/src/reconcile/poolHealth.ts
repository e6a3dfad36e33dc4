import { MINUTE, SECOND, type Clock, type Fault } from '@anyseat/base';

/** Why a pool makes no desktops just now, in words, and when it tries again. It keeps serving what it has. */
export interface PoolTrouble {
  code: string;
  text: string;
  /** Epoch ms. */
  since: number;
  /** Epoch ms. */
  retryAt: number;
}

const FIRST_WAIT = 30 * SECOND;
const LONGEST_WAIT = 10 * MINUTE;
/** So many desktops in a row that never became ready, and the pool slows down: something is wrong with all of them. */
const FAILED_BOOTS = 3;

/** Restraint: what went wrong with creating, and how long to leave the cloud alone for it. One a pool. */
export class PoolHealth {
  readonly #clock: Clock;
  /** Monotonic ms: a clock that was set back holds no pool up. */
  #retryFrom = 0;
  #trouble: PoolTrouble | undefined;
  #refusals = 0;
  #failedBoots = 0;
  #specRevision = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get trouble(): PoolTrouble | undefined {
    return this.#trouble;
  }

  mayCreate(): boolean {
    return this.#trouble === undefined || this.#clock.monotonic() >= this.#retryFrom;
  }

  /** A new specification is a new try. */
  specIs(revision: number): void {
    if (revision === this.#specRevision) return;
    this.#specRevision = revision;
    this.#clear();
  }

  /** The cloud would not take an order. */
  refused(fault: Fault): void {
    this.#refusals++;
    const asked = Number(fault.fields.retryAfterMs) || 0;
    this.#hold(fault.code, fault.message, Math.max(asked, waitFor(this.#refusals)));
  }

  accepted(): void {
    this.#refusals = 0;
    if (this.#failedBoots < FAILED_BOOTS) this.#trouble = undefined;
  }

  bootFailed(text: string): void {
    this.#failedBoots++;
    if (this.#failedBoots < FAILED_BOOTS) return;
    const wait = waitFor(this.#failedBoots - FAILED_BOOTS + 1);
    this.#hold(
      'boots-fail',
      `${this.#failedBoots} desktops in a row did not become ready; the last: ${text}`,
      wait,
    );
  }

  becameReady(): void {
    this.#clear();
  }

  #hold(code: string, text: string, waitMs: number): void {
    const now = this.#clock.now();
    this.#retryFrom = this.#clock.monotonic() + waitMs;
    const since = this.#trouble?.code === code ? this.#trouble.since : now;
    this.#trouble = { code, text, since, retryAt: now + waitMs };
  }

  #clear(): void {
    this.#trouble = undefined;
    this.#refusals = 0;
    this.#failedBoots = 0;
  }
}

const waitFor = (times: number): number => Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(times - 1, 10));
