import { MINUTE, toFault, type Clock, type Log } from '@anyseat/base';
import type { PoolSpec } from '@anyseat/protocol';
import type { Cloud } from '../cloud/cloud.ts';
import { imageToUse, type ImageRevision } from '../domain/pool/imageRevision.ts';
import type { Store } from '../store/store.ts';

const LOOK_EVERY_MS = MINUTE;

interface Deps {
  store: Store;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/**
 * Which image a pool's name stands for. Looked up beside the pool's looks, which never wait for Glance: an image that
 * cannot be looked up makes no desktop stale.
 */
export class PoolImages {
  #name: string | undefined;
  #current: string | undefined;
  #revisions: readonly ImageRevision[] = [];
  #lookedAt = -Infinity;
  #looking = false;

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

  /** @param onNews the pool is to be looked at again */
  refresh(pool: string, spec: PoolSpec, cloud: Cloud, onNews: () => void, deps: Deps): void {
    if (this.#name !== spec.image) {
      this.#name = spec.image;
      this.#current = undefined;
      this.#lookedAt = -Infinity;
    }
    if (this.#looking || deps.clock.monotonic() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#looking = true;
    this.#lookedAt = deps.clock.monotonic();
    // It never rejects.
    this.#look(pool, spec.image, cloud, deps).then(
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

  async #look(pool: string, name: string, cloud: Cloud, { store, log, signal }: Deps): Promise<boolean> {
    try {
      const image = await cloud.image(name, signal);
      if (this.#name !== name) return false;
      const news = this.#current !== image;
      if (news) {
        await store.recordImage(pool, image, { kind: 'seen' });
        await this.reload(pool, store);
        const revision = this.#revisions.find((one) => one.image === image)?.revision;
        log.info({ pool, image, revision }, 'what the image name of a pool stands for');
      }
      this.#current = image;
      return news;
    } catch (error) {
      if (!signal.aborted)
        log.debug({ pool, why: toFault(error).message }, 'an image could not be looked up');
      return false;
    }
  }
}
