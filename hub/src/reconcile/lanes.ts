/** How many steps of a kind run at once, hub-wide. */
const WIDTH = { create: 8, remove: 5, look: 32 } as const;

export type Lane = keyof typeof WIDTH;

/** Bounded concurrency by kind of work. Nothing given to a lane is lost; the end waits for what runs and drops what waits. */
export class Lanes implements AsyncDisposable {
  readonly #waiting = new Map<Lane, (() => Promise<void>)[]>();
  readonly #running = new Map<Lane, Set<Promise<void>>>();
  #closed = false;

  /** `work` must not throw. */
  run(lane: Lane, work: () => Promise<void>): void {
    if (this.#closed) return;
    this.#list(this.#waiting, lane, () => []).push(work);
    this.#pump(lane);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    await Promise.all([...this.#running.values()].flatMap((running) => [...running]));
  }

  #pump(lane: Lane): void {
    const waiting = this.#list(this.#waiting, lane, () => []);
    const running = this.#list(this.#running, lane, () => new Set());
    while (running.size < WIDTH[lane]) {
      const work = waiting.shift();
      if (!work) return;
      const done: Promise<void> = work().finally(() => {
        running.delete(done);
        this.#pump(lane);
      });
      running.add(done);
    }
  }

  #list<T>(map: Map<Lane, T>, lane: Lane, make: () => T): T {
    let list = map.get(lane);
    if (list === undefined) {
      list = make();
      map.set(lane, list);
    }
    return list;
  }
}
