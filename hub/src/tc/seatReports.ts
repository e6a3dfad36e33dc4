import { hash } from 'node:crypto';
import { messageOf, MINUTE, SECOND, toFault, type Clock, type Log } from '@anyseat/base';
import type { ActivityReport, HealthReport, InventoryReport } from '@anyseat/protocol';
import type { Activity } from '../domain/activity.ts';
import { takeInventory, type Inventory } from '../domain/inventory.ts';
import type { Session, TcId } from '../domain/session.ts';
import type { TcHealth } from '../domain/tcHealth.ts';
import type { Store } from '../store/store.ts';

/** Four reports that did not come: what was said before says nothing of now. */
const STALE_MS = MINUTE;
const STALE_HEALTH_MS = 3 * MINUTE;
/** What is plugged in and out more often is written no more often. */
const WRITE_EVERY_MS = 30 * SECOND;

export interface SeatReportsDeps {
  store: Pick<Store, 'inventoryOf' | 'recordInventory'>;
  clock: Clock;
  log: Log;
}

/** Whose word it is, and on which connection; a `Connection`. */
export interface Reporter {
  readonly tc: { readonly id: TcId };
  readonly epoch: number;
}

/**
 * What seats said last of themselves. In memory: ten thousand seats say it four times a minute, and after a restart of the
 * hub they have all said it again before anybody missed it. A seat that is not heard of is *unknown*, never idle and never
 * well. An inventory alone is written, and only when it is another one.
 */
export class SeatReports {
  readonly #deps: SeatReportsDeps;
  readonly #activity = new Map<TcId, { at: number; report: ActivityReport }>();
  readonly #health = new Map<TcId, { at: number; health: TcHealth }>();
  /** Of the inventory that the store has, as far as this run of the hub has seen it. */
  readonly #written = new Map<TcId, { hash: string; at: number }>();
  readonly #toWrite = new Map<TcId, Inventory>();

  constructor(deps: SeatReportsDeps) {
    this.#deps = deps;
  }

  /** A report of an older connection speaks of a world that is gone. */
  onActivity(report: ActivityReport, { tc, epoch }: Reporter): void {
    if (report.epoch === epoch) this.#activity.set(tc.id, { at: this.#deps.clock.monotonic(), report });
  }

  async onHealth({ type: _type, epoch, ...health }: HealthReport, by: Reporter): Promise<void> {
    if (epoch !== by.epoch) return;
    this.#health.set(by.tc.id, { at: this.#deps.clock.monotonic(), health });
    await this.#write(by.tc.id);
  }

  async onInventory(
    { type: _type, epoch, ...inventory }: InventoryReport,
    { tc, epoch: now }: Reporter,
  ): Promise<void> {
    if (epoch !== now) return;
    this.#toWrite.set(tc.id, inventory);
    await this.#write(tc.id);
  }

  /**
   * What the person of this session does; undefined while nobody knows: its seat is silent, cannot count, or speaks of
   * another session. `idleMs` is as of now, by the monotonic clock.
   */
  inputOf({ id, tc }: Pick<Session, 'id' | 'tc'>): Activity | undefined {
    const last = this.#activity.get(tc);
    if (!last || last.report.sessionId !== id) return undefined;
    const sinceMs = this.#deps.clock.monotonic() - last.at;
    if (sinceMs > STALE_MS) {
      this.#activity.delete(tc);
      return undefined;
    }
    const { idleMs, overMs, keys, clicks, wheel, moves } = last.report;
    return { idleMs: Math.round(idleMs + sinceMs), overMs, keys, clicks, wheel, moves };
  }

  /** How a TC is; undefined where it has said nothing for three minutes. */
  healthOf(tc: TcId): TcHealth | undefined {
    const last = this.#health.get(tc);
    if (!last) return undefined;
    if (this.#deps.clock.monotonic() - last.at <= STALE_HEALTH_MS) return last.health;
    this.#health.delete(tc);
    return undefined;
  }

  /** Writes what waits to be written, if it is new and not too soon; the next word of the TC tries again. */
  async #write(tc: TcId): Promise<void> {
    const { store, clock, log } = this.#deps;
    const inventory = this.#toWrite.get(tc);
    if (!inventory) return;
    const last = this.#written.get(tc);
    const now = hash('sha256', JSON.stringify(inventory), 'hex');
    if (last?.hash !== now && last && clock.monotonic() - last.at < WRITE_EVERY_MS) return;
    this.#toWrite.delete(tc);
    if (last?.hash === now) return;
    this.#written.set(tc, { hash: now, at: clock.monotonic() });
    try {
      const before = await store.inventoryOf(tc);
      if (before && JSON.stringify(before.inventory) === JSON.stringify(inventory)) {
        this.#written.set(tc, { hash: now, at: -Infinity });
        return;
      }
      const news = takeInventory(before, inventory, clock.now());
      await store.recordInventory(tc, news);
      if (news.lost.length > 0) log.warn({ tc, lost: news.lost }, 'a headset is missing');
      if (news.back.length > 0) log.info({ tc, back: news.back }, 'a headset is back');
    } catch (error) {
      this.#written.delete(tc);
      if (!this.#toWrite.has(tc)) this.#toWrite.set(tc, inventory);
      if (toFault(error).retry !== 'transient') throw error;
      log.debug({ tc, why: messageOf(error) }, 'an inventory could not be kept yet');
    }
  }
}
