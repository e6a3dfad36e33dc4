import { HOUR, MINUTE, type Clock } from '@anyseat/base';
import type { Desktop, DesktopId } from '../domain/desktop.ts';
import type { FillPace } from '../domain/pool/size.ts';
import { Ages } from './ages.ts';
import { PoolHealth } from './poolHealth.ts';
import { PoolImages } from './poolImages.ts';
import { RefillWatch } from './refillWatch.ts';
import { Sizes } from './sizes.ts';
import type { Snapshot } from './snapshots.ts';

const BOOTS_REMEMBERED = 20;
/** Before anything was measured: a Windows desktop that is not in a hurry. */
const UNMEASURED_MS = 10 * MINUTE;

/** What the hub knows of a pool beyond the rows of its desktops. Nothing here is missed for long after a restart. */
export class PoolMemory {
  readonly ages: Ages;
  readonly health: PoolHealth;
  readonly sizes: Sizes;
  readonly images = new PoolImages();
  readonly refill: RefillWatch;
  /** The revision of the specification since which desktops are made as they are today, and for which that was found out. */
  madeSince: { of: number; since: number } = { of: 0, since: 0 };
  /** Why the last look failed, if it did. */
  failure: string | undefined;
  /** Why nothing new may be created though there is room. */
  paused: string | undefined;
  /** When the first complete listing began that left out the server of a desktop, epoch ms. */
  readonly missingSince = new Map<DesktopId, number>();
  /** Ready desktops that are not as they would be made today. */
  stale = 0;
  #bootMs: number[] = [];

  constructor(clock: Clock) {
    this.ages = new Ages(clock);
    this.health = new PoolHealth(clock);
    this.sizes = new Sizes(clock);
    this.refill = new RefillWatch(clock);
  }

  /** Milliseconds from the order to the proof, of the last boots, newest last. */
  get bootMs(): readonly number[] {
    return this.#bootMs;
  }

  booted(tookMs: number): void {
    this.#bootMs = [...this.#bootMs, tookMs].slice(-BOOTS_REMEMBERED);
  }

  /** From what the rows say of earlier boots, by the wall clock: better than nothing after a restart. */
  recall(desktops: readonly Desktop[]): void {
    this.#bootMs = desktops
      .filter((d) => d.askedAt !== undefined && d.readyAt !== undefined)
      .sort((a, b) => a.readyAt! - b.readyAt!)
      .map((d) => d.readyAt! - d.askedAt!)
      .filter((ms) => ms > 0 && ms < 2 * HOUR)
      .slice(-BOOTS_REMEMBERED);
  }

  /** Notes what this listing leaves out, and forgets what it has. */
  listed(desktops: readonly Desktop[], seen: Pick<Snapshot, 'byId' | 'complete' | 'startedAt'>): void {
    if (!seen.complete) return;
    const absent = desktops.filter((d) => d.serverId !== undefined && !seen.byId.has(d.serverId));
    const still = new Set(absent.map((d) => d.id));
    for (const id of this.missingSince.keys()) if (!still.has(id)) this.missingSince.delete(id);
    for (const { id } of absent) if (!this.missingSince.has(id)) this.missingSince.set(id, seen.startedAt);
  }

  /** @param atOnce what its specification and the hub allow */
  pace(atOnce: number): FillPace {
    const sorted = this.#bootMs.toSorted((a, b) => a - b);
    return { bootMs: sorted[Math.floor(sorted.length / 2)] ?? UNMEASURED_MS, atOnce };
  }
}
