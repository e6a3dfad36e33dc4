import type { Clock } from '@anyseat/base';
import { leftMs, type Limit } from './limit.ts';

/** How many refusals are remembered. */
const REMEMBERED = 32;

/**
 * Makes the refusal of an unknown name take as long as the refusal of a wrong password took lately, so that time does
 * not tell which names exist. Costs the directory nothing: no password is sent for a name that nobody has.
 */
export class WrongPasswordPace {
  readonly #clock: Clock;
  readonly #tookMs: number[] = [];
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A password took this long to be refused, the wait for a connection included. */
  took(ms: number): void {
    this.#tookMs[this.#next] = ms;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  /** One of the remembered times, by chance: so the waits spread as the real ones do. */
  async wait(limit: Limit): Promise<void> {
    const ms = this.#tookMs[Math.floor(Math.random() * this.#tookMs.length)];
    if (ms !== undefined) await this.#clock.sleep(Math.min(ms, leftMs(this.#clock, limit)), limit.signal);
  }
}
