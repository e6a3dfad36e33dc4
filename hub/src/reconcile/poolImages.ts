import { MINUTE, SECOND, toFault, type Clock, type Log } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import { imageToUse, type ImageRevision } from '../domain/pool/imageRevision.ts';
import type { Store } from '../store/store.ts';

const LOOK_EVERY_MS = MINUTE;
/** Used desktops wait for the answer. */
const ASK_AGAIN_MS = 5 * SECOND;

interface Deps {
  store: Store;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/**
 * Which image a pool's name stands for, and whether its servers can be rebuilt. Looked up beside the pool's looks, which never wait for Glance: an image that
 * cannot be looked up makes no desktop stale.
 */
export class PoolImages {
  #name: string | undefined;
  #current: string | undefined;
  #revisions: readonly ImageRevision[] = [];
  #lookedAt = -Infinity;
  #looking = false;
  #wantsRebuild = false;
  /** In words; null when nothing speaks against it. For the recipe that it was asked for. */
  #notRebuilt: { recipe: string; why: string | null } | undefined;

  /** All that the pool ever knew, newest first. */
  get revisions(): readonly ImageRevision[] {
    return this.#revisions;
  }

  /** What new desktops are made from. */
  use(specRevision: number): string | undefined {
    return imageToUse(this.#current, this.#revisions, specRevision);
  }

  /** What the name stands for, whether it is used or not. */
  get current(): string | undefined {
    return this.#current;
  }

  /** Why used desktops are replaced though they are to be rebuilt; null: they are rebuilt; undefined: not known yet. */
  whyNotRebuilt(spec: PoolSpec): string | null | undefined {
    return this.#notRebuilt?.recipe === recipeOf(spec) ? this.#notRebuilt.why : undefined;
  }

  /** @param onNews the pool is to be looked at again */
  refresh(
    { name: pool, spec, wantsRebuild }: { name: string; spec: PoolSpec; wantsRebuild: boolean },
    cloud: Cloud,
    onNews: () => void,
    deps: Deps,
  ): void {
    this.#wantsRebuild = wantsRebuild;
    if (!wantsRebuild) this.#notRebuilt = undefined;
    if (this.#name !== spec.image) {
      this.#name = spec.image;
      this.#current = undefined;
      this.#lookedAt = -Infinity;
    }
    const isAsked = !wantsRebuild || this.whyNotRebuilt(spec) !== undefined;
    const restMs = isAsked ? LOOK_EVERY_MS : ASK_AGAIN_MS;
    if (this.#looking || deps.clock.monotonic() - this.#lookedAt < restMs) return;
    this.#looking = true;
    this.#lookedAt = deps.clock.monotonic();
    // It never rejects.
    this.#look(pool, spec, cloud, deps).then(
      (news) => {
        this.#looking = false;
        if (news) onNews();
      },
      () => undefined,
    );
  }

  /** Something about its revisions was recorded. */
  async reload(pool: string, store: Store): Promise<void> {
    this.#revisions = await store.images(pool);
  }

  async #look(pool: string, spec: PoolSpec, cloud: Cloud, { store, log, signal }: Deps): Promise<boolean> {
    const { image: name } = spec;
    try {
      const image = await cloud.image(name, signal);
      const learnt = await this.#learnRebuild(spec, cloud, signal);
      if (this.#name !== name) return false;
      const news = this.#current !== image;
      if (news) {
        await store.recordImage(pool, image, { kind: 'seen' });
        await this.reload(pool, store);
        const revision = this.#revisions.find((one) => one.image === image)?.revision;
        log.info({ pool, image, revision }, 'what the image name of a pool stands for');
      }
      this.#current = image;
      return news || learnt;
    } catch (error) {
      if (!signal.aborted)
        log.debug({ pool, why: toFault(error).message }, 'an image could not be looked up');
      return false;
    }
  }

  /** @returns whether it was not known before */
  async #learnRebuild(spec: PoolSpec, cloud: Cloud, signal: AbortSignal): Promise<boolean> {
    if (!this.#wantsRebuild) return false;
    const before = this.whyNotRebuilt(spec);
    const why = (await cloud.whyNotRebuilt(spec, signal)) ?? null;
    this.#notRebuilt = { recipe: recipeOf(spec), why };
    return before !== why;
  }
}

const recipeOf = ({ cloud, image, flavor }: PoolSpec): string => JSON.stringify([cloud, image, flavor]);
