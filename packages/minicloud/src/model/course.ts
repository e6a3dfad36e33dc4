import type { Clock } from '@anyseat/base';

/**
 * What is being done to one server. There is one at a time: the next one ends it, and an ended course simply never goes
 * on from where it waits. Nothing has to be checked after a wait.
 */
export class Course {
  readonly #clock: Clock;
  readonly #timers = new Set<Disposable>();
  readonly #atEnd: (() => void)[] = [];
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#over) return;
      const timer = this.#clock.after(ms, () => {
        this.#timers.delete(timer);
        resolve();
      });
      this.#timers.add(timer);
    });
  }

  /** Waits for somebody else's work, whose outcome does not matter any more once this course is over. */
  step<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => {
          if (!this.#over) resolve(value);
        },
        (error: unknown) => {
          if (!this.#over) reject(error);
        },
      );
    });
  }

  /** Waits for something lent, which goes back when the course is over; even when it is lent only after that. */
  borrow(lent: Promise<() => void>): Promise<() => void> {
    return this.step(
      lent.then((giveBack) => {
        this.atEnd(giveBack);
        return giveBack;
      }),
    );
  }

  /** Gives something back when the course is over, however it ends; at once when it is over already. */
  atEnd(giveBack: () => void): void {
    if (this.#over) giveBack();
    else this.#atEnd.push(giveBack);
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.#timers) timer[Symbol.dispose]();
    for (const giveBack of this.#atEnd.toReversed()) giveBack();
  }
}
