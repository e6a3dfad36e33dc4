import { SECOND, type Clock, type Log } from '@anyseat/base';
import type { Cloud } from '../cloud/cloud.ts';
import type { Desktop, DesktopId } from '../domain/desktop.ts';
import { isSwapped } from '../domain/swap.ts';
import type { Store } from '../store/store.ts';
import { Rounds } from './rounds.ts';

export interface AutopsiesDeps {
  store: Pick<Store, 'desktops' | 'consoleLogs' | 'keepConsoleLog'>;
  clouds: ReadonlyMap<string, Cloud>;
  clock: Clock;
  log: Log;
}

const EVERY_MS = 10 * SECOND;
const LINES = 2000;
const WITHIN_MS = 15 * SECOND;
/** Of characters; the last ones say why. */
const MOST = 256 * 1024;
const MOST_TRIES = 20;

/**
 * Keeps the console log of every desktop that was swapped, while its server is there to tell it. What was missed, for a
 * cloud that was away or a hub that died, is asked for in a later round.
 */
export class Autopsies implements AsyncDisposable {
  readonly #deps: AutopsiesDeps;
  readonly #rounds: Rounds;
  readonly #tries = new Map<DesktopId, number>();
  #looking = Promise.resolve();

  constructor(deps: AutopsiesDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      clock: deps.clock,
      log: deps.log,
      restMs: EVERY_MS,
      failed: 'a console log could not be kept',
      round: () => this.look(),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  /** At once, for one that was swapped just now; one look after the other. Never throws. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      if (!this.#rounds.signal.aborted) await this.#rounds.attempt(() => this.#keepAll());
    });
    return this.#looking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
    await this.#looking;
  }

  async #keepAll(): Promise<void> {
    const { store } = this.#deps;
    const kept = await store.consoleLogs();
    const open = (await store.desktops({ state: 'quarantined' })).filter(
      (d) => isSwapped(d) && !kept.has(d.id),
    );
    for (const id of this.#tries.keys()) if (!open.some((d) => d.id === id)) this.#tries.delete(id);
    for (const desktop of open) {
      const tries = (this.#tries.get(desktop.id) ?? 0) + 1;
      if (tries > MOST_TRIES || this.#rounds.signal.aborted) continue;
      this.#tries.set(desktop.id, tries);
      await this.#rounds.attempt(() => this.#keep(desktop), { desktop: desktop.id });
    }
  }

  async #keep({ id, cloud: name, serverId }: Desktop): Promise<void> {
    const { clouds, store } = this.#deps;
    const cloud = clouds.get(name);
    if (!cloud || serverId === undefined) return;
    const limit = AbortSignal.any([this.#rounds.signal, AbortSignal.timeout(WITHIN_MS)]);
    const text = await cloud.consoleLog(serverId, LINES, limit);
    await store.keepConsoleLog(id, (text ?? '').slice(-MOST));
  }
}
