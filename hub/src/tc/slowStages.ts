import type { Clock } from '@anyseat/base';
import type { LoginStage } from '@anyseat/protocol';

/** What takes less is over before a person has read it. */
export const SHOWN_AFTER_MS = 150;

/**
 * Tells where a login stands, once it stands there for so long: of a fast one nobody is told but the answer, of a slow one
 * the stage that it waits in. One timer a login (four frames for each were a tenth of what the hub did in a storm).
 */
export class SlowStages implements Disposable {
  readonly #clock: Clock;
  readonly #tell: (stage: LoginStage) => void;
  #now: { stage: LoginStage; since: number } | undefined;
  #timer: Disposable | undefined;

  constructor(clock: Clock, tell: (stage: LoginStage) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  enter(stage: LoginStage): void {
    this.#now = { stage, since: this.#clock.monotonic() };
    this.#timer ??= this.#clock.after(SHOWN_AFTER_MS, () => this.#look());
  }

  /** It waits for something else, or is answered. */
  leave(): void {
    this.#now = undefined;
  }

  [Symbol.dispose](): void {
    this.leave();
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    this.#timer = undefined;
    if (!this.#now) return;
    const leftMs = this.#now.since + SHOWN_AFTER_MS - this.#clock.monotonic();
    if (leftMs > 0) {
      this.#timer = this.#clock.after(leftMs, () => this.#look());
      return;
    }
    this.#tell(this.#now.stage);
    this.#now = undefined;
  }
}
