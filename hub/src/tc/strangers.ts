import type { Duplex } from 'node:stream';
import { SECOND, type Clock } from '@anyseat/base';

/** Sockets that have not said who they are. */
const MOST_STRANGERS = 1000;
/** An agent's hello is there in a fraction of it; whoever has said nothing for so long gives its place to the next. */
const IN_TIME = 2 * SECOND;

/** Those at the door whom nobody knows yet: a bounded number, and none of them long at the price of another. */
export class Strangers {
  readonly #clock: Clock;
  /** The longest there first. */
  readonly #since = new Map<Duplex, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns what to call when it is no stranger any more; undefined when there is no room for it now. */
  add(socket: Duplex): (() => void) | undefined {
    const now = this.#clock.monotonic();
    if (this.#since.size >= MOST_STRANGERS) {
      const [first] = this.#since;
      if (!first || now - first[1] < IN_TIME) return undefined;
      this.#since.delete(first[0]);
      first[0].destroy();
    }
    this.#since.set(socket, now);
    return () => this.#since.delete(socket);
  }
}
