import type { Clock } from '@anyseat/base';

/** The hub's time on a box whose own clock may be wrong, and may jump. */
export class HubClock {
  readonly #clock: Clock;
  /** What it was at the hub at a monotonic moment of ours. */
  #told: { at: number; was: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The hub says that it is now `hubTime`, epoch ms. */
  set(hubTime: number): void {
    this.#told = { at: this.#clock.monotonic(), was: hubTime };
  }

  /** Add to our own clock for the hub's; to the tenth of a second, or every look would be a change of the page. */
  get offsetMs(): number {
    if (!this.#told) return 0;
    const now = this.#told.was + this.#clock.monotonic() - this.#told.at;
    return Math.round((now - this.#clock.now()) / 100) * 100;
  }
}
