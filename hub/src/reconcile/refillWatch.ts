import { HOUR, type Clock } from '@anyseat/base';
import { isOnItsWay, takesRoom, type Desktop } from '../domain/desktop.ts';
import type { Refill } from '../domain/expectedWait.ts';

const READIES_REMEMBERED = 20;
/** What was so long ago says nothing of now. */
const LONGEST_GAP_MS = HOUR;

/** What a pool has on its way and how often it has one ready, for the wait that people are told. */
export class RefillWatch {
  readonly #clock: Clock;
  #coming: readonly number[] = [];
  #room = 0;
  #atOnce = 0;
  #lookedAt = 0;
  #readyAt: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  looked(desktops: readonly Desktop[], ceiling: number, atOnce: number): void {
    const now = this.#clock.now();
    this.#coming = desktops.filter(isOnItsWay).map((d) => Math.max(0, now - (d.askedAt ?? now)));
    this.#room = Math.max(0, ceiling - desktops.filter(takesRoom).length);
    // Wanted ones have their room already, and no server yet.
    this.#room += desktops.filter((d) => d.state === 'wanted').length;
    this.#atOnce = atOnce;
    this.#lookedAt = this.#clock.monotonic();
  }

  becameReady(): void {
    this.#readyAt = [...this.#readyAt, this.#clock.monotonic()].slice(-READIES_REMEMBERED);
  }

  refill(bootMs: readonly number[]): Refill {
    const now = this.#clock.monotonic();
    const sinceMs = now - this.#lookedAt;
    const gaps = this.#readyAt.slice(1).map((at, i) => at - this.#readyAt[i]!);
    const last = this.#readyAt.at(-1);
    const isOld = last === undefined || now - last > LONGEST_GAP_MS;
    return {
      bootMs,
      comingMs: this.#coming.map((ms) => ms + sinceMs),
      atOnce: this.#atOnce,
      room: this.#room,
      gapsMs: isOld ? [] : gaps.filter((ms) => ms <= LONGEST_GAP_MS),
    };
  }
}
