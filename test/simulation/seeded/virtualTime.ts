import type { Clock } from '@anyseat/base';
import { settled } from './machine.ts';

interface Happening {
  at: number;
  order: number;
  fn: (() => void) | undefined;
}

/**
 * The one time of a simulated world. Things happen in order of time, those of one moment in the order in which they were
 * planned, each to its end before the next; nothing else ever happens, so the same plans give the same world.
 */
export class VirtualTime {
  #now = 0;
  #planned = 0;
  readonly #heap: Happening[] = [];

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  at(inMs: number, fn: () => void): Disposable {
    const happening: Happening = { at: this.#now + Math.max(0, inMs), order: this.#planned++, fn };
    this.#push(happening);
    return { [Symbol.dispose]: () => (happening.fn = undefined) };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.at(ms, resolve));
  }

  /**
   * Lets everything happen that is planned before `until`.
   * @param after called when a happening has had all its consequences; true stops the world there
   */
  async pass(until: number, after: () => boolean): Promise<void> {
    await settled();
    for (let next = this.#pop(until); next; next = this.#pop(until)) {
      this.#now = next.at;
      next.fn?.();
      await settled();
      if (after()) return;
    }
    this.#now = until;
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let i = heap.push(happening) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  /** The next one that was not called off. */
  #pop(until: number): Happening | undefined {
    const heap = this.#heap;
    while (heap[0] && heap[0].at < until) {
      const first = heap[0];
      const last = heap.pop()!;
      if (heap.length > 0) {
        heap[0] = last;
        this.#sink();
      }
      if (first.fn) return first;
    }
    return undefined;
  }

  #sink(): void {
    const heap = this.#heap;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (heap[child] && isBefore(heap[child], heap[least]!)) least = child;
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}

const isBefore = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Where the world's wall clock begins: a Monday morning. */
const BEGINNING = Date.UTC(2026, 10, 23, 0);

/** The clock of one machine in the world, as good or as bad as somebody set it. */
export class MachineClock implements Clock {
  readonly #time: VirtualTime;
  /** Of its wall clock, milliseconds. */
  offset = 0;
  /** A process that is gone waits for nothing. */
  stopped = false;
  /** The machine stands still until then: what is due happens when it goes on. */
  standsStillUntil = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  now(): number {
    return Math.round(BEGINNING + this.#time.now + this.offset);
  }

  monotonic(): number {
    return this.#time.now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = () => {
        timer[Symbol.dispose]();
        reject(signal!.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  after(ms: number, fn: () => void): Disposable {
    let timer = this.#time.at(ms, () => {
      timer = this.whenItRuns(fn);
    });
    return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }

  /** Now, or as soon as the machine goes on; not at all when the process is gone. */
  whenItRuns(fn: () => void): Disposable {
    const waitMs = this.standsStillUntil - this.#time.now;
    if (waitMs > 0) return this.#time.at(waitMs, () => void this.whenItRuns(fn));
    if (!this.stopped) fn();
    return { [Symbol.dispose]: () => undefined };
  }
}
