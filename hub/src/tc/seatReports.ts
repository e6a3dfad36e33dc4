import { MINUTE, type Clock } from '@anyseat/base';
import type { ActivityReport } from '@anyseat/protocol';
import type { Activity } from '../domain/activity.ts';
import type { Session, TcId } from '../domain/session.ts';

/** Four reports that did not come: what was said before says nothing of now. */
const STALE_MS = MINUTE;

/** Whose word it is, and on which connection; a `Connection`. */
export interface Reporter {
  readonly tc: { readonly id: TcId };
  readonly epoch: number;
}

/**
 * What seats said last of themselves. In memory alone: ten thousand seats say it four times a minute, and after a restart
 * of the hub they have all said it again before anybody missed it. A seat that is not heard of is *unknown*, never idle.
 */
export class SeatReports {
  readonly #clock: Clock;
  readonly #activity = new Map<TcId, { at: number; report: ActivityReport }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A report of an older connection speaks of a world that is gone. */
  onActivity(report: ActivityReport, { tc, epoch }: Reporter): void {
    if (report.epoch === epoch) this.#activity.set(tc.id, { at: this.#clock.monotonic(), report });
  }

  /**
   * What the person of this session does; undefined while nobody knows: its seat is silent, cannot count, or speaks of
   * another session. `idleMs` is as of now, by the monotonic clock.
   */
  inputOf({ id, tc }: Pick<Session, 'id' | 'tc'>): Activity | undefined {
    const last = this.#activity.get(tc);
    if (!last || last.report.sessionId !== id) return undefined;
    const sinceMs = this.#clock.monotonic() - last.at;
    if (sinceMs > STALE_MS) {
      this.#activity.delete(tc);
      return undefined;
    }
    const { idleMs, overMs, keys, clicks, wheel, moves } = last.report;
    return { idleMs: Math.round(idleMs + sinceMs), overMs, keys, clicks, wheel, moves };
  }
}
