import type { Clock } from '@anyseat/base';

interface Timer {
  at: number;
  fn: () => void;
}

/** Time that passes only when told to. Timers run in order, and what they set going settles before time goes on. */
export class VirtualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  constructor(now = Date.UTC(2026, 10, 23, 8)) {
    this.#now = now;
  }

  now = (): number => this.#now;
  monotonic = (): number => this.#now;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.after(ms, resolve);
      signal?.addEventListener('abort', () => {
        timer[Symbol.dispose]();
        reject(signal.reason as Error);
      });
    });
  }

  after(ms: number, fn: () => void): Disposable {
    const timer: Timer = { at: this.#now + ms, fn };
    // Behind those of the same time: they were first.
    const before = this.#timers.findLastIndex((other) => other.at <= timer.at);
    this.#timers.splice(before + 1, 0, timer);
    return {
      [Symbol.dispose]: () => {
        // One of the same moment may be disposed of by another.
        timer.fn = () => {};
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    while (this.#timers[0] && this.#timers[0].at <= end) {
      const { at } = this.#timers[0];
      this.#now = Math.max(this.#now, at);
      const due = this.#timers.filter((timer) => timer.at <= at);
      this.#timers.splice(0, due.length);
      for (const timer of due) timer.fn();
      await settled();
    }
    this.#now = end;
  }
}

/** Everything that needed no time has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
