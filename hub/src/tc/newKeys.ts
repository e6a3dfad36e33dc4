import type { Clock } from '@anyseat/base';
import { TokenBucket } from './tokenBucket.ts';

/** A room of new boxes at once; after that one a second. */
const BURST = 200;
const PER_SECOND = 1;
const MOST_ADDRESSES = 10_000;

/**
 * How many keys that nobody knows one address may show us. Each leaves a row for an operator to look at and one in the
 * audit chain, which is for ever: somebody who makes keys all day would fill the disk and bury the boxes that wait.
 */
export class NewKeys {
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  mayAppear(address: string): boolean {
    const bucket = this.#byAddress.get(address) ?? new TokenBucket(this.#clock, BURST, PER_SECOND);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, bucket);
    if (this.#byAddress.size > MOST_ADDRESSES) {
      const [oldest] = this.#byAddress.keys();
      this.#byAddress.delete(oldest!);
    }
    return bucket.take();
  }
}
