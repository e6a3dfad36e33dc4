import type { Clock, Log } from '@anyseat/base';
import type { FromTc, HealthReport, Welcome } from '@anyseat/protocol';
import type { Health } from './health/health.ts';

export interface HealthReporterDeps {
  health: Health;
  clock: Clock;
  log: Log;
  /** From the pings of the connection that stands now. */
  roundTrip: () => HealthReport['hub'];
  clockOffsetMs: () => number;
  send: (frame: FromTc) => void;
}

/** As against reports of what people do. */
const TIMES_AS_RARELY = 2;

/**
 * Tells the hub how this box is, and what is plugged into it: at a random part of the first interval of a connection, and then
 * each interval; the inventory only where it is not what this connection was told already.
 */
export class HealthReporter implements Disposable {
  readonly #deps: HealthReporterDeps;
  #welcome: Pick<Welcome, 'epoch' | 'reportEveryMs'> | undefined;
  #timer: Disposable | undefined;
  #told = '';
  #toldAt: number;

  constructor(deps: HealthReporterDeps) {
    this.#deps = deps;
    this.#toldAt = deps.clock.monotonic();
  }

  /** The connection that stands from now on; undefined: none. */
  follow(welcome: Pick<Welcome, 'epoch' | 'reportEveryMs'> | undefined): void {
    const before = this.#welcome;
    if (before?.epoch === welcome?.epoch && before?.reportEveryMs === welcome?.reportEveryMs) return;
    this.#welcome = welcome;
    this.#timer?.[Symbol.dispose]();
    this.#told = '';
    if (welcome) this.#reportIn(Math.random() * welcome.reportEveryMs * TIMES_AS_RARELY);
  }

  [Symbol.dispose](): void {
    this.follow(undefined);
  }

  #reportIn(ms: number): void {
    const of = this.#welcome;
    this.#timer = this.#deps.clock.after(ms, () => {
      this.#report()
        .catch((error: unknown) => this.#deps.log.error({ err: error }, 'this box cannot say how it is'))
        .finally(() => {
          if (of && of === this.#welcome) this.#reportIn(of.reportEveryMs * TIMES_AS_RARELY);
        });
    });
  }

  async #report(): Promise<void> {
    const { health, clock, send, roundTrip, clockOffsetMs } = this.#deps;
    const of = this.#welcome;
    const [box, inventory] = await Promise.all([health.read(), health.inventory()]);
    // Another connection while we looked: it has its own first report.
    if (!of || of !== this.#welcome) return;
    const { epoch } = of;
    const text = JSON.stringify(inventory);
    if (text !== this.#told) send({ type: 'inventory', epoch, ...inventory });
    this.#told = text;
    const now = clock.monotonic();
    const hub = roundTrip();
    const overMs = Math.round(now - this.#toldAt);
    this.#toldAt = now;
    send({
      type: 'health',
      epoch,
      overMs,
      ...box,
      ...(hub ? { hub } : {}),
      clockOffsetMs: clockOffsetMs(),
    });
  }
}
