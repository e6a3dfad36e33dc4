import type { Clock } from '@anyseat/base';
import { IdleMeter } from '../../common/idleMeter.ts';
import type { Input, InputMeter } from './input.ts';

/** Input that nobody made, for tests and for headless agents: whoever holds it touches what is counted now. */
export class FakeInput implements Input {
  readonly #clock: Clock;
  /** What counts now; undefined while nothing does. */
  meter: IdleMeter | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  count(): InputMeter {
    const meter = new IdleMeter(() => this.#clock.monotonic());
    this.meter = meter;
    return {
      read: () => meter.read(),
      [Symbol.dispose]: () => {
        if (this.meter === meter) this.meter = undefined;
      },
    };
  }
}
