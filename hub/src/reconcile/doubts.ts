import { MINUTE, type Clock, type Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import { theHub } from '../domain/audit.ts';
import type { Desktop, DesktopId } from '../domain/desktop.ts';
import type { Store } from '../store/store.ts';
import type { Lanes } from './lanes.ts';
import { answers } from './proof.ts';

export interface DoubtsDeps {
  store: Pick<Store, 'desktop' | 'recordDesktop'>;
  clouds: ReadonlyMap<string, Cloud>;
  clock: Clock;
  log: Log;
  lanes: Lanes;
  mayBeLinked: (desktop: Desktop) => boolean;
  /** How many links there are. */
  standing: () => number;
  /** A desktop of this pool is ready no more. */
  lookAtPool: (pool: string) => void;
}

/** What has one cause comes together; only then is it seen how much it is. */
const LOOK_AFTER_MS = 300;
/** Of the last minute: up to so many, or a tenth of all, are the desktops' own; more are the network's, or ours. */
const FEW = 5;
const SHARE = 0.1;

/**
 * Ready desktops whose link ended or could not be made. Each is looked at in a way that throws nobody out; one that does not
 * answer is ready no more, until its pool has proved it again. While many are in doubt nothing is concluded (rule 11).
 */
export class Doubts {
  readonly #deps: DoubtsDeps;
  #begunAt: number[] = [];

  constructor(deps: DoubtsDeps) {
    this.#deps = deps;
  }

  /** @param why it is no good, where that is known; else it is looked at */
  add(desktop: DesktopId, why: string | undefined): void {
    const { clock, log, lanes } = this.#deps;
    this.#begunAt.push(clock.monotonic());
    const look = () =>
      this.#look(desktop, why).catch((error: unknown) =>
        log.warn({ desktop, err: error }, 'a desktop in doubt could not be looked at'),
      );
    clock.after(LOOK_AFTER_MS, () => lanes.run('look', look));
  }

  async #look(id: DesktopId, known: string | undefined): Promise<void> {
    const { store, clouds, clock, log, mayBeLinked, lookAtPool } = this.#deps;
    if (this.#areMany()) return log.debug({ desktop: id }, 'many links ended at once');
    const desktop = await store.desktop(id);
    const cloud = desktop && clouds.get(desktop.cloud);
    if (!cloud || !mayBeLinked(desktop)) return;
    let why = known;
    if (why === undefined) {
      const found = await answers(desktop.endpoint!, cloud.spice, clock);
      if (found.ok) return log.debug({ desktop: id }, 'it answers: somebody else has linked, or it is slow');
      why = found.text;
    }
    if (this.#areMany()) return;
    if (!(await store.recordDesktop(id, { kind: 'unproved', text: why }, theHub))) return;
    log.warn({ desktop: id, why }, 'a ready desktop does not answer any more');
    lookAtPool(desktop.pool);
  }

  #areMany(): boolean {
    const { clock, standing } = this.#deps;
    const from = clock.monotonic() - MINUTE;
    this.#begunAt = this.#begunAt.filter((at) => at > from);
    const many = this.#begunAt.length;
    return many > Math.max(FEW, SHARE * (standing() + many));
  }
}
