import type { Clock } from '@anyseat/base';

interface Timer {
  at: number;
  fn: () => void;
}

/** Time that passes only when told to. Timers run in order, and what they set going settles before the next one. */
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
    const later = this.#timers.findIndex((other) => other.at > timer.at);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    return { [Symbol.dispose]: () => void (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  get pending(): number {
    return this.#timers.length;
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    while (this.#timers[0] && this.#timers[0].at <= end) {
      const timer = this.#timers.shift()!;
      this.#now = Math.max(this.#now, timer.at);
      timer.fn();
      await settled();
    }
    this.#now = end;
  }
}

/** Everything that needed no time has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
