import type { Hint, HintKind } from '@anyseat/protocol';
import { eventsAddress } from './api.ts';

type Listener = (kinds: readonly HintKind[] | 'all') => void;

const AGAIN_MS = 1500;

/**
 * Hears the hub's hints and passes them on. Whenever the line was down everything may have changed, so everybody is told
 * `all`. Whether the line is up is for the eye.
 */
export class Live {
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Set<() => void>();
  #up = true;

  /** @param onGone the hub answered, and not with hints: the session may be over. It is tried again all the same. */
  open(onGone: () => void): Disposable {
    let timer = 0;
    const again = () => {
      timer = window.setTimeout(() => {
        onGone();
        source = this.#listenTo(again);
      }, AGAIN_MS);
    };
    let source = this.#listenTo(again);
    return {
      [Symbol.dispose]: () => {
        window.clearTimeout(timer);
        source.close();
      },
    };
  }

  get up(): boolean {
    return this.#up;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  #listenTo(closed: () => void): EventSource {
    const source = new EventSource(eventsAddress);
    source.addEventListener('open', () => {
      this.#say('all');
      this.#set(true);
    });
    source.addEventListener('message', (event: MessageEvent<string>) => {
      const { kinds } = JSON.parse(event.data) as Hint;
      this.#say(kinds);
    });
    source.addEventListener('error', () => {
      this.#set(false);
      if (source.readyState === EventSource.CLOSED) closed();
    });
    return source;
  }

  #say(kinds: readonly HintKind[] | 'all'): void {
    for (const listener of this.#listeners) listener(kinds);
  }

  #set(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    for (const watcher of this.#watchers) watcher();
  }
}
